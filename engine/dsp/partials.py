"""Partials: the sinusoids that a sound consists of, and others that would fit beside them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from .stft import hann

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

FRAME_SECONDS = 0.064
"""Of the spectrum whose peaks are found: long enough for two partials 60 Hz apart."""
LOWEST_HZ = 50.0
FAINTEST_DB = -50.0
"""A peak must be above it, relative to the frame's highest."""
PROMINENCE_DB = 9.0
"""A peak must be this far above the mean level around it, in dB: peaks of noise seldom are."""
AROUND_BINS = 10
SMALLEST_POWER = 1e-30
"""Keeps logarithms finite."""
MOST_PEAKS = 20
RATIOS = (2.0, 0.5, 1.5)
"""The neighbours of a partial: an octave above, one below, and a fifth above."""
PARENTS = 8
"""The strongest partials have neighbours."""
SHARE = 0.5
"""How strong a neighbour is, relative to its parent, before an octave above takes another half."""
APART = 0.03
"""Two partials nearer than this, relative to their frequency, are one; so are two of two hops."""
APART_HZ = 12.0
"""The same where it is more: the fourth part of what a frame can tell apart."""


@dataclass(frozen=True)
class Peaks:
    """The sinusoids found in one frame, or near them.

    Attributes:
        frequency: in hertz, (peaks,), rising.
        amplitude: of the sinusoid, (peaks,).
        phase: at the frame's centre, of a cosine, in radians, (peaks,); 0 for neighbours.
        own: whether the sound has it; otherwise it is a neighbour of one, (peaks,).
    """

    frequency: Numbers
    amplitude: Numbers
    phase: Numbers
    own: Flags

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.frequency)

    def take(self, chosen: NDArray[np.intp] | Flags) -> "Peaks":
        """Return some of them, in that order."""
        return Peaks(
            self.frequency[chosen], self.amplitude[chosen], self.phase[chosen], self.own[chosen]
        )


def frame_samples(sample_rate: int) -> int:
    """Return the samples of a frame in which partials are found: a power of two."""
    return int(2 ** round(np.log2(FRAME_SECONDS * sample_rate)))


_NONE = np.zeros(0)
_NO_PEAKS = Peaks(_NONE, _NONE, _NONE, np.zeros(0, np.bool_))


def spectral_peaks(frame: Float, sample_rate: int, most: int = MOST_PEAKS) -> Peaks:
    """Return the sinusoids of a frame: the prominent peaks of its spectrum.

    Frequencies come from a parabola through the logarithms of three magnitudes: Smith & Serra,
    "PARSHL: an analysis/synthesis program for non-harmonic sounds", 1987.

    Args:
        frame: (samples,), an even number.
        sample_rate: in hertz.
        most: how many are returned at most; the strongest.

    Returns:
        Peaks of the sound itself, from `LOWEST_HZ` to half of the rate.
    """
    samples = len(frame)
    window = hann(samples)
    if not 0.0 < float(np.abs(frame).max(initial=0.0)) < np.inf:  # also where it is not a number
        return _NO_PEAKS
    spectrum = np.fft.rfft(frame * window)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    decibels = 10.0 * np.log10(np.maximum(power, SMALLEST_POWER))
    total = np.concatenate(([0.0], np.cumsum(decibels)))
    at = np.arange(1, len(power) - 1)
    first = np.maximum(at - AROUND_BINS, 0)
    last = np.minimum(at + AROUND_BINS + 1, len(power))
    around = (total[last] - total[first]) / (last - first)
    middle = decibels[1:-1]
    found = (middle > decibels[:-2]) & (middle >= decibels[2:])
    found &= middle > decibels.max() + FAINTEST_DB
    found &= middle > around + PROMINENCE_DB
    found &= at * (sample_rate / samples) >= LOWEST_HZ
    bins = at[found]
    bins = np.sort(bins[np.argsort(-power[bins], kind="stable")[:most]])
    left, top, right = (
        0.5 * np.log(np.maximum(power[bins + by], SMALLEST_POWER)) for by in (-1, 0, 1)
    )
    curvature = np.minimum(left - 2.0 * top + right, -1e-6)
    offset = np.clip(0.5 * (left - right) / curvature, -0.5, 0.5)
    amplitude = np.exp(top - 0.25 * (left - right) * offset) * (2.0 / float(window.sum()))
    # From the frame's start to its centre, each bin turns by half a cycle more than the last.
    phase = np.angle(spectrum[bins]) + np.pi * bins
    return Peaks(
        (bins + offset) * (sample_rate / samples),
        amplitude,
        np.mod(phase, 2.0 * np.pi),
        np.ones(len(bins), np.bool_),
    )


def with_neighbours(peaks: Peaks, sample_rate: int) -> Peaks:
    """Return partials, and those that the sound does not have beside its strongest ones.

    A neighbour is an octave or a fifth away from a partial, or halfway between two. One that is
    close to a partial, or to a stronger neighbour, is left out.

    Args:
        peaks: of the sound itself, as `spectral_peaks` gives them.
        sample_rate: in hertz; neighbours are below half of it and above `LOWEST_HZ`.
    """
    if not len(peaks):
        return peaks
    parents = np.sort(np.argsort(-peaks.amplitude, kind="stable")[:PARENTS])
    frequency, amplitude = peaks.frequency[parents], peaks.amplitude[parents]
    near = [frequency * ratio for ratio in RATIOS]
    strength = [SHARE * amplitude / max(ratio, 1.0) for ratio in RATIOS]
    near.append(0.5 * (frequency[1:] + frequency[:-1]))
    strength.append(SHARE * np.minimum(amplitude[1:], amplitude[:-1]))
    all_frequencies = np.concatenate([peaks.frequency, *near])
    all_strengths = np.concatenate([peaks.amplitude, *strength])
    own = np.arange(len(all_frequencies)) < len(peaks)
    rank = np.lexsort((-all_strengths, ~own))
    allowed = (all_frequencies >= LOWEST_HZ) & (all_frequencies <= 0.48 * sample_rate)
    kept: list[int] = []
    taken = np.empty(0)
    for each in rank:
        at = all_frequencies[each]
        close = np.abs(taken - at) < max(APART * at, APART_HZ)
        if own[each] or (allowed[each] and not close.any()):
            kept.append(int(each))
            taken = np.append(taken, at)
    chosen = np.sort(np.asarray(kept, np.intp))
    phase = np.concatenate([peaks.phase, np.zeros(len(all_frequencies) - len(peaks))])
    found = Peaks(all_frequencies, all_strengths, phase, own).take(chosen)
    return found.take(np.argsort(found.frequency, kind="stable"))


def find_partials(frame: Float, sample_rate: int) -> Peaks:
    """Return the partials of a frame, and their neighbours."""
    return with_neighbours(spectral_peaks(frame, sample_rate), sample_rate)
