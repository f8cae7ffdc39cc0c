import numpy as np
import pytest

from innerear.engine.dsp.stft import StreamingStft, istft, low_delay_windows, power_spectrum, stft


@pytest.mark.parametrize("n_fft", [256, 1024])
def test_what_is_not_changed_comes_back_as_it_was(n_fft: int) -> None:
    noise = np.random.default_rng(0).standard_normal((2, 10 * n_fft)).astype(np.float32)
    streaming = StreamingStft(2, n_fft)
    hop = streaming.hop
    out = [
        streaming.synthesise(streaming.analyse(noise[:, at : at + n_fft]))
        for at in range(0, noise.shape[1] - n_fft + 1, hop)
    ]
    found = np.concatenate(out, axis=1)
    whole = slice(n_fft - hop, found.shape[1])  # before, not all frames overlap yet
    np.testing.assert_allclose(found[:, whole], noise[:, whole], atol=2e-6)


@pytest.mark.parametrize("n_fft", [256, 1024])
def test_frames_of_low_delay_need_only_two_hops_of_what_they_give_back(n_fft: int) -> None:
    noise = np.random.default_rng(0).standard_normal((2, 10 * n_fft)).astype(np.float32)
    streaming = StreamingStft(2, n_fft, low_delay=True)
    hop = streaming.hop
    starts = range(0, noise.shape[1] - n_fft + 1, hop)
    out = [streaming.synthesise(streaming.analyse(noise[:, at : at + n_fft])) for at in starts]
    found = np.concatenate(out[1:], axis=1)
    heard = noise[:, n_fft - hop :][:, : found.shape[1]]
    np.testing.assert_allclose(found, heard, atol=5e-6)


def test_windows_of_low_delay_have_the_energy_of_a_hann_window() -> None:
    analysis, _ = low_delay_windows(1024)
    np.testing.assert_allclose(np.mean(analysis**2), 0.375, rtol=1e-5)


@pytest.mark.parametrize("samples", [1, 100, 1000, 4096])
def test_a_whole_sound_comes_back(samples: int) -> None:
    noise = np.random.default_rng(0).standard_normal(samples).astype(np.float32)
    np.testing.assert_allclose(istft(stft(noise, 512), samples), noise, atol=2e-6)


def test_frames_are_hann_windowed_spectra() -> None:
    noise = np.random.default_rng(0).standard_normal((1, 256)).astype(np.float32)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)
    bins = np.exp(-2j * np.pi * np.outer(np.arange(129), np.arange(256)) / 256)
    np.testing.assert_allclose(
        StreamingStft(1, 256).analyse(noise)[0], bins @ (window * noise[0]), atol=1e-4
    )


def test_the_power_spectrum_of_white_noise_is_flat_at_its_variance() -> None:
    noise = 0.5 * np.random.default_rng(0).standard_normal(200_000).astype(np.float32)
    power = power_spectrum(noise, 256)
    energy = np.sum((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)) ** 2)
    np.testing.assert_allclose(power[2:-2] / (0.25 * energy), 1.0, atol=0.1)
