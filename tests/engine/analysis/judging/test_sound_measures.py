"""How a dreamed sound differs from its sound, against values computed by hand."""

import numpy as np
import pytest

from innerear.engine.analysis.judging.sound_measures import (
    FLOOR_DB,
    correlation,
    flatness,
    level_differences_db,
    measure_sound,
    onset_peaks_db,
    power_db,
    tails_db,
)

RATE = 16_000


def tone(hertz: float, seconds: float, peak: float = 0.5) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (peak * np.sin(2 * np.pi * hertz * time)).astype(np.float32)[None]


def silence(seconds: float) -> np.ndarray:
    return np.zeros((1, round(seconds * RATE)), np.float32)


def joined(*parts: np.ndarray) -> np.ndarray:
    return np.concatenate(parts, axis=1)


def test_power() -> None:
    assert power_db(tone(1000, 1, 0.1)) == pytest.approx(-23.01, abs=0.01)  # 0.1^2 / 2
    assert power_db(silence(1)) == FLOOR_DB


def test_flatness() -> None:
    white = np.random.default_rng(0).standard_normal((2, 32_000)).astype(np.float32)
    assert flatness(white[:1]) == pytest.approx(0.56, abs=0.03)  # exp(-Euler's constant)
    assert flatness(tone(1000, 1)) < 1e-6


def test_correlation() -> None:
    sine, other = tone(1000, 1), tone(2000, 1)
    assert correlation(sine, 3 * sine) == pytest.approx(1.0)
    assert correlation(sine, -sine) == pytest.approx(-1.0)
    assert correlation(sine, sine + other) == pytest.approx(np.sqrt(0.5))
    assert correlation(sine, silence(1)) == 0.0


def test_the_level_is_compared_second_by_second_but_not_in_silence() -> None:
    sound = joined(tone(1000, 1), silence(1), tone(1000, 1), tone(1000, 0.4))
    dreamed = joined(2 * tone(1000, 1), tone(500, 1), 0.5 * tone(1000, 1), 9 * tone(1000, 0.4))
    found = level_differences_db(sound, dreamed, RATE)
    np.testing.assert_allclose(found, [6.02, -6.02], atol=0.01)  # 0.4 s is too short to count
    assert level_differences_db(silence(1), tone(1000, 1), RATE) == []


def test_a_burst_at_an_onset_after_silence() -> None:
    sound = joined(tone(1000, 0.5), silence(0.3), tone(1000, 0.5), silence(0.05), tone(1000, 0.5))
    dreamed = sound.copy()
    dreamed[:, round(0.85 * RATE) : round(0.9 * RATE)] *= 2  # soon after the second onset
    dreamed[:, round(1.4 * RATE) :] *= 8  # after a gap too short to be silence
    peaks = list(onset_peaks_db(sound, dreamed, RATE))
    np.testing.assert_allclose(peaks, [0.0, 6.02], atol=0.01)
    assert list(onset_peaks_db(silence(1), silence(1), RATE)) == []


def test_the_tail_after_a_stop() -> None:
    sound = joined(tone(1000, 1), silence(0.5))
    dreamed = sound.copy()
    dreamed[:, round(1.05 * RATE) : round(1.15 * RATE)] = tone(1000, 0.1, peak=0.05)
    ((after, own),) = tails_db(sound, dreamed, RATE)
    assert after == pytest.approx(-20.0, abs=0.01)  # a tenth of the sound's peak
    assert own < -100
    # What comes before 50 ms or after 150 ms does not count.
    dreamed = sound.copy()
    dreamed[:, round(1.0 * RATE) : round(1.05 * RATE)] = 0.3
    dreamed[:, round(1.15 * RATE) :] = 0.3
    assert next(tails_db(sound, dreamed, RATE))[0] < -100


def test_a_sound_that_dies_away_or_goes_on_has_no_stop() -> None:
    fading = tone(1000, 1) * np.exp(-np.arange(RATE) / RATE * 9).astype(np.float32)
    assert list(tails_db(joined(fading, silence(0.5)), joined(fading, silence(0.5)), RATE)) == []
    assert list(tails_db(tone(1000, 1), tone(1000, 1), RATE)) == []


def test_all_measures_of_one_sound() -> None:
    sound = joined(silence(0.2), tone(1000, 1), silence(0.3))
    found = measure_sound(sound, 1.5 * sound, RATE)
    assert found.change_db == pytest.approx(-6.02, abs=0.01)
    assert found.correlation == pytest.approx(1.0)
    assert found.level_db == pytest.approx(3.52, abs=0.01)
    assert found.onset_db == pytest.approx(3.52, abs=0.01)
    assert found.tail_db < -95
    assert found.own_tail_db < -95
    steady = measure_sound(tone(1000, 1), tone(1000, 1), RATE)
    assert (steady.tail_db, steady.onset_db) == (None, pytest.approx(0.0))
    assert steady.change_db < -100
