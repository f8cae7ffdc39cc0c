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


@pytest.mark.parametrize("start", [4.0, 3.4])
@pytest.mark.parametrize(("loop", "unit"), [(8.0, 4.0), (4.0, 4.0), (2.0, 1.0), (1.0, 1.0)])
def test_a_host_that_loops_has_each_beat_of_each_round(
    loop: float, unit: float, start: float
) -> None:
    """Also a loop of two beats or of one, in which the numbers hardly change."""
    counter = BeatCounter(1000)
    places = [start + 0.02 * number for number in range(round(loop / 0.02))]

    def play() -> list[float]:
        found = []
        for place in places:
            counter.align(place)
            if counter.advance(10, 120.0, unit):
                found.append(place + 0.02)
        return found

    play()  # where it begins is elsewhere, and counts
    for _ in range(5):
        found = play()
        assert len(found) == round(loop / unit)
        assert all(min(place % unit, unit - place % unit) < 0.03 for place in found)


def test_another_unit_swallows_no_beat_and_adds_none() -> None:
    counter = BeatCounter(1000)
    assert _beats(counter, 0.75, 120.0, 1.0) == pytest.approx([0.5], abs=0.011)
    assert _beats(counter, 1.4, 120.0, 4.0) == pytest.approx([1.25], abs=0.011)
    assert _beats(counter, 0.3, 120.0, 0.5) == pytest.approx([0.1], abs=0.011)
