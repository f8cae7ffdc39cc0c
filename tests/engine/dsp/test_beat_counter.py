"""Beats are counted in samples, at a tempo that may turn, and follow another clock."""

import pytest

from innerear.engine.dsp.beat_counter import BeatCounter


def _beats(counter: BeatCounter, seconds: float, tempo: float, unit: float = 1.0) -> list[float]:
    """Return when beats fall, to 10 ms."""
    return [
        (number + 1) / 100
        for number in range(round(100 * seconds))
        if counter.advance(10, tempo, unit)
    ]


@pytest.mark.parametrize(("unit", "every"), [(1.0, 0.5), (0.5, 0.25), (4.0, 2.0)])
def test_beats_fall_at_the_tempo(unit: float, every: float) -> None:
    found = _beats(BeatCounter(1000), 4.105, 120.0, unit)
    assert found == pytest.approx([every * n for n in range(1, 1 + int(4.1 / every))], abs=0.011)


def test_it_goes_on_from_where_it_is_aligned() -> None:
    counter = BeatCounter(1000)
    counter.align(7.5)
    assert _beats(counter, 1.0, 120.0) == pytest.approx([0.01, 0.25, 0.75], abs=0.011)
    counter.reset()
    assert counter.beats == 0.0


def test_a_clock_with_jitter_gives_each_beat_once() -> None:
    counter, found = BeatCounter(1000), []
    for number in range(400):
        tremble = 0.02 if number % 2 else -0.02
        counter.align(2.0 * number / 100 + tremble)
        if counter.advance(10, 120.0, 1.0):
            found.append((number + 1) / 100)
    assert found == pytest.approx([0.5 * n for n in range(1, len(found) + 1)], abs=0.021)
    assert len(found) in (7, 8)
