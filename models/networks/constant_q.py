"""Constant-Q transform: on its axis all harmonics move together when the pitch moves."""

import warnings

import torch
from torch import Tensor, nn

from .framing import LongFilters, magnitude

BINS_PER_OCTAVE = 12


class ConstantQ(nn.Module):
    """Magnitudes of a constant-Q transform, one octave of bins to each group of kernels.

    The kernels are nnAudio's (Hann windows, normalised so that each bin answers a tone of its own
    frequency with the same magnitude). The kernels of each octave are cut to the length of its
    lowest, so higher octaves cost little.
    """

    def __init__(self, sample_rate: int, hop_length: int, lowest_hz: float, bins: int) -> None:
        """Compute the kernels.

        Args:
            sample_rate: in hertz; the highest bin must lie below half of it.
            hop_length: samples between two frames.
            lowest_hz: frequency of the first bin.
            bins: how many, twelve to the octave.
        """
        # nnAudio prints its name and warns of its deprecations when it is imported.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from nnAudio.utils import create_cqt_kernels

        super().__init__()
        quality = 1 / (2 ** (1 / BINS_PER_OCTAVE) - 1)
        kernels, _, lengths, _ = create_cqt_kernels(quality, sample_rate, lowest_hz, bins)
        middle = kernels.shape[1] // 2
        self.octaves = nn.ModuleList()
        for first in range(0, bins, BINS_PER_OCTAVE):
            half = int(lengths[first]) // 2 + 1
            octave = kernels[first : first + BINS_PER_OCTAVE, middle - half : middle + half]
            both = torch.cat([torch.from_numpy(octave.real), torch.from_numpy(octave.imag)])
            self.octaves.append(LongFilters(both, hop_length))

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, bins, samples // hop_length] of a waveform [batch, samples]."""
        parts = [octave(waveform).chunk(2, dim=1) for octave in self.octaves]
        return torch.cat([magnitude(real, imaginary) for real, imaginary in parts], dim=1)
