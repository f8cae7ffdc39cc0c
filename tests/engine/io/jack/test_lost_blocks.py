"""Blocks that do not follow one another."""

from innerear.engine.io.jack.lost_blocks import LostBlocks


def test_a_leap_is_a_loss_and_another_size_is_none() -> None:
    lost = LostBlocks()
    starts = ((1000, 128), (1128, 128), (1256, 64), (1320, 64), (1512, 64), (1576, 64))
    assert [lost.before(*start) for start in starts] == [False, False, False, False, True, False]


def test_the_count_may_begin_again() -> None:
    lost = LostBlocks()
    assert not lost.before((1 << 32) - 128, 128)
    assert not lost.before(0, 128)
