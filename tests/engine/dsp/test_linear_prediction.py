"""Linear prediction: tones go on, noise and silence do not grow."""

import numpy as np
import pytest

from innerear.engine.dsp.linear_prediction import PAST, burg, forecast

RATE = 16_000


def _tones(samples: int) -> np.ndarray:
    time = np.arange(samples) / RATE
    tones = 0.3 * np.sin(2 * np.pi * 440.0 * time) + 0.2 * np.sin(2 * np.pi * 1234.5 * time)
    return (tones + 1e-3 * np.random.default_rng(0).standard_normal(samples)).astype(np.float32)


def test_tones_go_on_as_they_were() -> None:
    sound = _tones(3 * PAST)
    coming = forecast(sound[: 2 * PAST], 1600)
    assert coming.dtype == np.float32
    # Within 5 % of the level for the first 25 ms, and still in phase after 100 ms.
    np.testing.assert_allclose(coming[:400], sound[2 * PAST :][:400], atol=0.05)
    late = slice(1200, 1600)
    assert np.corrcoef(coming[late], sound[2 * PAST :][late])[0, 1] > 0.9


@pytest.mark.parametrize("sound", [np.zeros(PAST), np.full(PAST, np.nan), np.zeros(0)])
def test_silence_and_what_is_no_sound_are_followed_by_silence(sound: np.ndarray) -> None:
    np.testing.assert_array_equal(forecast(sound.astype(np.float32), 100), np.zeros(100))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("samples", [3, 100, PAST, 3 * PAST])
def test_nothing_grows_beyond_its_past(seed: int, samples: int) -> None:
    chance = np.random.default_rng(seed)
    rising = np.exp(np.linspace(-8, 0, samples))  # whose best prediction would rise for ever
    sound = (rising * chance.standard_normal(samples)).astype(np.float32)
    coming = forecast(sound, RATE)
    assert np.isfinite(coming).all()
    assert np.abs(coming).max() <= np.abs(sound).max()
    assert np.abs(coming[-400:]).max() < np.abs(sound).max() / 2


def test_burg_finds_the_filter_that_made_a_sound() -> None:
    from scipy.signal import lfilter

    wanted = [1.0, -1.5, 0.9]
    sound = lfilter([1.0], wanted, np.random.default_rng(1).standard_normal(20_000))
    np.testing.assert_allclose(burg(sound, 2), wanted, atol=0.02)


def test_a_constant_sound_stays_finite() -> None:
    assert np.isfinite(forecast(np.ones(PAST, np.float32), 400)).all()


@pytest.mark.parametrize("order", [1, 5, 64])
def test_a_forecast_is_what_the_filter_gives_by_itself_to_the_last_bit(order: int) -> None:
    from scipy.signal import lfilter, lfiltic

    sound = _tones(2 * order + 1)
    past = np.asarray(sound, np.float64)
    peak = float(np.abs(past).max())
    coefficients = burg(past / peak, order)
    state = lfiltic([1.0], coefficients, past[: -len(coefficients) : -1])
    expected, _ = lfilter([1.0], coefficients, np.zeros(200), zi=state)
    expected = np.asarray(np.clip(expected, -peak, peak), np.float32)
    np.testing.assert_array_equal(forecast(sound, 200), expected)
