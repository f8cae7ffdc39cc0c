"""Spectral transforms that stand before the first convolution of a network.

They are products of matrices, so they pass gradients to the waveform and can be exported.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .framing import frames_of, magnitude

YAMNET_RATE = 16_000
YAMNET_WINDOW, YAMNET_HOP, YAMNET_FFT = 400, 160, 512
YAMNET_BANDS, YAMNET_LOWEST_HZ, YAMNET_HIGHEST_HZ = 64, 125.0, 7500.0
YAMNET_OFFSET = 1e-3


class StftMagnitude(nn.Module):
    """Magnitudes of a short-time Fourier transform with a periodic Hann window.

    Each frame is folded about its middle: its even part gives the real part and its odd part the
    imaginary one, for half the work. Phases count from the middle of the frame, which does not
    change magnitudes.
    """

    cosines: Tensor
    sines: Tensor

    def __init__(
        self,
        win_length: int,
        hop_length: int,
        n_fft: int,
        bins: tuple[int, int] | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Compute the matrices.

        Args:
            win_length: samples of the window; even.
            hop_length: samples between two frames.
            n_fft: length of the transform; zeros follow the window.
            bins: the first bin and the one after the last; by default 0 and n_fft // 2 + 1.
            dtype: in which the transform is computed. In float32 its rounding puts about a
                millionth of the loudest sound into all bins.
        """
        super().__init__()
        self.win_length = win_length
        self.hop_length = hop_length
        first, last = bins or (0, n_fft // 2 + 1)
        time = np.arange(win_length // 2)
        angle = 2 * np.pi / n_fft * np.outer(np.arange(first, last), time)
        window = 0.5 + 0.5 * np.cos(2 * np.pi * time / win_length)
        window[0] /= 2  # the fold counts the middle twice
        for name, wave in (("cosines", np.cos(angle)), ("sines", np.sin(angle))):
            matrix = torch.from_numpy(wave * window).to(dtype)
            self.register_buffer(name, matrix, persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, bins, frames] of a waveform [batch, samples]; only whole frames."""
        middle = self.win_length // 2
        frames = frames_of(waveform, self.win_length, self.hop_length)
        after = frames[:, middle:].to(self.cosines.dtype)
        before = frames[:, 1 : middle + 1].flip(1).to(self.cosines.dtype)
        real = self.cosines @ (after + before)
        imaginary = self.sines @ (after - before)
        return magnitude(real.to(waveform.dtype), imaginary.to(waveform.dtype))


def mel(hertz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the HTK mel of a frequency."""
    return 1127.0 * np.log1p(np.asarray(hertz, np.float64) / 700.0)


def mel_weights(
    bands: int, bins: int, sample_rate: float, lowest_hz: float, highest_hz: float
) -> NDArray[np.float64]:
    """Return triangular bands, equally wide in mel.

    As TensorFlow's `linear_to_mel_weight_matrix`: the sides of the triangles are straight in mel,
    not in hertz, their peaks are 1, and the bin at 0 Hz belongs to no band.

    Args:
        bands: how many.
        bins: of the spectrum, from 0 Hz to half the sample rate.
        sample_rate: in hertz.
        lowest_hz: where the first band begins.
        highest_hz: where the last band ends.

    Returns:
        [bins, bands].
    """
    edges = np.linspace(mel(lowest_hz), mel(highest_hz), bands + 2)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    place = mel(np.linspace(0.0, sample_rate / 2, bins))[:, None]
    rising, falling = (place - low) / (centre - low), (high - place) / (high - centre)
    weights = np.maximum(0.0, np.minimum(rising, falling))
    weights[0] = 0.0
    return weights


class MelMagnitude(nn.Module):
    """YAMNet's mel spectrum before its logarithm: 64 bands from 125 to 7500 Hz.

    Windows of 25 ms every 10 ms at 16 kHz, a transform of 512, magnitudes (not their squares).
    Bins outside the bands are not computed.
    """

    bands: Tensor

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        """Compute the matrices; `dtype` is that in which the transform is computed."""
        super().__init__()
        bins = YAMNET_FFT // 2 + 1
        weights = mel_weights(YAMNET_BANDS, bins, YAMNET_RATE, YAMNET_LOWEST_HZ, YAMNET_HIGHEST_HZ)
        (used,) = np.nonzero(weights.sum(axis=1))
        first, last = int(used[0]), int(used[-1]) + 1
        settings = (YAMNET_WINDOW, YAMNET_HOP, YAMNET_FFT, (first, last))
        self.spectrum = StftMagnitude(*settings, dtype=dtype)
        matrix = torch.from_numpy(np.ascontiguousarray(weights[first:last].T, np.float32))
        self.register_buffer("bands", matrix, persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, 64, frames] of a waveform [batch, samples] at 16 kHz; only whole frames.

        A window of 15,600 samples has 96 frames.
        """
        spectrum: Tensor = self.spectrum(waveform)
        return self.bands @ spectrum


class LogMel(MelMagnitude):
    """YAMNet's front end: log(mel spectrum + 0.001).

    The transform is computed in float64: in float32 its rounding, beside a tone at full scale,
    would move the quietest bands by 0.002.
    """

    def __init__(self) -> None:
        """Compute the matrices."""
        super().__init__(torch.float64)

    def forward(self, waveform: Tensor) -> Tensor:
        """Return [batch, 64, frames] of a waveform; see `MelMagnitude.forward`."""
        return (super().forward(waveform) + YAMNET_OFFSET).log()
