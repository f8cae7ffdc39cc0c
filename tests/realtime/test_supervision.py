"""Whose server is restarted, by whom, and who waits meanwhile."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from innerear.engine.errors import DeviceError
from innerear.engine.live.heartbeat import SILENCE_SECONDS
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet

from .conftest import JackServer, start_server
from .test_recovery import messages, wait_for


@pytest.fixture
def environment(
    jack_server: JackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> dict[str, str]:
    """Use the server, and folders of our own."""
    folders = ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    values = {**jack_server.environment, **dict.fromkeys(folders, str(tmp_path))}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


@pytest.fixture
def clients(environment: dict[str, str], toy_pack: Path) -> Iterator[tuple[Session, Session]]:
    """Let a second client join what the first has started."""
    with Session(parameters=ParameterSet(model=str(toy_pack))) as first:
        first.start(keep_alive=True)
        second = Session.attach(first.folder)
        yield first, second
        second.detach()


@pytest.mark.soak
def test_a_server_whose_device_takes_long_to_open_is_not_restarted(
    require: Callable[..., None],
    toy_pack: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A sound server that is stopped for a while keeps the opening of its device waiting."""
    require("jackd", "libjack", "portaudio")
    with start_server(f"innerear-frozen-{os.getpid()}", tmp_path / "jackd.log") as server:
        for key, value in server.environment.items():
            monkeypatch.setenv(key, value)
        with Session(parameters=ParameterSet(model=str(toy_pack))) as session:
            session.start()
            before = wait_for(session, lambda status: status.dreams.count > 5)
            os.kill(server.pid, signal.SIGSTOP)
            try:
                thawed = time.monotonic() + 2.0 * SILENCE_SECONDS
                while time.monotonic() < thawed:
                    session.supervise()
                    time.sleep(0.02)
                waiting = session.status()
                assert waiting is not None
                assert not waiting.playing
            finally:
                os.kill(server.pid, signal.SIGCONT)
            after = wait_for(session, lambda status: status.playing)
            assert session.restarts == 0
            assert after.pid == before.pid
            assert "waiting until it comes back" in messages(after)
            session.action("bypass")  # it answers at another port now
            wait_for(session, lambda status: session.parameters.switch("bypass"))
            blocks = wait_for(session, lambda status: status.playing).blocks
            wait_for(session, lambda status: status.blocks > blocks + 1000)
            assert session.restarts == 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_server_that_dies_or_hangs_is_started_again(
    environment: dict[str, str], toy_pack: Path, how: signal.Signals
) -> None:
    with Session(parameters=ParameterSet(model=str(toy_pack))) as session:
        session.start()
        before = wait_for(session, lambda status: status.playing)
        session.set("step", 0.25)
        os.kill(before.pid, how)
        after = wait_for(session, lambda status: status.pid != before.pid and status.playing)
        assert session.restarts == 1
        what = "had ended" if how is signal.SIGKILL else "hung while playing"
        assert f"The audio engine {what}; it was started again." in messages(after)
        assert session.parameters["step"] == 0.25
        with pytest.raises(ProcessLookupError):
            os.kill(before.pid, 0)
        session.action("bypass")  # requests reach the new one
        wait_for(session, lambda status: session.parameters.switch("bypass"))


def test_the_status_changes_nothing(environment: dict[str, str], toy_pack: Path) -> None:
    with Session(parameters=ParameterSet(model=str(toy_pack))) as session:
        session.start()
        before = wait_for(session, lambda status: status.playing)
        other = Session.attach(session.folder)
        turned: list[str] = []
        session.parameters.observe(lambda id, value: turned.append(id))
        other.parameters.set("step", 0.5)
        other.detach()
        os.kill(before.pid, signal.SIGKILL)
        while not session.is_lost:
            time.sleep(0.01)
        status = session.status()
        assert status is not None
        assert status.pid == before.pid
        assert session.restarts == 0
        assert turned == []
        session.parameters.poll()
        assert turned == ["step"]


def test_of_two_clients_one_restarts_and_both_go_on(clients: tuple[Session, Session]) -> None:
    first, second = clients
    before = wait_for(first, lambda status: status.playing)
    os.kill(before.pid, signal.SIGKILL)
    ended = threading.Event()

    def supervise(session: Session) -> None:
        while not ended.is_set():
            session.supervise()
            time.sleep(0.02)

    threads = [threading.Thread(target=supervise, args=(each,)) for each in (first, second)]
    for thread in threads:
        thread.start()
    try:
        for session in (first, second):
            after = wait_for(session, lambda s: s.pid != before.pid and s.playing)
        time.sleep(2.0 * SILENCE_SECONDS)  # long enough for a second restart
        for session in (first, second):
            session.action("freeze")
            status = session.status()
            assert status is not None
            assert status.pid == after.pid
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert first.restarts + second.restarts == 1


def test_who_has_started_a_server_waits_for_its_end_where_another_starts_the_next(
    clients: tuple[Session, Session],
) -> None:
    first, second = clients
    before = wait_for(second, lambda status: status.playing)
    os.kill(before.pid, signal.SIGKILL)
    wait_for(second, lambda status: status.pid != before.pid and status.playing)
    assert Path(f"/proc/{before.pid}").exists()
    first.supervise()
    assert first.status().pid != before.pid
    assert not Path(f"/proc/{before.pid}").exists()


def test_a_server_that_another_client_has_ended_is_not_started_again(
    clients: tuple[Session, Session],
) -> None:
    first, second = clients
    wait_for(second, lambda status: status.playing)
    second.close()
    while not first.is_lost:
        time.sleep(0.01)
    with pytest.raises(DeviceError, match="ended by another client"):
        first.supervise()
    assert first.status() is None
    assert first.restarts == 0
    first.start()  # its memory is still there, and the knobs are as they were
    wait_for(first, lambda status: status.playing)
    first.close()
    assert not first.folder.exists()
