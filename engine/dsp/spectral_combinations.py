"""DreamSound's combinations: how a dream meets a sound.

After Camara Halac & Delgadino, "DreamSound: Deep Activation Layer Sonification", ICAD 2021, and
their published code. `engine/combinations.py` lists them; here each has up to two functions: of one
frame of a stream (`_live`) and of a whole sound (`_offline`).

What is different here, and why:

- Levels are relative. The paper's gradient has a standard deviation of 1 whatever the sound's level
  is, its filter multiplies by 0.01 and its thresholds are absolute. Here a threshold is relative to
  the peak of the frame (live) or of the whole spectrogram (offline), and offline what a combination
  makes is brought to the level of the sound before the first step. So a knob's position means the
  same at any loudness and any window, and silence stays silence.
- Their complex product exchanges real and imaginary parts; ours does not.
- `mask` compresses the gradient's magnitudes alone (to the power 1/8), which makes a mask of them.
  Their code compresses the sound's as well, which would leave nothing of its dynamics.
- What replaces the sound does so by `step`, from 0 (not at all) to 1 (the paper's): a small step
  turns the sound into its dream little by little.

The live functions return the *change* they make to the sound, so that a step of 0 changes nothing,
exactly.
"""

from collections.abc import Callable

import numpy as np

from ..arrays import Complex, Float
from ..combinations import COMBINATIONS
from ..errors import ParameterError
from ..kernel.binding import bind
from ..kernel.dream import level
from ..kernel.frames import add_loud_bins
from .stft import Spectrogram, WholeStft

TINY = np.float32(1e-12)
"""A magnitude or level below it counts as silence; keeps divisions finite."""
MASK_POWER = np.float32(1 / 8)


_Change = Callable[[Complex, Complex, float, float], Complex]
"""(X, Y, step, threshold) -> the change of X; complex64 (..., bins), the threshold a magnitude
relative to the frame's peak."""
_Make = Callable[["OfflineCombination", Float, Float], Float]
"""(what it works with, sound, gradient) -> what is added or replaces the sound; (samples,)."""
_ADD = bind(add_loud_bins)
_CHANGES: dict[str, _Change] = {}
_MAKERS: dict[str, _Make] = {}


def _live(name: str) -> Callable[[_Change], _Change]:
    """Let a function be what the combination `name` does to one frame of a stream."""

    def declare(change: _Change) -> _Change:
        _CHANGES[name] = change
        return change

    return declare


def _offline(*names: str) -> Callable[[_Make], _Make]:
    """Let a function be what the combinations `names` do to a whole sound."""

    def declare(make: _Make) -> _Make:
        _MAKERS.update(dict.fromkeys(names, make))
        return make

    return declare


def relative_magnitude(spectrum: Complex | Float) -> Float:
    """Return magnitudes divided by the largest one of each frame; 0 where all are 0."""
    magnitude = np.abs(spectrum)
    peak = magnitude.max(axis=-1, keepdims=True)
    return np.asarray(magnitude / np.maximum(peak, TINY), np.float32)


def matched(spectrum: Complex, sound: Complex) -> Complex:
    """Return `spectrum` scaled to the level of `sound`; silence stays silence."""
    return np.asarray(spectrum * (level(sound) / np.maximum(level(spectrum), TINY)), np.complex64)


def gated_power(spectrum: Complex, threshold: float) -> Float:
    """Return the squared relative magnitudes, 0 where they are not above the threshold.

    The threshold is on the magnitude: the paper's `filter` squares first and cuts then, which is
    the same cut at the square root of its number.
    """
    relative = relative_magnitude(spectrum)
    return np.asarray(relative**2 * (relative > threshold), np.float32)


