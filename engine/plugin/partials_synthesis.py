"""Makes a dream's newest partials audible in the frames of a stream."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Complex, Float
from ..dsp.partial_row import SLOTS, from_row

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

    def gains(self, row: Float) -> Float:
        """Return what is added of the sound at each bin, (bins,): 0 far from its partials.

        Args:
            row: of the partials; see `as_row`.
        """
        frequency, gain, _ = from_row(row)
        at, away = self._around(self._safe(frequency))
        # All of the main lobe's middle, so that a lone partial changes its level and not its shape.
        weight = np.where(gain[:, np.newaxis] != 0.0, np.clip(REACH - away, 0.0, 1.0), 0.0)
        total = np.bincount(at.ravel(), weight.ravel(), self._bins)
        found = np.bincount(at.ravel(), (weight * gain[:, np.newaxis]).ravel(), self._bins)
        return np.asarray(found / np.maximum(total, 1.0), np.float32)

    def oscillators(self, row: Float) -> Complex:
        """Advance by one frame; return the spectrum of what the sound has no partial for.

        Args:
            row: of the partials; see `as_row`.

        Returns:
            complex64 (bins,), to be multiplied by the level of the frame's magnitudes.
        """
        frequency, _, amplitude = from_row(row)
        frequency = self._safe(frequency)
        self._phase = np.remainder(self._phase + self._turn * frequency, 2.0 * np.pi)
        at, away = self._around(frequency)
        lobe = np.sinc(away) + 0.5 * (np.sinc(away - 1.0) + np.sinc(away + 1.0))
        # The phase is that of the frame's centre: every other bin is turned by half a cycle.
        lobe *= (self._level * amplitude)[:, np.newaxis] * (1 - 2 * (at % 2))
        turned = lobe * np.exp(1j * self._phase)[:, np.newaxis]
        real = np.bincount(at.ravel(), turned.real.ravel(), self._bins)
        imaginary = np.bincount(at.ravel(), turned.imag.ravel(), self._bins)
        return np.asarray(real + 1j * imaginary, np.complex64)

    def _safe(self, frequency: Float) -> Float:
        """Return frequencies that are within the transform's, whatever they were."""
        finite = np.nan_to_num(frequency, posinf=0.0, neginf=0.0)
        return np.asarray(np.clip(finite, 0.0, self._hertz * (self._bins - 1)), np.float32)

    def _around(self, frequency: Float) -> tuple[NDArray[np.intp], Float]:
        """Return the bins around each partial, and how far they are from it, (slots, 2 REACH)."""
        bin = (frequency / self._hertz)[:, np.newaxis]
        wanted = np.floor(bin).astype(np.intp) + self._near
        at = np.clip(wanted, 0, self._bins - 1)
        # Beyond the transform's ends nothing is reached.
        return at, np.where(at == wanted, np.abs(wanted - bin), np.float32(REACH))
