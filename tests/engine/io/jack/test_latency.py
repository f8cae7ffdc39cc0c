"""The latency that other programs are told."""

from innerear.engine.io.jack.latency import through


def test_our_latency_comes_on_top_of_the_widest_range() -> None:
    assert through([(128, 128), (64, 300)], 896) == (960, 1196)


def test_without_ports_the_sound_begins_here() -> None:
    assert through([], 10) == (10, 10)
