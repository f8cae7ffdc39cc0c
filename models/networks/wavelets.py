"""A bank of Morlet wavelets as a first layer, fixed or learned, and thresholds for its codes."""

import numpy as np
import pywt
import torch
from torch import Tensor, nn
from torch.nn import functional

from .framing import LongFilters, magnitude

BANDWIDTH = 2.0
"""Of the wavelets, in squared periods: a Gaussian with a standard deviation of one period."""
PERIODS = 3.0
"""Where wavelets are cut off, to either side; they have fallen to a hundredth there."""


def morlet(sample_rate: int, hertz: float) -> Tensor:
    """Return a complex Morlet wavelet from PyWavelets; its response to its own tone is one half.

    Args:
        sample_rate: in hertz.
        hertz: its centre frequency.

    Returns:
        float32 [2, samples], odd: real and imaginary part.
    """
    wavelet = pywt.ContinuousWavelet(f"cmor{BANDWIDTH}-1.0")
    half = int(PERIODS * sample_rate / hertz)
    wavelet.upper_bound = half * hertz / sample_rate
    wavelet.lower_bound = -wavelet.upper_bound
    values, _ = wavelet.wavefun(length=2 * half + 1)
    values = values * (hertz / sample_rate)
    return torch.from_numpy(np.stack([values.real, values.imag]).astype(np.float32))


def soft_threshold(codes: Tensor, tau: float) -> Tensor:
    """Return sign(x) max(|x| - tau, 0)."""
    return codes.sign() * functional.relu(codes.abs() - tau)


def hard_threshold(codes: Tensor, tau: float) -> Tensor:
    """Return x where |x| > tau, else 0."""
    return torch.where(codes.abs() > tau, codes, torch.zeros_like(codes))


THRESHOLDS = {"soft": soft_threshold, "hard": hard_threshold}


class WaveletBank(nn.Module):
    """h = sigma(W x): W a bank of complex Morlet wavelets, sigma a threshold on their magnitudes.

    After Tanner, Theories of Deep Learning: the first layers of trained networks look like
    wavelets, so a bank of wavelets can be a first layer, fixed or as its start.
    """

    def __init__(
        self,
        sample_rate: int,
        hop_length: int,
        lowest_hz: float,
        octaves: int,
        per_octave: int,
        tau: float,
        threshold: str = "soft",
        learned: bool = False,
    ) -> None:
        """Compute the wavelets.

        Args:
            sample_rate: in hertz.
            hop_length: samples between two frames.
            lowest_hz: centre frequency of the first.
            octaves: how many.
            per_octave: wavelets in each.
            tau: magnitudes up to this are silent; a tone of amplitude 1 has about 0.5.
            threshold: a key of `THRESHOLDS`.
            learned: whether training changes them.
        """
        super().__init__()
        self.tau = tau
        self.threshold = THRESHOLDS[threshold]
        self.octaves = nn.ModuleList()
        for octave in range(octaves):
            hertz = lowest_hz * 2 ** (octave + np.arange(per_octave) / per_octave)
            wavelets = [morlet(sample_rate, float(each)) for each in hertz]
            longest = wavelets[0].shape[1]
            alike = torch.stack(
                [functional.pad(each, [(longest - each.shape[1]) // 2] * 2) for each in wavelets],
                dim=1,
            )
            self.octaves.append(LongFilters(alike.flatten(0, 1), hop_length, learned))

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, wavelets, samples // hop_length] of a waveform [batch, samples]."""
        parts = [octave(waveform).chunk(2, dim=1) for octave in self.octaves]
        codes = torch.cat([magnitude(real, imaginary) for real, imaginary in parts], dim=1)
        return self.threshold(codes, self.tau)
