"""Peak meters and the light of the limiter, on the clock of the test."""

import numpy as np
import pytest

from innerear.gui.views.peaks import (
    FALL_DB_PER_SECOND,
    FLOOR_DB,
    HOLD_SECONDS,
    LIGHT_SECONDS,
    LimiterLight,
    Peaks,
)

SILENCE = np.zeros((2, 100), np.float32)
LOUD = np.stack((np.full(100, 0.5), np.full(100, -0.1))).astype(np.float32)


def test_the_level_rises_at_once_and_falls_slowly() -> None:
    peaks = Peaks(2)
    peaks.update(LOUD, 10.0)
    np.testing.assert_allclose(peaks.level_db, [-6.02, -20.0], atol=0.01)
    peaks.update(SILENCE, 10.5)
    assert peaks.level_db[0] == pytest.approx(-6.02 - 0.5 * FALL_DB_PER_SECOND, abs=0.01)
    peaks.update(SILENCE, 60.0)
    assert peaks.level_db.tolist() == [FLOOR_DB, FLOOR_DB]


def test_the_peak_is_held_and_then_falls() -> None:
    peaks = Peaks(2)
    peaks.update(LOUD, 0.0)
    peaks.update(SILENCE, HOLD_SECONDS - 0.1)
    assert peaks.held_db[0] == pytest.approx(-6.02, abs=0.01)
    peaks.update(SILENCE, HOLD_SECONDS + 0.1)
    assert peaks.level_db[0] < peaks.held_db[0] < -6.1
    for at in range(100):
        peaks.update(SILENCE, HOLD_SECONDS + 0.1 * at)
    assert peaks.held_db[0] == FLOOR_DB


def test_no_new_sound_is_no_peak() -> None:
    peaks = Peaks(2)
    peaks.update(SILENCE[:, :0], 0.0)
    assert peaks.held_db.tolist() == [FLOOR_DB, FLOOR_DB]


def test_the_light_is_lit_while_the_limiter_works_and_a_moment_longer() -> None:
    light = LimiterLight()
    light.update(7, 0.0)  # what was before this window came is not news
    assert not light.lit
    light.update(8, 1.0)
    assert light.lit
    light.update(8, 1.0 + 0.9 * LIGHT_SECONDS)
    assert light.lit
    light.update(8, 1.0 + 1.1 * LIGHT_SECONDS)
    assert not light.lit
