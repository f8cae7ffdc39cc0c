"""Takeover by itself, with a clock that only we turn."""

import pytest

from innerear.engine.control.midi.takeover import IN_MOTION_SECONDS, Takeover


class Hand:
    """A knob, a parameter and a clock."""

    def __init__(self, mode: str, parameter: float) -> None:
        self.takeover = Takeover(mode)
        self.parameter = parameter
        self.time = 100.0

    def turn(self, *positions: float, seconds: float = 1.0) -> float:
        for position in positions:
            self.time += seconds
            wanted = self.takeover.move(position, self.parameter, self.time)
            if wanted is not None:
                self.parameter = wanted
                self.takeover.settle(wanted)
        return self.parameter


def test_jump_follows_at_once() -> None:
    hand = Hand("jump", 0.8)
    assert hand.turn(0.1) == 0.1
    assert not hand.takeover.waiting


def test_pick_up_waits_until_the_knob_comes_near() -> None:
    hand = Hand("pick-up", 0.8)
    assert hand.turn(0.1, 0.4, 0.7) == 0.8
    assert hand.takeover.waiting
    assert hand.takeover.hardware == 0.7
    assert hand.turn(0.79) == 0.79
    assert not hand.takeover.waiting
    assert hand.turn(0.2) == 0.2


def test_pick_up_notices_when_the_knob_passes_in_one_leap() -> None:
    hand = Hand("pick-up", 0.5)
    assert hand.turn(0.1) == 0.5
    assert hand.turn(0.9) == 0.9


def test_pick_up_waits_again_when_someone_else_moved_the_parameter() -> None:
    hand = Hand("pick-up", 0.5)
    hand.turn(0.5, 0.6)
    hand.parameter = 0.1
    assert hand.turn(0.65) == 0.1
    assert hand.takeover.waiting


def test_a_hand_in_motion_keeps_the_parameter() -> None:
    hand = Hand("pick-up", 0.5)
    hand.turn(0.5, 0.6)
    hand.parameter = 0.1
    assert hand.turn(0.65, seconds=0.9 * IN_MOTION_SECONDS) == 0.65
    hand.parameter = 0.1
    assert hand.turn(0.7, seconds=1.1 * IN_MOTION_SECONDS) == 0.1


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_scale_brings_both_to_the_end_together(end: float) -> None:
    hand = Hand("scale", 0.8)
    assert hand.turn(0.2) == 0.8
    middle = (0.2 + end) / 2
    assert hand.turn(middle) == pytest.approx((0.8 + end) / 2)
    assert hand.turn(end) == pytest.approx(end)
    assert hand.turn(0.5) == pytest.approx(0.5)


def test_scale_never_leaves_the_range_nor_goes_the_wrong_way() -> None:
    hand = Hand("scale", 0.3)
    hand.turn(0.9)
    for position in (0.95, 0.2, 0.0, 0.4, 1.0, 0.7):
        before, was = hand.parameter, hand.takeover.hardware
        after = hand.turn(position)
        assert 0 <= after <= 1
        assert (after - before) * (position - was) >= 0
