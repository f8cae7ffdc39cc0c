"""DreamSound's combinations: how a dream meets a sound, as pure functions on spectra.

After Camara Halac & Delgadino, "DreamSound: Deep Activation Layer Sonification", ICAD 2021. Their
published code exchanges real and imaginary parts in its complex product and its thresholds
depend on the level of the gradient; here is what the paper means, with every level taken relative
to the spectrum's own peak, so that a knob's position means the same at any loudness and window.

Each combination returns the *change* it makes to the sound, so that a step of 0 changes nothing,
exactly.
"""

from collections.abc import Callable, Mapping

import numpy as np

from ..arrays import Complex, Float

TINY = np.float32(1e-12)


def relative_magnitude(spectrum: Complex | Float) -> Float:
    """Return magnitudes divided by the largest one of each frame; 0 where all are 0."""
    magnitude = np.abs(spectrum)
    peak = magnitude.max(axis=-1, keepdims=True)
    return np.asarray(magnitude / np.maximum(peak, TINY), np.float32)


def level(spectrum: Complex | Float) -> Float:
    """Return the root mean square of each frame's magnitudes, (..., 1)."""
    power = np.mean(np.square(np.abs(spectrum)), axis=-1, keepdims=True)
    return np.asarray(np.sqrt(power), np.float32)


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


def add(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """X + step Y: the dream on top of the sound (figure 2)."""
    return np.asarray(step * dream * (relative_magnitude(dream) > threshold), np.complex64)


def filter_(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """X + step a Y with a = |Y|^2, gated: the dream's own resonances (figure 3)."""
    return np.asarray(step * gated_power(dream, threshold) * dream, np.complex64)


def flip(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """Y + a X with a = |X|^2, gated: as `filter`, sound and dream exchanged (figures 4 and 6)."""
    flipped = matched(dream, sound) + gated_power(sound, threshold) * sound
    return _replace(sound, flipped, step)


def gradient(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """Y instead of X, at the sound's level (figures 5 and 7)."""
    kept = dream * (relative_magnitude(dream) > threshold)
    return _replace(sound, matched(kept, sound), step)


def mask(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """|X| times the gated magnitude of Y to the power 1/8, phase of X (their `combine_1`)."""
    relative = relative_magnitude(dream)
    masked = sound * (relative ** np.float32(1 / 8) * (relative > threshold))
    return _replace(sound, matched(masked, sound), step)


def gate(sound: Complex, dream: Complex, step: float, threshold: float) -> Complex:
    """X + step Y only where X itself is above the threshold: a hard cut (their `combine_2`)."""
    return np.asarray(step * dream * (relative_magnitude(sound) > threshold), np.complex64)


def _replace(sound: Complex, replacement: Complex, step: float) -> Complex:
    """Fade from the sound to its replacement over steps 0 to 1; beyond, it gets louder."""
    return np.asarray(step * replacement - min(step, 1.0) * sound, np.complex64)


Combination = Callable[[Complex, Complex, float, float], Complex]

COMBINATIONS: Mapping[str, Combination] = {
    "add": add,
    "gate": gate,
    "filter": filter_,
    "flip": flip,
    "gradient": gradient,
    "mask": mask,
}


def combine(name: str, sound: Complex, dream: Complex, step: float, threshold_db: float) -> Complex:
    """Return the change that a combination makes to a sound.

    Args:
        name: one of `COMBINATIONS`.
        sound: X, complex64 (..., bins).
        dream: Y, the same shape, at the level that a step of 1 adds.
        step: 0 changes nothing; 1 is the combination as defined.
        threshold_db: magnitudes this far below the frame's peak are dropped, at most 0 dB.

    Returns:
        complex64 (..., bins), to be added to the sound.

    Raises:
        KeyError: an unknown name.
    """
    return COMBINATIONS[name](sound, dream, step, 10.0 ** (threshold_db / 20.0))
