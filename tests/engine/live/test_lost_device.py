"""When a device that was lost is looked for, and by whom; on a clock that the test moves."""

import pytest

from innerear.engine.errors import DeviceError
from innerear.engine.live import stream_supervisor
from innerear.engine.live.stream_supervisor import (
    FIRST_LOOK_SECONDS,
    LOOK_SECONDS,
    REOPEN_SECONDS,
    StreamSupervisor,
)


class Jack:
    """A JACK server's stream that has ended."""

    output_name = "system"
    ended = True

    @property
    def jack(self) -> "Jack":
        return self

    def close(self) -> None:
        """Nothing is open."""


class Heartbeat:
    """Gives all the time that is asked for."""

    def doing(self, what: str, seconds: float) -> "Heartbeat":
        return self

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End."""


class Settings:
    """Name the server's device."""

    output_device = None

    def at(self, file: object) -> "Settings":
        return self


def test_a_new_process_looks_for_jack_soon_and_this_one_once_more_before_it_begins_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, happened = 1000.0, list[tuple[str, float]]()
    finds, comes_back_at = False, float("inf")

    def note(what: str) -> None:
        happened.append((what, now))

    def look() -> bool:
        note("look")
        return finds

    def open_stream() -> None:
        if now < comes_back_at:
            raise DeviceError("it is missing")
        note("open")
        supervisor.stream = Jack()  # type: ignore[assignment]

    monkeypatch.setattr(stream_supervisor.time, "monotonic", lambda: now)
    monkeypatch.setattr(stream_supervisor, "forget_devices", lambda: None)
    monkeypatch.setattr(stream_supervisor, "new_process_finds_server", look)
    supervisor = StreamSupervisor.__new__(StreamSupervisor)
    supervisor._say = lambda text: None
    supervisor._heartbeat = Heartbeat()  # type: ignore[assignment]
    supervisor._restart = lambda: note("restart")
    supervisor.settings = Settings()  # type: ignore[assignment]
    supervisor._file = None
    supervisor._next_try = 0.0
    supervisor._next_look = float("inf")
    supervisor.stream = Jack()  # type: ignore[assignment]
    monkeypatch.setattr(supervisor, "open", open_stream)

    def play(seconds: float) -> list[tuple[str, float]]:
        nonlocal now
        happened.clear()
        for _ in range(round(10 * seconds)):
            supervisor.poll()
            now += 0.1
        return [(what, round(at - lost, 1)) for what, at in happened]

    lost = now
    looks = [at for what, at in play(FIRST_LOOK_SECONDS + LOOK_SECONDS + 2.0) if what == "look"]
    assert FIRST_LOOK_SECONDS <= looks[0] <= FIRST_LOOK_SECONDS + REOPEN_SECONDS + 0.2
    assert LOOK_SECONDS <= looks[1] - looks[0] <= LOOK_SECONDS + REOPEN_SECONDS + 0.2
    assert len(looks) == 2
    finds = True  # this process does not see it
    found = play(LOOK_SECONDS + 1.5)
    assert [what for what, _ in found][:2] == ["look", "restart"]
    comes_back_at = now + LOOK_SECONDS / 2
    assert "restart" not in [what for what, _ in play(LOOK_SECONDS)]
    assert happened[0][0] == "open"
