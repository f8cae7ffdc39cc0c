import numpy as np
import pytest
import torch
from torch import Tensor, nn

from innerear.models import maximise_templates as templates
from innerear.models import maximise_waveform as waveforms
from innerear.models.listener import Listener

RATE = 8000
WINDOW = 4096
HERTZ = (500.0, 1500.0, 3000.0)


class Resonators(Listener):
    """A network whose units answer one frequency each; the last unit of `tones` never wakes."""

    def __init__(self) -> None:
        super().__init__()
        self.sample_rate, self.window, self.hop = RATE, WINDOW, WINDOW
        self.classes = ("a", "b")
        time = torch.arange(128) / RATE
        kernels = torch.stack([torch.sin(2 * torch.pi * hertz * time) for hertz in HERTZ])
        self.kernels = nn.Parameter((kernels * torch.hann_window(128)).unsqueeze(1))
        self.bias = nn.Parameter(torch.tensor([0.0, 0.0, 0.0, -1e6]))

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        kernels = torch.cat([self.kernels, self.kernels[:1]])
        tones = nn.functional.conv1d(waveform.unsqueeze(1), kernels, self.bias).relu()
        return {"tones": tones, "output": tones[:, :2].mean(dim=2, keepdim=True)}


@pytest.fixture(scope="module")
def found() -> templates.Templates:
    return templates.maximise_templates(Resonators().eval())


def test_a_template_peaks_where_its_unit_answers(found: templates.Templates) -> None:
    spectra = found.spectra["tones"].astype(np.float32)
    assert found.spectra["tones"].dtype == np.float16
    assert spectra.shape == (4, templates.BINS)
    peaks = spectra[:3].argmax(axis=1) * RATE / templates.N_FFT
    np.testing.assert_allclose(peaks, HERTZ, atol=2 * RATE / templates.N_FFT)
    np.testing.assert_allclose(spectra[:3].max(axis=1), 1)
    assert found.spectra["output"].shape == (2, templates.BINS)


def test_a_unit_that_no_noise_wakes_is_reported_and_empty(found: templates.Templates) -> None:
    assert found.dead == {"tones": [3], "output": []}
    assert not found.spectra["tones"][3].any()


def test_the_seed_decides_the_templates() -> None:
    network = Resonators().eval()
    first, again = (templates.maximise_templates(network, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.spectra["tones"], again.spectra["tones"])


def test_starting_noise_has_its_colour_and_level() -> None:
    generator = torch.Generator().manual_seed(0)
    for tilt, bursts in waveforms.STARTS:
        noise = waveforms.start_noise(8, 8192, tilt, bursts, generator)
        rms = noise.square().mean(dim=1).sqrt()
        torch.testing.assert_close(rms, torch.full((8,), waveforms.LEVEL), rtol=1e-4, atol=0)
        power = torch.fft.rfft(noise).abs().square().mean(dim=0)
        octave = power[1024:2048].mean() / power[2048:4096].mean()
        assert 10 * float(octave.log10()) == pytest.approx(-6.02 * tilt, abs=2 if bursts else 1)
        silent = float((noise == 0).float().mean())
        assert (silent > 0.5) == bursts
