"""Who takes part in an update: decided by an injected clock."""

from collections.abc import Sequence

import pytest

from innerear.engine.packs.update_turns import UpdateTurns


class Clock:
    """A time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def update(
    turns: UpdateTurns, clock: Clock, seconds: Sequence[float], needed: Sequence[int] = ()
) -> list[int]:
    done = []
    for member in turns.update(needed):
        done.append(member)
        clock.now += seconds[member]
    return done


def test_all_take_part_in_order_while_there_is_time() -> None:
    clock = Clock()
    turns = UpdateTurns(3, 0.020, clock)
    for _ in range(3):
        assert update(turns, clock, [0.006, 0.006, 0.006]) == [0, 1, 2]


def test_who_is_left_out_is_first_the_next_time_and_all_have_as_many_turns() -> None:
    clock = Clock()
    turns = UpdateTurns(3, 0.020, clock)
    seconds = [0.009, 0.009, 0.009]
    assert update(turns, clock, seconds) == [0, 1, 2]  # not known yet how long they take
    rounds = [update(turns, clock, seconds) for _ in range(6)]
    assert rounds[:3] == [[0, 1], [2, 0], [1, 2]]
    counts = [sum(done.count(member) for done in rounds) for member in range(3)]
    assert counts == [4, 4, 4]


def test_an_update_keeps_to_its_budget_when_the_members_take_as_long_as_before() -> None:
    clock = Clock()
    turns = UpdateTurns(4, 0.020, clock)
    seconds = [0.011, 0.004, 0.007, 0.002]
    update(turns, clock, seconds)
    for _ in range(12):
        begun = clock.now
        update(turns, clock, seconds)
        assert clock.now - begun <= 0.020


def test_one_that_is_always_too_slow_still_has_its_turn() -> None:
    clock = Clock()
    turns = UpdateTurns(2, 0.020, clock)
    rounds = [update(turns, clock, [0.030, 0.001]) for _ in range(5)]
    assert rounds == [[0], [1], [0], [1], [0]]


def test_a_hiccup_costs_one_turn() -> None:
    clock = Clock()
    turns = UpdateTurns(2, 0.020, clock)
    assert update(turns, clock, [0.005, 0.500]) == [0, 1]
    assert update(turns, clock, [0.005, 0.005]) == [0]
    assert update(turns, clock, [0.005, 0.005]) == [1, 0]
    assert update(turns, clock, [0.005, 0.005]) == [1, 0]


def test_who_is_needed_takes_part_whatever_the_time() -> None:
    clock = Clock()
    turns = UpdateTurns(3, 0.020, clock)
    update(turns, clock, [0.030, 0.030, 0.030], needed=[0, 1, 2])
    assert update(turns, clock, [0.030, 0.030, 0.030], needed=[2]) == [1, 2]


@pytest.mark.parametrize("seconds", [0.001, 10.0])
def test_without_a_budget_nobody_is_left_out(seconds: float) -> None:
    clock = Clock()
    turns = UpdateTurns(3, None, clock)
    for _ in range(3):
        assert update(turns, clock, [seconds] * 3) == [0, 1, 2]
