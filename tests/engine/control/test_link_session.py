"""A Link session on this machine, with another program that takes part."""

import time
from collections.abc import Callable

import pytest

from innerear.engine.control.link_session import LinkSession

from ...conftest import leave_out

MEETING_SECONDS = 8.0


def test_tempo_and_beat_are_those_of_the_other(require: Callable[..., None]) -> None:
    require("link")
    from link import Link

    other = Link(117.0)
    other.enabled = True
    time.sleep(1.0)  # it is there first, so its tempo counts
    session = LinkSession(60.0)
    try:
        deadline = time.monotonic() + MEETING_SECONDS
        while (position := session.position()) is None:
            if time.monotonic() > deadline:
                leave_out("two Link sessions do not find each other: no multicast on this machine")
            time.sleep(0.05)
        time.sleep(0.5)
        position = session.position()
        now = other.clock().micros()
        assert position is not None
        assert position.tempo_bpm == pytest.approx(117.0)
        there = other.captureAppSessionState().phaseAtTime(now, 4.0)
        apart = (position.beats_at(0.0) - there + 2.0) % 4.0 - 2.0
        assert abs(apart) < 0.25
    finally:
        session.close()
        other.enabled = False
