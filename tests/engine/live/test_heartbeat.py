"""The heartbeat tells a busy main loop from one that hangs; on a clock that the tests move."""

from pathlib import Path

import pytest

from innerear.engine.ipc.shared_files import STATE_FILE
from innerear.engine.ipc.shared_state import SharedState
from innerear.engine.live.heartbeat import (
    LOOP_SECONDS,
    SILENCE_SECONDS,
    START_SECONDS,
    Heartbeat,
    HeartbeatWatch,
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path) -> SharedState:
    return SharedState(tmp_path / STATE_FILE, create=True)


def test_it_beats_while_the_main_loop_comes_round(state: SharedState, clock: Clock) -> None:
    heartbeat = Heartbeat(state, clock)
    for number in range(1, 4):
        clock.time += LOOP_SECONDS / 2
        heartbeat.step()
        heartbeat.beat()
        assert state.heartbeats == number


def test_it_stops_where_the_main_loop_hangs(state: SharedState, clock: Clock) -> None:
    heartbeat = Heartbeat(state, clock)
    clock.time += LOOP_SECONDS + 0.1
    heartbeat.beat()
    assert state.heartbeats == 0
    heartbeat.step()  # it was late, but goes on
    heartbeat.beat()
    assert state.heartbeats == 1


def test_what_takes_long_has_a_limit_of_its_own(state: SharedState, clock: Clock) -> None:
    heartbeat = Heartbeat(state, clock)
    with heartbeat.doing("opening the sound device", 60.0):
        assert state.activity() == "opening the sound device"
        clock.time += 59.0
        heartbeat.beat()
        assert state.heartbeats == 1
        clock.time += 2.0
        heartbeat.beat()
        assert state.heartbeats == 1
    assert state.activity() == ""
    clock.time += LOOP_SECONDS - 0.1
    heartbeat.beat()
    assert state.heartbeats == 2


def test_the_limit_ends_with_an_error_too(state: SharedState, clock: Clock) -> None:
    heartbeat = Heartbeat(state, clock)
    with pytest.raises(RuntimeError), heartbeat.doing("opening the sound device", 1000.0):
        raise RuntimeError
    clock.time += LOOP_SECONDS + 0.1
    heartbeat.beat()
    assert state.heartbeats == 0
    assert state.activity() == ""


def test_a_watch_finds_a_silent_server(state: SharedState, clock: Clock) -> None:
    state.allow_silence(SILENCE_SECONDS)
    watch = HeartbeatWatch(state, clock)
    for _ in range(3):
        clock.time += SILENCE_SECONDS - 0.1
        assert not watch.is_silent()
        state.beat()
        assert not watch.is_silent()
    clock.time += SILENCE_SECONDS + 0.1
    assert watch.is_silent()
    state.beat()
    assert not watch.is_silent()


def test_a_server_that_restarts_itself_is_waited_for(state: SharedState, clock: Clock) -> None:
    state.allow_silence(SILENCE_SECONDS)
    watch = HeartbeatWatch(state, clock)
    Heartbeat(state, clock).announce_restart()
    clock.time += START_SECONDS - 0.1
    assert not watch.is_silent()
    clock.time += 0.2
    assert watch.is_silent()


def test_a_client_that_was_stopped_itself_blames_nobody(state: SharedState, clock: Clock) -> None:
    state.allow_silence(SILENCE_SECONDS)
    watch = HeartbeatWatch(state, clock)
    clock.time += 1000.0
    state.beat()
    assert not watch.is_silent()


def test_its_thread_beats_by_itself(state: SharedState) -> None:
    heartbeat = Heartbeat(state)
    heartbeat.start()
    watch = HeartbeatWatch(state)
    count = state.heartbeats
    while state.heartbeats < count + 2:
        assert not watch.is_silent()
    heartbeat.close()
    assert state.allowed_silence_seconds == SILENCE_SECONDS


def test_others_hear_it_as_long_as_it_beats(state: SharedState, clock: Clock) -> None:
    heartbeat, heard = Heartbeat(state, clock), []
    heartbeat.also.append(lambda: heard.append(clock.time))
    heartbeat.beat()
    clock.time += LOOP_SECONDS + 0.1
    heartbeat.beat()
    assert heard == [1000.0]
