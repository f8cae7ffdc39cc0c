"""Frames of a stream: their spectra, and what they add."""

from functools import cache

import numpy as np

from ..arrays import Complex, Float
from .level import share_within_peak
from .ring import is_finite


@cache
def turns(samples: int) -> Complex:
    """Return e^(-2 pi i k / samples) for each k, (samples,), which the compiled transforms need."""
    angles = -2.0 * np.pi * np.arange(samples) / samples
    found: Complex = np.exp(1j * angles).astype(np.complex64)
    found.flags.writeable = False
    return found


def analyse(window: Float, turns: Complex, frame: Float, spectrum: Complex) -> float:
    """Compute the spectra of one frame.

    Args:
        window: (samples,), a power of 2 up to 4096.
        turns: as `turns` returns them.
        frame: (channels, samples).
        spectrum: (channels, samples // 2 + 1); written.
    """
    spectrum[...] = np.fft.rfft(frame * window)
    return 0.0


def add_loud_bins(
    dream: Complex, change: Complex, step: float, threshold: float, tiny: float
) -> float:
    """Compute the change of the combination `add`: the dream, where it is loud enough.

    Args:
        dream: (channels, bins).
        change: written.
        step: how much of it.
        threshold: a magnitude relative to the channel's largest; up to it, bins are dropped.
        tiny: a magnitude that counts as silence.
    """
    magnitude = np.abs(dream)
    peak = magnitude.max(axis=1, keepdims=True)
    relative = magnitude / np.maximum(peak, np.float32(tiny))
    np.multiply(dream, np.float32(step) * (relative > np.float32(threshold)), out=change)
    return 0.0


def add_frame(
    turns: Complex,
    synthesis: Float,
    both: Float,
    sum: Float,
    gain: Float,
    change: Complex,
    newest: Float,
    finished: Float,
    is_filter: float,
    most_peak: float,
    tiny: float,
) -> float:
    """Overlap-add the change of one frame.

    Args:
        turns: as `turns` returns them.
        synthesis: the window of what is added, (samples,).
        both: the windows of analysis and synthesis, multiplied.
        sum: what was added so far, (channels, samples), from the oldest sample on; written.
        gain: of the filtered sound, (channels, 1).
        change: spectra, (channels, samples // 2 + 1).
        newest: the sound that is changed, (channels, samples).
        finished: what no later frame changes, (channels, hop); written.
        is_filter: 1 where the change is that of a filter, whose level and peaks are kept.
        most_peak, tiny: see `share_within_peak`.

    Returns:
        1 where all of `finished` is finite, otherwise 0.
    """
    samples, hop = sum.shape[1], finished.shape[1]
    added = np.asarray(np.fft.irfft(change, samples), np.float32)
    added *= synthesis
    if is_filter and change.any():
        own = newest * both
        share = np.empty_like(gain)
        share_within_peak(own, added, share, most_peak, tiny)
        added *= share * gain
        added += (gain - 1.0) * own
    sum += added
    finished[...] = sum[:, :hop]
    sum[:, :-hop] = sum[:, hop:]
    sum[:, -hop:] = 0.0
    return is_finite(finished)
