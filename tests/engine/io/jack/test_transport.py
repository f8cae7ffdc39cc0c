"""From JACK's transport to quarter notes."""

from dataclasses import replace

import pytest

from innerear.engine.io.jack.transport import BarBeatTick, musical_position

RATE = 48_000
AT = BarBeatTick(
    bar=3,
    beat=2,
    tick=480,
    ticks_per_beat=960.0,
    beats_per_bar=4.0,
    beat_type=4.0,
    beats_per_minute=90.0,
)


def test_bar_beat_and_tick_are_a_position_in_quarter_notes() -> None:
    found = musical_position(0, RATE, AT)
    assert (found.beats, found.tempo_bpm) == (pytest.approx(9.5), 90.0)
    assert found.beats_at(120.0) == pytest.approx(9.5)


def test_eighth_notes_are_half_as_long() -> None:
    found = musical_position(0, RATE, replace(AT, beat_type=8.0, beats_per_bar=6.0))
    assert (found.beats, found.tempo_bpm) == (pytest.approx((12 + 1.5) / 2), 45.0)


def test_the_music_goes_on_after_the_frame_that_the_master_speaks_of() -> None:
    assert musical_position(0, RATE, AT, RATE).beats == pytest.approx(9.5 + 1.5)


@pytest.mark.parametrize("named", [None, replace(AT, beats_per_minute=0.0)])
def test_without_a_tempo_our_own_counts(named: BarBeatTick | None) -> None:
    found = musical_position(2 * RATE, RATE, named)
    assert found.tempo_bpm is None
    assert found.beats_at(60.0) == 2.0
