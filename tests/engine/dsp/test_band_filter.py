"""The filter of a dream: its bands, its loudness, and its gradient against finite differences."""

import numpy as np
import pytest

from innerear.engine.dsp.band_filter import (
    BANDS,
    DECIBELS,
    MOST_LOG_GAIN,
    band_gradient,
    filter_dream,
    level_kept,
    mel_bands,
)
from innerear.engine.dsp.filter_steps import next_log_gains, smoothed_over_frames, with_peak_1

RATE, SIZE = 16_000, 512
BANDS_OF_FRAMES = mel_bands(np.fft.rfftfreq(SIZE, 1 / RATE), RATE)


def _spectra(frames: int = 6) -> np.ndarray:
    chance = np.random.default_rng(1)
    tilt = 1.0 / (1.0 + np.arange(SIZE // 2 + 1))
    parts = chance.standard_normal((2, frames, SIZE // 2 + 1)) * tilt
    return (100.0 * (parts[0] + 1j * parts[1])).astype(np.complex64)  # a usual level


def test_bands_add_up_to_one_and_end_at_half_the_networks_rate() -> None:
    frequency = np.fft.rfftfreq(1024, 1 / 48_000)
    bands = mel_bands(frequency, RATE)
    assert bands.weights.shape == (BANDS, 513)
    np.testing.assert_allclose(bands.weights.sum(axis=0), bands.coverage, atol=1e-6)
    assert (bands.coverage[bands.inside == 1.0] == 1.0).all()
    assert not bands.weights[:, frequency >= RATE / 2].any()
    centres = frequency[bands.weights.argmax(axis=1)]
    assert (np.diff(centres) >= 0).all()
    assert centres[-1] - centres[-2] > 4 * (centres[5] - centres[4])  # wider towards the top


@pytest.mark.parametrize("gain_db", [12.0, -12.0])
def test_the_same_gain_everywhere_is_no_change(gain_db: float) -> None:
    sound = _spectra()
    everywhere = BANDS_OF_FRAMES.of_bins(np.full(BANDS, gain_db / DECIBELS, np.float32))
    dream, _ = filter_dream(sound, everywhere, 1.0, BANDS_OF_FRAMES)
    assert np.abs(dream).max() < 1e-5 * np.abs(sound).max()


def test_a_filter_that_changes_nothing_changes_no_bit() -> None:
    sound = _spectra()
    for spectra in (sound, np.zeros_like(sound)):
        none = np.zeros(sound.shape[1], np.float32)
        assert not filter_dream(spectra, none, 1.0, BANDS_OF_FRAMES)[0].any()
    some = np.ones(sound.shape[1], np.float32)
    assert not filter_dream(np.zeros_like(sound), some, 1.0, BANDS_OF_FRAMES)[0].any()


@pytest.mark.parametrize("step", [0.1, 1.0, 2.0])
def test_each_frame_is_as_loud_as_it_was_and_the_step_scales_decibels(step: float) -> None:
    sound = _spectra()
    log_gains = np.random.default_rng(2).uniform(-0.7, 0.7, (len(sound), BANDS)).astype(np.float32)
    by_bin = BANDS_OF_FRAMES.of_bins(log_gains)
    dream, kept = filter_dream(sound, by_bin, step, BANDS_OF_FRAMES)
    after = sound + np.float32(step) * dream
    inside = BANDS_OF_FRAMES.inside
    power, before = (np.square(np.abs(each)) @ inside for each in (after, sound))
    np.testing.assert_allclose(power, before, rtol=1e-4)
    # Between two bins of a frame, the filter's balance is the step times that of its log-gains.
    np.testing.assert_allclose(
        np.diff(kept[:, inside == 1.0]), step * np.diff(by_bin[:, inside == 1.0]), atol=1e-5
    )


def test_the_gradient_is_what_finite_differences_say() -> None:
    """Of <g, Y> with respect to the log-gains, through the loudness that is kept."""
    sound = _spectra().astype(np.complex128)
    chance = np.random.default_rng(3)
    pulled = chance.standard_normal(sound.shape) + 1j * chance.standard_normal(sound.shape)
    log_gains = chance.uniform(-1, 1, (len(sound), BANDS))

    def objective(gains: np.ndarray) -> np.ndarray:
        power = np.square(np.abs(sound)) * BANDS_OF_FRAMES.inside
        by_bin = gains @ BANDS_OF_FRAMES.weights
        ratio = power.sum(1) / (power * np.exp(2 * by_bin)).sum(1)
        kept = by_bin + BANDS_OF_FRAMES.coverage * 0.5 * np.log(ratio)[:, np.newaxis]
        return (np.conj(pulled) * sound * np.exp(kept)).real.sum(axis=1)

    kept = level_kept(
        sound.astype(np.complex64),
        BANDS_OF_FRAMES.of_bins(log_gains.astype(np.float32)),
        BANDS_OF_FRAMES,
    )
    filtered = (sound * np.exp(kept)).astype(np.complex64)
    found = band_gradient(filtered, pulled.astype(np.complex64), BANDS_OF_FRAMES)
    for band in (0, 7, 30, BANDS - 1):
        nudge = np.zeros_like(log_gains)
        nudge[:, band] = 1e-4
        expected = (objective(log_gains + nudge) - objective(log_gains - nudge)) / 2e-4
        np.testing.assert_allclose(found[:, band], expected, rtol=2e-3, atol=2e-2)


def test_no_bin_is_lifted_without_limit_where_all_that_sounds_is_cut() -> None:
    low = _spectra()
    low[:, 20:] *= 1e-3
    cut = np.full(low.shape[1], 1.5, np.float32)
    cut[:20] = -1.5
    kept = level_kept(low, cut, BANDS_OF_FRAMES)
    assert kept.max() <= MOST_LOG_GAIN


def test_a_faint_frame_is_hardly_filtered() -> None:
    """What begins after silence may be another sound than the filter was made for."""
    by_bin = BANDS_OF_FRAMES.of_bins(np.linspace(-1, 1, BANDS, dtype=np.float32))
    usual, faint = (level_kept(s, by_bin, BANDS_OF_FRAMES) for s in (_spectra(), 1e-5 * _spectra()))
    assert np.abs(usual).max() > 0.9
    assert np.abs(faint).max() < 0.01


@pytest.mark.parametrize("rows", [1, 20])
def test_log_gains_never_leave_their_range(rows: int) -> None:
    chance = np.random.default_rng(4)
    gains = momentum = np.zeros((rows, BANDS), np.float32)
    for limit in (1.5, 1.5, 1.5, 1.5, 0.2):  # and follow a range that gets smaller
        for _ in range(10):
            gradient = 10.0 ** chance.uniform(-20, 20) * np.ones((rows, BANDS), np.float32)
            gains, momentum = next_log_gains(gains, momentum, gradient, limit)
            assert np.abs(gains).max() <= np.float32(limit)
    assert gains.min() == np.float32(0.2)  # a gradient that stays the same leads to the end


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_without_a_gradient_a_filter_decays_to_neutral(value: float) -> None:
    gains, momentum = np.ones((1, BANDS), np.float32), np.zeros((1, BANDS), np.float32)
    nothing = np.full((1, BANDS), value, np.float32)
    for _ in range(40 * 60):  # a minute
        gains, momentum = next_log_gains(gains, momentum, nothing, 1.5)
    assert 0.0 < np.abs(gains).max() < 0.1
    assert not momentum.any()


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_a_gradient_that_says_nothing_becomes_zeros(value: float) -> None:
    gradient = np.zeros(100, np.float32)
    gradient[50] = value
    assert not with_peak_1(gradient).any()
    gradient[50] = 3e38
    assert with_peak_1(gradient).max() == 1.0


def test_neighbouring_frames_share_their_gradients() -> None:
    gradient = np.zeros((30, BANDS), np.float32)
    gradient[15] = 1.0
    smooth = smoothed_over_frames(gradient)[:, 0]
    assert smooth.argmax() == 15
    assert (np.diff(smooth[:16]) >= 0).all()
    assert (np.diff(smooth[15:]) <= 0).all()
    assert (smooth > 0).sum() > 5
