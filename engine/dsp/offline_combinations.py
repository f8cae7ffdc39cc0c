"""DreamSound's seven combinations on a whole sound: how its gradient meets it.

After Camara Halac & Delgadino, "DreamSound: Deep Activation Layer Sonification", ICAD 2021, and
their published code. What is different here, and why:

- Levels are relative. The paper's gradient has a standard deviation of 1 whatever the sound's level
  is, its filter multiplies by 0.01 and its thresholds are absolute. Here what a combination makes
  is brought to the level of the sound before the first step, and thresholds are relative to the
  loudest bin of the whole spectrogram. So a knob's position means the same at any loudness and any
  window, and silence stays silence.
- Their complex product exchanges real and imaginary parts; ours does not.
- `mask` compresses the gradient's magnitudes alone (to the power 1/8), which makes a mask of them.
  Their code compresses the sound's as well, which would leave nothing of its dynamics.
- What replaces the sound does so by `step`, from 0 (not at all) to 1 (the paper's): a small step
  turns the sound into its dream little by little.

The streaming twins, whose levels can only be those of one frame, are in `spectral_combinations.py`.
"""

from collections.abc import Callable, Mapping

import numpy as np

from ..arrays import Complex, Float
from ..errors import ParameterError
from .stft import Spectrogram, WholeStft

MASK_POWER = 1 / 8
TINY = 1e-20


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
            name: one of `OFFLINE_COMBINATIONS`.
            samples: length of the sounds.
            win_length: of the filter, in samples; hop a sixteenth, transform twice as long.
            threshold_db: bins this far below the loudest of the spectrogram are dropped.
            target: (samples,), the third sound that `target` takes its cut and phase from.

        Raises:
            ParameterError: `target` without a third sound.
        """
        if name == "target" and target is None:
            raise ParameterError(
                "combine cannot be 'target' without a sound to take the cut and phase from: give"
                " one with --target-sound (target_sound in Python)."
            )
        self._make, self._replaces = OFFLINE_COMBINATIONS[name]
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
            gain = relative ** np.float32(MASK_POWER) * (relative > self._threshold)
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
            unit = third / np.maximum(magnitude, np.float32(TINY))
            kept = np.abs(y) * (magnitude * scale > self._threshold)
            return np.asarray(kept * unit, np.complex64)

        return self._stft.filter(filtered, self._stft.of(gradient), cutting)

    def _scaled(self, signal: Float) -> tuple[Spectrogram, np.float32]:
        """Return a sound's spectrogram, and what makes its magnitudes relative to the largest."""
        spectrogram = self._stft.of(signal)
        peak = spectrogram.peak()
        return spectrogram, np.float32(1.0 / peak if peak > TINY else 0.0)


def _add(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """X + step Y (figure 2)."""
    return gradient


def _filter(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """X + step a Y with a = |Y|^2, gated: the gradient's own resonances (figure 3)."""
    return combination.resonances(gradient)


def _flip(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """Y + a X with a = |X|^2, gated: as `filter`, exchanged; both equally loud (4 and 6)."""
    return _as_loud_as(1.0, combination.resonances(sound)) + gradient


def _mask(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """|X| times the gated |Y| to the power 1/8, phase of X (their `combine_1`)."""
    return combination.masked(sound, gradient)


def _gate(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """X + step Y only where X is above the threshold: a hard cut (their `combine_2`)."""
    return combination.gated(gradient, sound)


def _target(combination: OfflineCombination, sound: Float, gradient: Float) -> Float:
    """As `gate`, but cut and phase come from a third sound (their `combine_3`)."""
    return combination.targeted(gradient)


_Make = Callable[[OfflineCombination, Float, Float], Float]

OFFLINE_COMBINATIONS: Mapping[str, tuple[_Make, bool]] = {
    "add": (_add, False),
    "filter": (_filter, False),
    "flip": (_flip, True),
    "gradient": (_add, True),
    "mask": (_mask, True),
    "gate": (_gate, False),
    "target": (_target, False),
}
"""Name -> what it makes of sound and gradient, and whether that replaces the sound (or is added).

`gradient` is what `add` adds, instead of the sound (figures 5, 7 and 8).
"""


def _as_loud_as(level: float, signal: Float) -> Float:
    """Return a signal scaled to a standard deviation of `level`; silence stays silence."""
    deviation = float(signal.std(dtype=np.float64))
    return signal * np.float32(level / deviation if deviation > TINY else 0.0)
