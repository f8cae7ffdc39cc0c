"""Front ends against computations of their definitions in float64, by other means."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from innerear.models.front_ends import LogMel, StftMagnitude

RATE = 16_000
SAMPLES = 15_600


def sounds() -> NDArray[np.float32]:
    """Return silence, noises, tones and a click, [sounds, samples], peaks at -6 dBFS."""
    rng = np.random.default_rng(0)
    time = np.arange(SAMPLES) / RATE
    click = np.zeros(SAMPLES)
    click[7000] = 1.0
    chirp = np.sin(2 * np.pi * 3000 * time**2)
    tones = [np.sin(2 * np.pi * hertz * time) for hertz in (60, 440, 3000, 7900)]
    noises = [level * rng.uniform(-1, 1, SAMPLES) for level in (1e-4, 1.0)]
    whole = np.stack([np.zeros(SAMPLES), click, chirp, *tones, *noises])
    return (0.5 * whole).astype(np.float32)


def stft_magnitude(
    waveform: NDArray[np.float32], win_length: int, hop_length: int, n_fft: int
) -> NDArray[np.float64]:
    """Return [sounds, bins, frames] by numpy's FFT."""
    window = np.hanning(win_length + 1)[:-1]
    starts = range(0, waveform.shape[1] - win_length + 1, hop_length)
    frames = [waveform[:, start : start + win_length].astype(np.float64) for start in starts]
    return np.stack([np.abs(np.fft.rfft(frame * window, n_fft)) for frame in frames], axis=2)


def log_mel(waveform: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return YAMNet's patches by its definition, one band after the other."""
    spectrum = stft_magnitude(waveform, 400, 160, 512)
    bins = np.array([1127 * np.log(1 + k * RATE / 512 / 700) for k in range(257)])
    low, high = (1127 * np.log(1 + hertz / 700) for hertz in (125, 7500))
    width = (high - low) / 65
    bands = []
    for band in range(64):
        weights = np.clip(1 - np.abs(bins - (low + (band + 1) * width)) / width, 0, None)
        bands.append(np.einsum("k,skf->sf", weights, spectrum))
    return np.log(np.stack(bands, axis=1) + 0.001)


@pytest.mark.parametrize(("win", "hop", "n_fft"), [(512, 256, 512), (400, 160, 512), (64, 48, 64)])
def test_stft_magnitudes_are_those_of_an_fft(win: int, hop: int, n_fft: int) -> None:
    waveform = sounds()
    found = StftMagnitude(win, hop, n_fft)(torch.from_numpy(waveform)).numpy()
    # Each is a sum of `win` numbers below 1, in float32.
    np.testing.assert_allclose(found, stft_magnitude(waveform, win, hop, n_fft), atol=win * 1e-7)


def test_log_mel_is_exact() -> None:
    waveform = sounds()
    found = LogMel()(torch.from_numpy(waveform)).numpy()
    assert found.shape == (len(waveform), 64, 96)
    np.testing.assert_allclose(found, log_mel(waveform), atol=1e-3)


@pytest.mark.parametrize("front_end", [StftMagnitude(512, 256, 512), LogMel()])
@pytest.mark.parametrize("level", [0.0, 1e-30, 1e-3])
def test_gradients_reach_the_waveform_and_are_finite(
    front_end: torch.nn.Module, level: float
) -> None:
    torch.manual_seed(0)
    waveform = (level * torch.randn(2, 4000)).requires_grad_(True)
    features = front_end(waveform)
    (gradient,) = torch.autograd.grad(features.sum(), waveform)
    assert torch.isfinite(features).all()
    assert torch.isfinite(gradient).all()
    assert bool(gradient.any()) == (level > 0)
