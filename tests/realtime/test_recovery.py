"""What fails while it plays: the sound goes on, somebody says what happened, and it comes back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.live.live_status import LiveStatus
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet

from .conftest import RATE, JackServer, Probe, start_server


def wait_for(
    session: Session, true: Callable[[LiveStatus], bool], seconds: float = 150
) -> LiveStatus:
    """Return the first status for which something is true.

    By default it waits longer than a server may take that hangs in opening its device once.
    """
    deadline = time.monotonic() + seconds
    status = session.status()
    while time.monotonic() < deadline:
        session.supervise()
        status = session.status()
        if status is not None and true(status):
            return status
        time.sleep(0.02)
    raise AssertionError(f"waited in vain; at last: {status}")


@pytest.fixture
def session(
    jack_server: JackServer, toy_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    """Play the toy network on the server."""
    for name, value in jack_server.environment.items():
        monkeypatch.setenv(name, value)
    values = ParameterSet(model=str(toy_pack), target="Middle tone", alignment="aligned", mix=1.0)
    with Session(parameters=values) as made:
        made.start()
        yield made


def messages(status: LiveStatus) -> str:
    return "\n".join(text for _, text in status.messages)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_network_that_dies_or_hangs_is_replaced(session: Session, how: signal.Signals) -> None:
    before = wait_for(session, lambda status: status.dreams.count > 5)
    (victim,) = before.network_pids
    os.kill(victim, how)
    after = wait_for(
        session, lambda s: s.network_restarts > 0 and s.dreams.count > 5 and not s.changing
    )
    assert after.network_pids != (victim,)
    assert "the last dream is held" in messages(after)
    assert after.pid == before.pid
    assert after.blocks > before.blocks
    with pytest.raises(ProcessLookupError):
        os.kill(victim, 0)


def test_a_stopped_network_ends_where_its_server_was_killed(session: Session) -> None:
    before = wait_for(session, lambda status: status.dreams.count > 5)
    (victim,) = before.network_pids
    os.kill(victim, signal.SIGSTOP)
    os.kill(before.pid, signal.SIGKILL)
    wait_for(session, lambda status: status.pid != before.pid and status.dreams.count > 5)
    wait_for(session, lambda status: has_ended(victim))


def has_ended(pid: int) -> bool:
    """Return whether a process has ended, also where nobody has waited for it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_another_window_while_playing_leaves_no_gap(session: Session, probe: Probe) -> None:
    """A steady tone goes on through a change of the filter's window, without a step in it."""
    session.set("alignment", "live")
    session.set("mix", 0.0)
    wait_for(session, lambda status: status.latency_samples == 896)
    probe.connect()
    seconds = 6
    tone = 0.5 * np.sin(2 * np.pi * 100 * np.arange(seconds * RATE) / RATE)
    import threading

    changer = threading.Timer(1.0, lambda: session.set("n_fft", 512))
    changer.start()
    probe.play_and_record(np.tile(tone, (2, 1)).astype(np.float32), freewheel=False)
    changer.join()
    assert session.sound is not None
    heard = {
        side: getattr(session.sound, side).read(7 * RATE)[0].copy() for side in ("input", "output")
    }
    (played,) = np.nonzero(heard["input"])  # silence follows, however late this is
    for side, sound in heard.items():
        heard[side] = sound[played[-1] + 1 - (seconds - 1) * RATE : played[-1] + 1]
    wait_for(session, lambda status: status.latency_samples == 384)
    # A period that a busy machine loses is a jump in what comes in. Each may be heard once more
    # while both windows sound, but nothing else may jump.
    steepest = 1.5 * 0.5 * 2 * np.pi * 100 / RATE
    jumps = {side: int(np.sum(np.abs(np.diff(sound)) > steepest)) for side, sound in heard.items()}
    assert jumps["output"] <= 2 * jumps["input"]
    blocks = np.abs(heard["output"]).reshape(-1, 480).max(axis=1)
    assert blocks.min() > 0.2


def test_a_server_that_ends_and_comes_back(
    toy_pack: Path,
    monkeypatch: pytest.MonkeyPatch,
    require: Callable[..., None],
    tmp_path: Path,
) -> None:
    require("jackd", "libjack", "portaudio")
    name = f"innerear-restart-{os.getpid()}"
    with start_server(name, tmp_path / "first.log") as server:
        for key, value in server.environment.items():
            monkeypatch.setenv(key, value)
        session = Session(parameters=ParameterSet(model=str(toy_pack)))
        session.start()
        wait_for(session, lambda status: status.dreams.count > 5)
    try:
        lost = wait_for(session, lambda status: not status.playing)
        assert "waiting until it comes back" in messages(lost)
        session.set("step", 0.5)
        with start_server(name, tmp_path / "second.log"):
            back = wait_for(session, lambda status: status.playing)
            assert "The sound device is back." in messages(back)
            count = back.dreams.count
            wait_for(session, lambda status: status.dreams.count > count + 5)
            assert session.parameters["step"] == 0.5
            session.stop()
    finally:
        session.close()


CLIENT = """
import sys, time
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.live.session import Session
session = Session(parameters=ParameterSet(model=sys.argv[1]))
session.start()
print(session.status().pid, session.folder, flush=True)
time.sleep(60)
"""


def test_without_keep_alive_the_sound_ends_with_its_client(
    jack_server: JackServer, toy_pack: Path
) -> None:
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(toy_pack)],
        env=jack_server.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert client.stdout is not None
    number, folder = client.stdout.readline().split()
    pid = int(number)
    client.kill()
    client.wait()
    client.stdout.close()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            assert not Path(folder).exists()
            return
        time.sleep(0.05)
    raise AssertionError("the audio server plays on")
