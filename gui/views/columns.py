"""Computes the columns of a spectrogram with a logarithmic axis from a stream. No Qt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...engine.arrays import Float
from ...engine.dsp.stft import frames_of, hann
from .frequency_axis import FrequencyAxis

Levels = NDArray[np.uint8]

ROWS = 256
COLUMNS_PER_SECOND = 90
FLOOR_DB, CEILING_DB = -84.0, -6.0
"""The levels that are drawn darkest and brightest, in decibels of a sine at full scale."""
LONG_SECONDS, SHORT_SECONDS = 0.085, 0.021
"""Lengths of the windows: long to separate low notes, short to keep high onsets sharp."""
SHORT_FROM_HZ, LONG_TO_HZ = 500.0, 1500.0
"""Between these frequencies both windows are crossfaded."""


class SpectrumColumns:
    """Computes each column once, when the sound for it is complete."""

    def __init__(
        self, sample_rate: int, axis: FrequencyAxis | None = None, rows: int = ROWS
    ) -> None:
        """Start with silence.

        Args:
            sample_rate: of the sound, in hertz.
            axis: of the frequencies.
            rows: of each column.
        """
        axis = axis or FrequencyAxis()
        self.hop = round(sample_rate / COLUMNS_PER_SECOND)
        """Samples between two columns."""
        lengths = [_power_of_two(each * sample_rate) for each in (LONG_SECONDS, SHORT_SECONDS)]
        centres = axis.centres(rows)
        short = np.clip(np.log(centres / SHORT_FROM_HZ) / np.log(LONG_TO_HZ / SHORT_FROM_HZ), 0, 1)
        shares = 1.0 - short, short
        self._bands = [
            _Band.of(length, share, sample_rate, centres)
            for length, share in zip(lengths, shares, strict=True)
        ]
        self._longest = lengths[0]
        self._rows = rows
        self._past = np.zeros(self._longest - self.hop, np.float32)

    def push(self, sound: Float) -> Levels:
        """Take the next samples.

        Args:
            sound: float32 (samples,), of any length.

        Returns:
            The columns that are complete, uint8 [columns, rows], lowest frequency first; 0 is
            `FLOOR_DB` and less, 255 is `CEILING_DB` and more.
        """
        known = np.concatenate((self._past, sound))
        if len(known) < self._longest:
            self._past = known
            return np.zeros((0, self._rows), np.uint8)
        power = np.zeros((1 + (len(known) - self._longest) // self.hop, self._rows), np.float32)
        for band in self._bands:
            # Both windows have the same centre.
            cut = (self._longest - band.length) // 2
            inner = known[cut : len(known) - cut]
            power += band.power(frames_of(inner, band.length, self.hop)[: len(power)])
        self._past = known[len(power) * self.hop :]
        return levels(power)


def levels(power: Float) -> Levels:
    """Return power (1 is a sine at full scale) as uint8 from `FLOOR_DB` to `CEILING_DB`."""
    decibels = 10.0 * np.log10(power + np.float32(1e-12))
    share = (decibels - FLOOR_DB) * (255.0 / (CEILING_DB - FLOOR_DB))
    return np.asarray(np.clip(share, 0.0, 255.0), np.uint8)


@dataclass(frozen=True)
class _Band:
    """One length of window, and the weights of its bins in the rows."""

    length: int
    rows: slice
    bins: slice
    weights: Float
    """float32 [bins, rows], for the bins and rows in these slices."""
    count: int
    """The number of all rows."""

    @classmethod
    def of(cls, length: int, share: Float, sample_rate: int, centres: Float) -> "_Band":
        """Compute the weights of a window's bins.

        Each row is a triangular filter as wide as the distance to its neighbours, but not narrower
        than a bin: low rows interpolate between two bins, high rows add up several.

        Args:
            length: of the window, in samples.
            share: of this window in each row, [rows], 0 to 1.
            sample_rate: in hertz.
            centres: of the rows, [rows], in hertz.
        """
        bin_hz = sample_rate / length
        hertz = np.arange(length // 2 + 1) * bin_hz
        half = np.maximum(np.gradient(centres), bin_hz)
        weights = np.maximum(0.0, 1.0 - np.abs(hertz[:, None] - centres) / half) * share
        # A sine's peak through a Hann window is a quarter of the length times its amplitude.
        weights *= (4.0 / length) ** 2
        bins, rows = (np.flatnonzero(weights.any(axis=axis)) for axis in (1, 0))
        served = slice(rows[0], rows[-1] + 1)
        used = slice(bins[0], bins[-1] + 1)
        return cls(length, served, used, weights[used, served].astype(np.float32), len(centres))

    def power(self, frames: Float) -> Float:
        """Return the power of frames (frames, length) in all rows, (frames, rows)."""
        spectrum = np.fft.rfft(frames * hann(self.length))[:, self.bins]
        found = np.zeros((len(frames), self.count), np.float32)
        found[:, self.rows] = (spectrum.real**2 + spectrum.imag**2) @ self.weights
        return found


def _power_of_two(samples: float) -> int:
    return int(2 ** np.round(np.log2(samples)))
