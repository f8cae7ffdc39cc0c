"""Makes a dream's newest partials audible in the frames of a stream."""

import numpy as np

from ..arrays import Complex, Float
from ..dsp.partial_row import SLOTS, from_row
from ..dsp.partials import Numbers

REACH = 2
"""Bins on either side of a partial: as far as the Hann window's main lobe reaches."""
_LEVEL = float(np.sqrt(16.0 / 3.0) / 4.0)
"""Of a Hann frame: peak of a sinusoid's spectrum, for the root of the sound's summed power."""


class PartialsSynthesis:
    """Partials of the sound as a filter of it, and others as oscillators that run on.

    What is added of the sound's own partials has their phase, whatever it is now. Both are as loud
    as the frame and end with it.
    """

    def __init__(self, n_fft: int, hop: int, sample_rate: int, band: int) -> None:
        """Prepare for one stream.

        Args:
            n_fft: samples in a frame, with a Hann window.
            hop: samples between two frames.
            sample_rate: of the stream, in hertz.
            band: bins whose level partials are relative to.
        """
        self._bins, self._hertz = n_fft // 2 + 1, sample_rate / n_fft
        self._turn = 2.0 * np.pi * hop / sample_rate
        self._level = np.float32(_LEVEL * np.sqrt(band))
        self._near = np.arange(1 - REACH, REACH + 1)
        self._phase = np.zeros(SLOTS)
        self._frequency = np.full(SLOTS, -1.0, np.float32)
        self._place(np.zeros(SLOTS, np.float32))

    def gains(self, row: Float) -> Float:
        """Return what is added of the sound at each bin, (bins,): 0 far from its partials.

        Args:
            row: of the partials; see `as_row`.
        """
        frequency, gain, _ = from_row(row)
        self._place(frequency)
        # Where two partials share a bin, it gets the mean of their gains.
        weight = np.where(gain[:, np.newaxis] != 0.0, self._middle, 0.0)
        total = self._at_bins(weight)
        return np.asarray(
            self._at_bins(weight * gain[:, np.newaxis]) / np.maximum(total, 1.0), np.float32
        )

    def oscillators(self, row: Float) -> Complex:
        """Advance by one frame; return the spectrum of what the sound has no partial for.

        Args:
            row: of the partials; see `as_row`.

        Returns:
            complex64 (bins,), to be multiplied by the level of the frame's magnitudes.
        """
        frequency, _, amplitude = from_row(row)
        self._place(frequency)
        self._phase = np.remainder(self._phase + self._turn * self._safe, 2.0 * np.pi)
        amplitude = self._level * amplitude
        real, imaginary = amplitude * np.cos(self._phase), amplitude * np.sin(self._phase)
        found = np.empty(self._bins, np.complex64)
        found.real = self._at_bins(self._lobe * real[:, np.newaxis])
        found.imag = self._at_bins(self._lobe * imaginary[:, np.newaxis])
        return found

    def _place(self, frequency: Float) -> None:
        """Find the bins around partials, and how much of each they get, (slots, 2 REACH).

        All of it stays until the next dream comes, after some frames.
        """
        if np.array_equal(frequency, self._frequency):
            return
        self._frequency = frequency.copy()
        finite = np.nan_to_num(frequency, posinf=0.0, neginf=0.0)
        self._safe = np.clip(finite, 0.0, self._hertz * (self._bins - 1))
        bin = (self._safe / self._hertz)[:, np.newaxis]
        wanted = np.floor(bin).astype(np.intp) + self._near
        at = np.clip(wanted, 0, self._bins - 1)
        # Beyond the transform's ends nothing is reached.
        away = np.where(at == wanted, np.abs(wanted - bin), REACH)
        self._at = at.ravel()
        # All of the main lobe's middle, so that a lone partial changes its level and not its shape.
        self._middle = np.clip(REACH - away, 0.0, 1.0)
        self._lobe = np.sinc(away) + 0.5 * (np.sinc(away - 1.0) + np.sinc(away + 1.0))
        # The phase is that of the frame's centre: every other bin is turned by half a cycle.
        self._lobe *= 1 - 2 * (at % 2)

    def _at_bins(self, weights: Numbers) -> Numbers:
        """Return the sum of what each bin gets, (bins,)."""
        return np.asarray(np.bincount(self._at, weights.ravel(), self._bins))
