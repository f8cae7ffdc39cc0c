"""A smooth filter: log-gains in bands on a mel scale, with the loudness of each frame kept.

A filter of +12 dB everywhere would only be louder. So each frame is brought back to the level that
it had: only what a filter does to the balance of a sound is left. All gains here are natural
logarithms (8.686 dB each).
"""

from dataclasses import dataclass

import numpy as np

from ..arrays import Complex, Float
from ..kernel import dream
from ..kernel.binding import bind

BANDS = 48
LOWEST_HZ = 40.0
DECIBELS = 20.0 / np.log(10.0)
"""Decibels of a log-gain of 1."""
SMALLEST_STEP = 1e-3
"""Below this step the change is taken to be proportional to the step."""
MOST_LOG_GAIN = float(30.0 / DECIBELS)
"""The most that a bin is lifted, all in all."""
FAINT = 10.0 ** (-66.0 / 20.0)
"""The level, relative to full scale, at which a frame is filtered by half."""
HANN_ENERGY = np.sqrt(0.75)
"""A sound of level 1 has a power of (HANN_ENERGY (bins - 1))^2 in a frame of a Hann window."""
SILENCE = 1e-20
"""Keeps a power from being divided by 0."""


@dataclass(frozen=True)
class Bands:
    """Bands of a filter, and how they are interpolated to the bins of a transform.

    Attributes:
        weights: (bands, bins), of each band at each bin.
        coverage: (bins,): 1 where the bands reach, falling to 0 from the highest band's centre to
            half the network's sample rate, 0 above.
        inside: (bins,): 1 where the coverage is 1, otherwise 0; the loudness is measured there.
    """

    weights: Float
    coverage: Float
    inside: Float

    def of_bins(self, log_gains: Float) -> Float:
        """Return the log-gains of the bins, (..., bins), for those of the bands, (..., bands)."""
        return np.asarray(log_gains @ self.weights, np.float32)


def mel_bands(frequency: Float, sample_rate: int, count: int = BANDS) -> Bands:
    """Return triangular bands whose centres are equally far apart on the mel scale.

    Args:
        frequency: of each bin, in hertz, (bins,).
        sample_rate: of the network, in hertz: above half of it nothing is changed.
        count: of bands.
    """
    half = sample_rate / 2
    lowest, highest = 2595.0 * np.log10(1.0 + np.array([LOWEST_HZ, half]) / 700.0)
    mel = np.linspace(lowest, highest, count + 2)
    edges = 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    centres = edges[1:-1]
    ends = np.append(centres, half)  # where the interpolation reaches 0
    weights = np.stack([np.interp(frequency, ends, row) for row in np.eye(count, count + 1)])
    coverage = np.interp(frequency, [centres[-1], half], [1.0, 0.0])
    inside = (frequency <= centres[-1]).astype(np.float32)
    return Bands(np.asarray(weights, np.float32), np.asarray(coverage, np.float32), inside)


def level_kept(spectrum: Complex, log_gain: Float, bands: Bands) -> Float:
    """Return log-gains that change the balance of a frame and not its level.

    A frame as faint as `FAINT` is hardly filtered: the sound that comes next may be another. No
    bin is lifted beyond `MOST_LOG_GAIN`, even where the loud ones are cut.

    Args:
        spectrum: X of each frame, complex64 (..., bins).
        log_gain: (..., bins), the same shape or one for all frames.
        bands: where they reach.

    Returns:
        float32 (..., bins): the log-gains plus one number a frame, over the bands' coverage.
    """
    limits = _limits(spectrum.shape[-1])
    return dream.level_kept(spectrum, log_gain, bands.coverage, bands.inside, *limits)


def filter_change(spectrum: Complex, log_gain: Float) -> Complex:
    """Return X (exp(L) - 1), the change that log-gains make: exactly 0 where they are 0."""
    return np.asarray(spectrum * np.expm1(log_gain), np.complex64)


def filter_dream(
    spectrum: Complex, log_gain: Float, step: float, bands: Bands
) -> tuple[Complex, Float]:
    """Return the dream D of frames for which X + step D is the filtered sound.

    Args:
        spectrum: X, complex64 (..., bins).
        log_gain: for a step of 1, (..., bins).
        step: multiplies the log-gains.
        bands: where they reach.

    Returns:
        D, complex64 (..., bins), and the log-gains at this step with the level kept, (..., bins).
    """
    found = np.empty(spectrum.shape, np.complex64)
    kept = np.empty(spectrum.shape, np.float32)
    used = max(step, SMALLEST_STEP)
    given = bands.coverage, bands.inside, log_gain, spectrum
    dream.shape_by_filter(*given, found, kept, 1.0, used, step, *_limits(spectrum.shape[-1]))
    return found, kept


class StreamFilter:
    """Computes what `filter_dream` does, frame by frame, with one filter for all channels."""

    def __init__(self, bands: Bands, log_gain: Float) -> None:
        """Use a filter.

        Args:
            bands: where it reaches.
            log_gain: for a step of 1, (bins,); read at each call.
        """
        self._shape = bind(dream.shape_by_filter, bands.coverage, bands.inside, log_gain)
        self._limits = _limits(len(log_gain))

    def dream(self, spectrum: Complex, fade: float, step: float) -> tuple[Complex, Float]:
        """Return the dream of one frame, and its log-gains; see `filter_dream`.

        Args:
            spectrum: X, complex64 (channels, bins).
            fade: multiplies the filter.
            step: see `filter_dream`.
        """
        found = np.empty_like(spectrum)
        kept = np.empty(spectrum.shape, np.float32)
        used = max(step, SMALLEST_STEP)
        self._shape(spectrum, found, kept, fade, used, step, *self._limits)
        return found, kept


def band_gradient(filtered: Complex, pulled: Complex, bands: Bands) -> Float:
    """Return the gradient with respect to the log-gains of each frame's bands.

    The chain rule through `level_kept`: what would make all of a frame louder does not count.

    Args:
        filtered: Y = X exp(L), with the level kept, complex64 (frames, bins).
        pulled: the gradient with respect to Y, complex64 (frames, bins): an objective rises by
            Re(conj(pulled) dY).
        bands: the bands.

    Returns:
        float32 (frames, bands).
    """
    by_bin = pulled.real * filtered.real + pulled.imag * filtered.imag
    power = _power(filtered) * bands.inside
    total = power.sum(axis=-1, keepdims=True)
    share = power / np.maximum(total, np.float32(SILENCE))
    by_bin -= share * (by_bin @ bands.coverage)[:, np.newaxis]
    return np.asarray(by_bin @ bands.weights.T, np.float32)


def _limits(bins: int) -> tuple[float, float, float]:
    """Return the most log-gain, and the powers, over all bins, of `FAINT` and of silence."""
    return MOST_LOG_GAIN, float((FAINT * HANN_ENERGY * (bins - 1)) ** 2), SILENCE


def _power(spectrum: Complex) -> Float:
    return np.asarray(np.square(spectrum.real) + np.square(spectrum.imag))
