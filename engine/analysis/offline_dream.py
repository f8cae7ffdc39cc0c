"""DreamSound's recursion on a whole sound: take the gradient, combine, and again from the result.

After Camara Halac & Delgadino, "DreamSound: Deep Activation Layer Sonification", ICAD 2021. The
streaming recursion in `gradient_ascent.py` does on live sound what this does with all the time it
takes.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..dsp.gradient_shaping import SMALLEST_DEVIATION, GradientShaping
from ..dsp.resample import resample
from ..dsp.spectral_combinations import OfflineCombination
from ..errors import ModelError, ParameterError
from ..packs.network import Activations, PackLike
from ..packs.pack import load
from ..parameter import Value
from ..parameters import PARAMETERS
from ..targets.target import Target
from .dream_settings import DreamSettings, dream_settings
from .windowed_gradient import Slope, SoundGradient

Directions = Mapping[str, Float]

SMALLEST_HOPS_A_WINDOW = 4


def dream(
    sound: NDArray[Any],
    sample_rate: int,
    pack: PackLike | str | None = None,
    *,
    target_sound: NDArray[Any] | None = None,
    target_rate: int | None = None,
    **values: Value,
) -> Float:
    """Return a whole sound after the paper's recursion; `innerear dream` in Python.

    Args:
        sound: (samples,) or (channels, samples), full scale at 1.
        sample_rate: in hertz.
        pack: a model pack or its name.
        target_sound: another sound, whose class is excited where `target` names none, and which
            gives cut and phase to `combine="target"`; shapes as `sound`.
        target_rate: its sample rate, where it is another.
        **values: settings by id: steps, step, combine, target, layer, ... (`DREAM_SETTINGS`).

    Returns:
        float32 of the same shape, never above full scale. Silence stays silence.

    Raises:
        InnerearError: a sound that is empty or holds what is no number, or an unknown setting,
            value, layer or target.
    """
    settings = dream_settings(**values)
    dreaming = OfflineDream(sound, sample_rate, pack, settings, target_sound, target_rate)
    for _ in range(settings.steps):
        dreaming.advance()
    return dreaming.result().reshape(np.shape(sound))


class OfflineDream:
    """One sound, its recursion, and what came of it so far.

    The network listens at its own rate to the mix of the channels; the gradient meets each channel
    at that channel's own level. What lies above the network's highest frequency stays as it was.
    """

    def __init__(
        self,
        sound: NDArray[Any],
        sample_rate: int,
        pack: PackLike | str | None,
        settings: DreamSettings,
        target_sound: NDArray[Any] | None = None,
        target_rate: int | None = None,
        workers: int | None = None,
    ) -> None:
        """Prepare; the arguments are those of `dream`.

        Args:
            sound: see `dream`, as all but the last.
            sample_rate: in hertz.
            pack: the network.
            settings: of the recursion.
            target_sound: a third sound.
            target_rate: its sample rate.
            workers: batches of windows that are computed at the same time; by default as many as
                there are cores.

        Raises:
            InnerearError: see `dream`.
        """
        chosen = str(PARAMETERS["model"].default) if pack is None else pack
        self.pack: PackLike = load(chosen) if isinstance(chosen, str) else chosen
        self.settings = settings
        self.sample_rate = sample_rate
        self._original = _as_channels("sound", sound)
        self._start = _resampled(self._original, sample_rate, self.pack.sample_rate)
        self._now = self._start.copy()
        self._levels = self._start.std(axis=1, dtype=np.float64)
        samples = self._start.shape[1]
        wanted_hop = round(settings.hop_ms / 1000 * self.pack.sample_rate)
        self.hop = max(1, min(wanted_hop, self.pack.window // SMALLEST_HOPS_A_WINDOW))
        self._network = SoundGradient(self.pack, samples, self.hop, settings.drive, workers=workers)
        # The paper's argmax: no hysteresis, as there is no flicker where nothing plays on.
        target = Target(
            self.pack.layers, self.pack.classes, settings.layer, settings.target, hysteresis=1.0
        )
        self._target = target
        self._fixed: Directions | None = None
        third: Float | None = None
        if target_sound is not None:
            other = _as_channels("target_sound", target_sound)
            third = _resampled(other, target_rate or sample_rate, self.pack.sample_rate).mean(
                axis=0
            )
            if target.is_automatic:
                listener = SoundGradient(self.pack, len(third), self.hop)
                self._fixed = target.directions(listener.hear(third))
            third = np.pad(third, (0, max(0, samples - len(third))))[:samples]
        self._combination = OfflineCombination(
            settings.combine, samples, settings.n_fft, settings.threshold_db, third
        )
        self._gradient_shaping = (
            GradientShaping(samples, self.pack.sample_rate) if settings.colour > 0 else None
        )
        heard = self._network.hear(self._start.mean(axis=0))
        self._directions = self._wanted(heard)
        self._heard = [self._checked(heard)]
        self._gradient = np.zeros(samples, np.float32)
        self.targets: list[str] = []
        """What each step so far excited, in words."""
        self.broken = 0
        """Windows whose gradient was no number so far; it counts as zero."""
        self.step_seconds: list[float] = []
        """How long each step so far took."""

    @property
    def windows(self) -> int:
        """How many windows the network hears at each step."""
        return self._network.windows

    def slope(self) -> Slope:
        """Return the gradient, and what is heard, where the sound is now."""
        mix = self._now.mean(axis=0)
        slope = self._network.slope(mix, self._directions)
        # A gradient comes with the activations that choose its target: what was chosen last is
        # tried first, and is seldom wrong.
        wanted = self._wanted(slope.activations)
        if not _same(wanted, self._directions):
            self._directions = wanted
            slope = self._network.slope(mix, wanted)
        return slope

    def advance(self) -> None:
        """Take one step: the gradient where the sound is now, and the combination of both."""
        started = time.perf_counter()
        mix = self._now.mean(axis=0)
        slope = self.slope()
        if self.targets:  # of the sound as it came, there is what was heard before
            self._heard.append(self._checked(slope.activations))
        self.targets.append(self._target.label())
        self.broken += slope.broken
        self._gradient = self._normalised(slope.gradient, mix)
        for channel, level in enumerate(self._levels):
            self._now[channel] = self._combination(
                self._now[channel], self._gradient, self.settings.step, float(level)
            )
        self.step_seconds.append(time.perf_counter() - started)

    def result(self) -> Float:
        """Return the sound as it is now: float32 (channels, samples), as long as it came.

        Where its peak would be above full scale, all of it is turned down to full scale.
        """
        result = self._unlimited()
        peak = float(np.abs(result).max())
        return result / np.float32(peak) if peak > 1.0 else result

    def gradient(self) -> Float:
        """Return the last step's gradient as loud as the sound, (1, samples) at the pack's rate."""
        level = float(self._start.mean(axis=0).std(dtype=np.float64))
        return self._gradient[np.newaxis] * np.float32(level)

    def report(self) -> dict[str, Any]:
        """Return what was done so far, as data; `scores` are the last target's.

        A score is the target's activation averaged over all windows (for `output`, the class
        score, 0 to 1): before the first step, after each, and last as heard in the result.
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
        """Return activations in which what is excited is a number.

        Raises:
            ModelError: it is none: the network is damaged, or cannot hear this sound.
        """
        if not np.isfinite(_score(self._directions, activations)):
            raise ModelError(
                f"What {self.pack.name!r} hears in this sound is no number; choose another layer or"
                " model."
            )
        return activations

    def _wanted(self, activations: Activations) -> Directions:
        return self._fixed if self._fixed is not None else self._target.directions(activations)

    def _normalised(self, gradient: Float, mix: Float) -> Float:
        """Return the gradient with a standard deviation of 1, shaped where `colour` asks for it."""
        loudness = float(mix.std(dtype=np.float64))
        if loudness == 0.0:  # nothing was heard: there is nothing to say about the sound
            return np.zeros_like(gradient)
        if self._gradient_shaping is not None:
            # As loud as the sound is at each moment, relative to all of it.
            shaped = self._gradient_shaping.shape(
                gradient, mix, len(mix), self.settings.colour, None
            )
            return shaped / np.float32(loudness)
        deviation = float(gradient.std(dtype=np.float64))
        return np.asarray(gradient / np.float32(deviation + SMALLEST_DEVIATION), np.float32)

    def _unlimited(self) -> Float:
        model_rate = self.pack.sample_rate
        if self.sample_rate == model_rate:
            return self._now
        # Only the change is resampled, so that what the network cannot hear stays.
        change = _resampled(self._now - self._start, model_rate, self.sample_rate)
        missing = max(0, self._original.shape[1] - change.shape[1])
        change = np.pad(change, ((0, 0), (0, missing)))[:, : self._original.shape[1]]
        return self._original + change


def _as_channels(what: str, sound: NDArray[Any]) -> Float:
    array = np.atleast_2d(np.asarray(sound, np.float32))
    if array.ndim != 2 or array.size == 0:
        raise ParameterError(
            f"{what} has the shape {np.shape(sound)}: give (samples,) or (channels, samples)."
        )
    if not np.isfinite(array).all():
        raise ParameterError(f"{what} holds samples that are no numbers: repair it first.")
    return array


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
    """Return a level relative to a sound's, or nothing where there is none of either."""
    level = float(reference.std())
    if deviation == 0.0 or level == 0.0:
        return None
    return 20.0 * float(np.log10(deviation / level))
