"""Front ends against computations of their definitions in float64, by other means."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from innerear.engine.packs.sessions.session import open_session
from innerear.exporters.compare import compare_with_torch
from innerear.exporters.pack_graphs import build_graphs
from innerear.models.networks.constant_q import ConstantQ
from innerear.models.networks.front_ends import LogMel, StftMagnitude
from innerear.models.networks.listener import Listener
from innerear.models.networks.wavelets import WaveletBank, hard_threshold, soft_threshold

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


def loud_sounds() -> NDArray[np.float32]:
    """Return tones and squares of many frequencies, a constant and noise, at three levels.

    Beside what is at full scale, the quietest bands show every rounding.
    """
    time = np.arange(SAMPLES) / RATE
    tones = [np.sin(2 * np.pi * hertz * time + 0.7) for hertz in np.geomspace(20, 7990, 30)]
    on_bins = [np.sin(2 * np.pi * RATE / 512 * bin_ * time) for bin_ in (1, 4, 40, 200, 255)]
    squares = [np.sign(np.sin(2 * np.pi * hertz * time + 0.1)) for hertz in (20, 110, 997, 4000)]
    noise = np.sign(np.random.default_rng(1).standard_normal(SAMPLES))
    whole = np.stack([*tones, *on_bins, *squares, np.ones(SAMPLES), noise])
    return np.concatenate([level * whole for level in (1.0, 0.1, 1e-3)]).astype(np.float32)


class OnlyLogMel(Listener):
    """A network whose first layer is the log-mel patch itself."""

    sample_rate = RATE
    window = SAMPLES
    hop = SAMPLES
    front_end = "log-mel"
    classes = ("sound",)

    def __init__(self) -> None:
        super().__init__()
        self.log_mel = LogMel()

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        patch = self.log_mel(waveform)
        return {"log_mel": patch, "output": patch.mean((1, 2)).reshape(-1, 1, 1)}


def test_log_mel_is_exact_at_every_level() -> None:
    waveform = np.concatenate([sounds(), loud_sounds()])
    found = LogMel()(torch.from_numpy(waveform)).numpy()
    assert found.shape == (len(waveform), 64, 96)
    np.testing.assert_allclose(found, log_mel(waveform), rtol=0, atol=1e-4)


@pytest.mark.soak
def test_log_mel_stays_exact_in_onnx_runtime() -> None:
    network = OnlyLogMel().eval()
    hear, dream = (graph.SerializeToString() for graph in build_graphs(network))
    waveform = loud_sounds()
    (found,) = open_session(hear).run(["log_mel"], {"waveform": waveform})
    np.testing.assert_allclose(found, log_mel(waveform), rtol=0, atol=1e-4)
    assert max(compare_with_torch(network, hear, dream)) < 1e-5


def centred(waveform: NDArray[np.float32], hop: int, kernel: NDArray, middle: int) -> NDArray:
    """Return |<kernel, waveform>| at every (frame + 0.5) hop, [sounds, frames]."""
    frames = waveform.shape[1] // hop
    around = np.pad(waveform.astype(np.float64), ((0, 0), (len(kernel), len(kernel))))
    starts = [len(kernel) + frame * hop + hop // 2 - middle for frame in range(frames)]
    return np.abs(
        np.stack([around[:, start : start + len(kernel)] @ kernel for start in starts], axis=1)
    )


def test_constant_q_is_that_of_its_definition() -> None:
    waveform, lowest, bins, hop = sounds(), 110.0, 30, 256
    found = ConstantQ(RATE, hop, lowest, bins)(torch.from_numpy(waveform)).numpy()
    quality = 1 / (2 ** (1 / 12) - 1)
    for bin_ in range(bins):
        hertz = lowest * 2 ** (bin_ / 12)
        length = int(np.ceil(quality * RATE / hertz))
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
        kernel = window / window.sum() * np.exp(2j * np.pi * hertz / RATE * np.arange(length))
        expected = centred(waveform, hop, kernel, (length + 1) // 2)
        np.testing.assert_allclose(found[:, bin_], expected, atol=2e-5)


def test_a_tone_on_the_constant_q_axis_moves_with_its_harmonics() -> None:
    time = np.arange(SAMPLES) / RATE
    front_end = ConstantQ(RATE, 256, 110.0, 60)
    shapes = []
    for semitones in (0, 5):
        hertz = 220.0 * 2 ** (semitones / 12)
        sound = sum(np.sin(2 * np.pi * k * hertz * time) for k in (1, 2, 3, 4))
        image = front_end(torch.from_numpy(np.float32(0.1 * sound))[None])[0]
        shapes.append(image[:, image.shape[1] // 2])
    # The window of a bin has a whole number of samples, so its answer is a little off its pitch.
    torch.testing.assert_close(shapes[1][5:], shapes[0][:-5], rtol=0.05, atol=1e-3)


@pytest.mark.parametrize("threshold", ["soft", "hard"])
def test_wavelets_are_those_of_morlet_behind_a_threshold(threshold: str) -> None:
    waveform, hop, tau = sounds(), 64, 0.01
    bank = WaveletBank(RATE, hop, 110.0, octaves=2, per_octave=3, tau=tau, threshold=threshold)
    found = bank(torch.from_numpy(waveform)).numpy()
    for number in range(6):
        hertz = 110.0 * 2 ** (number / 3)
        half = int(3 * RATE / hertz)
        periods = np.arange(-half, half + 1) * hertz / RATE
        bell = np.exp(-(periods**2) / 2) / np.sqrt(2 * np.pi) * hertz / RATE
        # An odd number of samples around an even number of blocks is one short on the left.
        codes = centred(waveform, hop, bell * np.exp(2j * np.pi * periods), half + 1)
        kept = {"soft": np.maximum(codes - tau, 0), "hard": np.where(codes > tau, codes, 0)}
        # A code that is all but at the threshold may fall on either side of it.
        clear = np.abs(codes - tau) > 1e-5
        np.testing.assert_allclose(found[:, number][clear], kept[threshold][clear], atol=1e-5)


def test_thresholds_keep_signs() -> None:
    codes = torch.tensor([-2.0, -0.5, 0.0, 0.5, 2.0])
    assert soft_threshold(codes, 0.5).tolist() == [-1.5, 0.0, 0.0, 0.0, 1.5]
    assert hard_threshold(codes, 0.5).tolist() == [-2.0, 0.0, 0.0, 0.0, 2.0]


@pytest.mark.parametrize(
    "front_end",
    [
        StftMagnitude(512, 256, 512),
        LogMel(),
        ConstantQ(RATE, 256, 220.0, 24),
        WaveletBank(RATE, 64, 220.0, 2, 4, tau=0.0),
    ],
)
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