@_live("add")
def add(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """X + step Y: the dream on top of the sound (figure 2)."""
    change = np.empty_like(dream)
    _ADD(dream, change, step, threshold, TINY)
    return change


@_live("filter")
def filter_(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """X + step a Y with a = |Y|^2, gated: the dream's own resonances (figure 3)."""
    return np.asarray(step * gated_power(dream, threshold) * dream, np.complex64)


@_live("flip")
def flip(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """Y + a X with a = |X|^2, gated: as `filter`, sound and dream exchanged (figures 4 and 6)."""
    flipped = matched(dream, sound) + gated_power(sound, threshold) * sound
    return _replace(sound, flipped, step)


@_live("gradient")
def gradient(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """Y instead of X, at the sound's level (figures 5 and 7)."""
    kept = dream * (relative_magnitude(dream) > threshold)
    return _replace(sound, matched(kept, sound), step)


@_live("mask")
def mask(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """|X| times the gated magnitude of Y to the power 1/8, phase of X (their `combine_1`)."""
    relative = relative_magnitude(dream)
    masked = sound * (relative**MASK_POWER * (relative > threshold))
    return _replace(sound, matched(masked, sound), step)


@_live("gate")
def gate(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """X + step Y only where X itself is above the threshold: a hard cut (their `combine_2`)."""
    return np.asarray(step * dream * (relative_magnitude(sound) > threshold), np.complex64)


def _replace(sound: Complex, replacement: Complex, step: float) -> Complex:
    """Fade from the sound to its replacement over steps 0 to 1; beyond, it gets louder."""
    return np.asarray(step * replacement - min(step, 1.0) * sound, np.complex64)


class OfflineCombination:
    """One combination, for sounds of one length."""

    def __init__(
        self,
        name: str,
        samples: int,
        win_length: int = 2048,
        threshold_db: float = -50.0,
        target: Float | None = None,
    ) -> None:
        """Prepare it.

        Args:
            name: of a combination that whole sounds can have.
            samples: length of the sounds.
            win_length: of the filter, in samples; hop a sixteenth, transform twice as long.
            threshold_db: bins this far below the loudest of the spectrogram are dropped.
            target: (samples,), the third sound that `target` takes its cut and phase from.

        Raises:
            ParameterError: `target` without a third sound.
        """
        if COMBINATIONS[name].needs_third_sound and target is None:
            raise ParameterError(
                f"combine cannot be {name!r} without a sound to take the cut and phase from: give"
                " one with --target-sound (target_sound in Python)."
            )
        self._make = _MAKERS[name]
        self._replaces = COMBINATIONS[name].replaces
        self._stft = WholeStft(samples, win_length)
        self._threshold = np.float32(10.0 ** (threshold_db / 20.0))
        self._target = None if target is None else self._scaled(target)

    def __call__(self, sound: Float, gradient: Float, step: float, level: float) -> Float:
        """Return the sound after one step.

        Args:
            sound: x, (samples,).
            gradient: y, (samples,), with a standard deviation of 1 (or zeros).
            step: 0 leaves the sound as it is, exactly.
            level: standard deviation that a step of 1 adds, or replaces the sound with.

        Returns:
            float32 (samples,).
        """
        made = _as_loud_as(level, self._make(self, sound, gradient))
        kept = np.float32(1.0 - min(step, 1.0) if self._replaces else 1.0)
        return np.asarray(kept * sound + np.float32(step) * made, np.float32)

    def resonances(self, signal: Float) -> Float:
        """Return the sound filtered by its own power spectrum, gated: a S with a = |S|^2.

        The gate is on the magnitude: the paper's is on the power, which is the same cut at the
        square root of its number.
        """
        spectrogram, scale = self._scaled(signal)

        def filtered(spectra: Complex) -> Complex:
            relative = np.abs(spectra) * scale
            gain = np.square(relative) * (relative > self._threshold)
            return np.asarray(spectra * gain, np.complex64)

        return self._stft.filter(filtered, spectrogram)

    def masked(self, sound: Float, gradient: Float) -> Float:
        """Return |X| times the gated |Y| to the power 1/8, with the phase of X."""
        masking, scale = self._scaled(gradient)

        def filtered(x: Complex, y: Complex) -> Complex:
            relative = np.abs(y) * scale
            gain = relative**MASK_POWER * (relative > self._threshold)
            return np.asarray(x * gain, np.complex64)

        return self._stft.filter(filtered, self._stft.of(sound), masking)

    def gated(self, gradient: Float, cut: Float) -> Float:
        """Return Y where the magnitude of another sound is above the threshold: a hard cut."""
        cutting, scale = self._scaled(cut)

        def filtered(y: Complex, other: Complex) -> Complex:
            return np.asarray(y * (np.abs(other) * scale > self._threshold), np.complex64)

        return self._stft.filter(filtered, self._stft.of(gradient), cutting)

    def targeted(self, gradient: Float) -> Float:
        """Return |Y| where the third sound is above the threshold, with that sound's phase."""
        assert self._target is not None  # or it could not have been made
        cutting, scale = self._target

        def filtered(y: Complex, third: Complex) -> Complex:
            magnitude = np.abs(third)
            unit = third / np.maximum(magnitude, TINY)
            kept = np.abs(y) * (magnitude * scale > self._threshold)
            return np.asarray(kept * unit, np.complex64)

        return self._stft.filter(filtered, self._stft.of(gradient), cutting)

    def _scaled(self, signal: Float) -> tuple[Spectrogram, np.float32]:
        """Return a sound's spectrogram, and what makes its magnitudes relative to the largest."""
        spectrogram = self._stft.of(signal)
        peak = spectrogram.peak()
        return spectrogram, np.float32(1.0 / peak if peak > TINY else 0.0)


@_offline("add", "gradient")
def _make_add(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """X + step Y (figure 2); for `gradient` Y instead of X (figures 5, 7 and 8)."""
    return gradient


@_offline("filter")
def _make_filter(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """X + step a Y with a = |Y|^2, gated: the gradient's own resonances (figure 3)."""
    return combination.resonances(gradient)


@_offline("flip")
def _make_flip(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """Y + a X with a = |X|^2, gated: as `filter`, exchanged; both equally loud (4 and 6)."""
    return _as_loud_as(1.0, combination.resonances(sound)) + gradient


@_offline("mask")
def _make_mask(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """|X| times the gated |Y| to the power 1/8, phase of X (their `combine_1`)."""
    return combination.masked(sound, gradient)


@_offline("gate")
def _make_gate(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """X + step Y only where X is above the threshold: a hard cut (their `combine_2`)."""
    return combination.gated(gradient, sound)


@_offline("target")
def _make_target(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """As `gate`, but cut and phase come from a third sound (their `combine_3`)."""
    return combination.targeted(gradient)


def combine(name: str, sound: Complex, dream: Complex, step: float, threshold_db: float) -> Complex:
    """Return the change that a combination makes to one frame of a sound, or to several.

    Args:
        name: of a combination that streams can have.
        sound: X, complex64 (..., bins).
        dream: Y, the same shape, at the level that a step of 1 adds.
        step: 0 changes nothing; 1 is the combination as defined.
        threshold_db: magnitudes this far below the frame's peak are dropped, at most 0 dB.

    Returns:
        complex64 (..., bins), to be added to the sound.

    Raises:
        KeyError: an unknown name.
    """
    return _CHANGES[name](sound, dream, step, 10.0 ** (threshold_db / 20.0))


def _as_loud_as(level: float, signal: Float) -> Float:
    """Return a signal scaled to a standard deviation of `level`; silence stays silence."""
    deviation = float(signal.std(dtype=np.float64))
    return signal * np.float32(level / deviation if deviation > TINY else 0.0)
