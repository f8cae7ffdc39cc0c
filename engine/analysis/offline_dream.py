"""DreamSound's recursion on a whole sound: take the gradient, combine, start from the result.

After Camara Halac & Delgadino, "DreamSound: Deep Activation Layer Sonification", ICAD 2021. The
streaming dream in `gradient_ascent.py` does the same on live sound, with less time.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Float
from ..defaults import PACK
from ..dsp.resample import resample
from ..errors import ModelError, ParameterError
from ..packs.network import Activations
from ..packs.resolve import PackOrName, resolve_pack
from ..parameter import Value
from ..targets.target import Target
from .dream_settings import DreamSettings, dream_settings
from .offline_steps import offline_steps
from .sounds import as_channels
from .windowed_gradient import SoundGradient, WindowedGradient

Directions = Mapping[str, Float]

SMALLEST_HOPS_A_WINDOW = 4


def dream(
    sound: ArrayLike,
    sample_rate: int,
    pack: PackOrName = PACK,
    *,
    target_sound: ArrayLike | None = None,
    target_rate: int | None = None,
    **values: Value,
) -> Float:
    """Return a whole sound after the paper's recursion; `innerear dream` in Python.

    Args:
        sound: (samples,) or (channels, samples), full scale at 1.
        sample_rate: of the sound, in hertz.
        pack: the network: a pack, its name, or its folder.
        target_sound: another sound, shaped as `sound`. Its strongest class is excited if `target`
            is `auto`, what the layer hears in it if that is `sound`, and it gives cut and phase to
            `combine="target"`.
        target_rate: its sample rate; by default that of `sound`.
        **values: settings by id: steps, step, combine, target, layer, ...; see `DREAM_SETTINGS`.

    Returns:
        float32 of the same shape, never above full scale. Silence stays silence.

    Raises:
        ModelError: there is no such pack, layer or target.
        ParameterError: the sound is empty, has another shape or holds NaN; or there is no such
            setting, or it cannot take that value.

    Examples:
        >>> import innerear
        >>> from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
        >>> phrase = short_phrase()[:, :SAMPLE_RATE]
        >>> dreamed = innerear.dream(phrase, SAMPLE_RATE, steps=2, target="Singing voice")
        >>> dreamed.shape == phrase.shape
        True

        The network is heard to agree:

        >>> before = innerear.hear(phrase, SAMPLE_RATE)
        >>> after = innerear.hear(dreamed, SAMPLE_RATE)
        >>> voice = before.classes.index("Singing voice")
        >>> bool(after.scores[:, voice].mean() > before.scores[:, voice].mean())
        True
    """
    settings = dream_settings(**values)
    dreaming = OfflineDream(sound, sample_rate, pack, settings, target_sound, target_rate)
    for _ in range(settings.steps):
        dreaming.advance()
    return dreaming.result().reshape(np.shape(sound))


class OfflineDream:
    """The recursion on one sound, step by step.

    The network listens at its own rate to the mix of the channels. The gradient is combined with
    each channel at that channel's own level. Frequencies above half the network's rate stay as
    they were.
    """

    def __init__(
        self,
        sound: ArrayLike,
        sample_rate: int,
        pack: PackOrName,
        settings: DreamSettings,
        target_sound: ArrayLike | None = None,
        target_rate: int | None = None,
        workers: int | None = None,
    ) -> None:
        """Prepare; the arguments are those of `dream`.

        Args:
            sound: see `dream`.
            sample_rate: of the sound, in hertz.
            pack: see `dream`.
            settings: of the recursion.
            target_sound: see `dream`.
            target_rate: its sample rate.
            workers: batches of windows that are computed at the same time; by default as many as
                there are cores.

        Raises:
            InnerearError: see `dream`.
        """
        self.pack = resolve_pack(pack)
        self.settings = settings
        self.sample_rate = sample_rate
        self._original = as_channels("sound", sound)
        self._start = _resampled(self._original, sample_rate, self.pack.sample_rate)
        samples = self._start.shape[1]
        wanted_hop = round(settings.hop_ms / 1000 * self.pack.sample_rate)
        self.hop = max(1, min(wanted_hop, self.pack.window // SMALLEST_HOPS_A_WINDOW))
        self._network = WindowedGradient(
            self.pack, samples, self.hop, settings.drive, workers=workers
        )
        # The paper's argmax needs no hysteresis: a whole sound has one target at each step.
        target = Target(
            self.pack.layers, self.pack.classes, settings.layer, settings.target, hysteresis=1.0
        )
        self._target = target
        self._fixed: Directions | None = None
        self._heard_there: Activations = {}
        third: Float | None = None
        if target.sound_layers and target_sound is None:
            raise ParameterError("The target 'sound' needs a target sound: --target-sound FILE.")
        if target_sound is not None:
            other = as_channels("target_sound", target_sound)
            third = _resampled(other, target_rate or sample_rate, self.pack.sample_rate).mean(
                axis=0
            )
            if target.is_automatic or target.sound_layers:
                listener = WindowedGradient(self.pack, len(third), self.hop)
                self._heard_there = listener.hear(third)
            if target.is_automatic:
                self._fixed = target.directions(self._heard_there)
            third = np.pad(third, (0, max(0, samples - len(third))))[:samples]
        self._steps = offline_steps(self._start, self.pack.sample_rate, settings, third)
        heard = self._network.hear(self._start.mean(axis=0))
        self._directions = self._wanted(heard)
        self._heard = [self._checked(heard)]
        self.targets: list[str] = []
        """The target of each step so far, in words."""
        self.broken = 0
        """Windows so far whose gradient was NaN; it counts as zero."""
        self.step_seconds: list[float] = []
        """Duration of each step so far."""

    @property
    def windows(self) -> int:
        """How many windows the network hears at each step."""
        return self._network.windows

    def next_gradient(self) -> SoundGradient:
        """Return the gradient and the activations of the sound as it is now."""
        mix = self._steps.heard()
        found = self._network.gradient(mix, self._directions)
        # A gradient comes with the activations that choose its target. The last target is tried
        # first: it seldom changes.
        wanted = self._wanted(found.activations)
        if not _same(wanted, self._directions):
            self._directions = wanted
            found = self._network.gradient(mix, wanted)
        return found

    def advance(self) -> None:
        """Take one step: combine the sound as it is now with its gradient."""
        started = time.perf_counter()
        found = self.next_gradient()
        if self.targets:  # the sound's own activations are there already
            self._heard.append(self._checked(found.activations))
        self.targets.append(self._target.label())
        self.broken += found.broken
        self._steps.advance(found.gradient)
        self.step_seconds.append(time.perf_counter() - started)

    def result(self) -> Float:
        """Return the sound as it is now: float32 (channels, samples), as long as it was.

        A sound whose peak is above full scale is turned down as a whole, to full scale.
        """
        result = self._unlimited()
        peak = float(np.abs(result).max())
        return result / np.float32(peak) if peak > 1.0 else result

    def gradient(self) -> Float:
        """Return the last step's gradient as loud as the sound, (1, samples) at the pack's rate."""
        level = float(self._start.mean(axis=0).std(dtype=np.float64))
        return self._steps.last_gradient()[np.newaxis] * np.float32(level)

    def report(self) -> dict[str, Any]:
        """Return what was done so far, as data.

        `scores` are those of the last target: its activation averaged over all windows (for
        `output`, the class score, 0 to 1), before the first step, after each, and in the result.
        """
        result = self.result()
        peak, loudest = float(np.abs(result).max()), float(np.abs(self._unlimited()).max())
        final = _resampled(result, self.sample_rate, self.pack.sample_rate).mean(axis=0)
        heard = [*self._heard, self._checked(self._network.hear(final))]
        scores = [_score(self._directions, activations) for activations in heard]
        return {
            "model": self.pack.name,
            "samples": self._original.shape[1],
            "sample_rate": self.sample_rate,
            "channels": self._original.shape[0],
            "settings": {**asdict(self.settings), "steps": len(self.targets)},
            "windows": self.windows,
            "window_seconds": self.pack.window / self.pack.sample_rate,
            "hop_seconds": self.hop / self.pack.sample_rate,
            "targets": list(self.targets),
            "scores": scores,
            "score_before": scores[0],
            "score_after": scores[-1],
            "change_db": _decibels(float((result - self._original).std()), self._original),
            "peak_dbfs": 20.0 * float(np.log10(peak)) if peak > 0.0 else None,
            "turned_down_db": 20.0 * float(np.log10(loudest)) if loudest > 1.0 else 0.0,
            "broken_windows": self.broken,
            "seconds_per_step": float(np.mean(self.step_seconds)) if self.step_seconds else None,
        }

    def _checked(self, activations: Activations) -> Activations:
        """Return the activations, if those of the target are finite.

        Raises:
            ModelError: they are not: the network is damaged, or cannot hear this sound.
        """
        if not np.isfinite(_score(self._directions, activations)):
            raise ModelError(
                f"The activations of {self.pack.name!r} in this sound are NaN; choose another layer"
                " or model."
            )
        return activations

    def _wanted(self, activations: Activations) -> Directions:
        if self._fixed is not None:
            return self._fixed
        return self._target.directions(activations, self._heard_there)

    def _unlimited(self) -> Float:
        model_rate = self.pack.sample_rate
        if self.sample_rate == model_rate:
            return self._steps.now()
        # Only the change is resampled: what the network cannot hear stays as it was.
        change = _resampled(self._steps.now() - self._start, model_rate, self.sample_rate)
        missing = max(0, self._original.shape[1] - change.shape[1])
        change = np.pad(change, ((0, 0), (0, missing)))[:, : self._original.shape[1]]
        return self._original + change


def _resampled(sound: Float, source: int, target: int) -> Float:
    """Return a sound (channels, samples) at another rate, at least one sample long."""
    resampled = resample(sound, source, target)
    if resampled.shape[1] == 0:
        resampled = np.zeros((len(sound), 1), np.float32)
    return np.ascontiguousarray(resampled)


def _same(one: Directions, other: Directions) -> bool:
    return all(np.array_equal(one[name], other[name]) for name in one)


def _score(directions: Directions, activations: Activations) -> float:
    return sum(float(direction @ activations[name]) for name, direction in directions.items())


def _decibels(deviation: float, reference: Float) -> float | None:
    """Return a level relative to a sound's, or None if either is silent."""
    level = float(reference.std())
    if deviation == 0.0 or level == 0.0:
        return None
    return 20.0 * float(np.log10(deviation / level))
