"""What is waited for when a server starts, and for how long."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from innerear.engine.errors import DeviceError
from innerear.engine.ipc.shared_files import STATE_FILE
from innerear.engine.ipc.shared_parameters import SharedParameterSet
from innerear.engine.ipc.shared_state import SharedState
from innerear.engine.live import heartbeat
from innerear.engine.live.membership import FORGET_SECONDS, restart_right
from innerear.engine.live.server_process import ServerProcess
from innerear.engine.live.server_settings import ServerSettings, save_settings


@pytest.fixture
def state(tmp_path: Path) -> SharedState:
    made = SharedState(tmp_path / STATE_FILE, create=True)
    SharedParameterSet(made.block, {})
    return made


def test_a_server_that_shows_no_life_is_ended(
    state: SharedState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_settings(tmp_path, ServerSettings(file="nothing.wav"))
    monkeypatch.setattr(heartbeat, "START_SECONDS", 0.0)  # before Python itself is loaded
    with pytest.raises(DeviceError, match="hung while starting"):
        ServerProcess(tmp_path, state, keep_alive=False)


def test_a_server_that_ends_without_a_word_leaves_its_last_line(
    state: SharedState, tmp_path: Path
) -> None:
    # without settings it cannot begin
    with pytest.raises(DeviceError, match=r"could not be started: .*settings\.json"):
        ServerProcess(tmp_path, state, keep_alive=False)


def test_one_client_at_a_time_restarts(tmp_path: Path) -> None:
    with restart_right(tmp_path) as first, restart_right(tmp_path) as second:
        assert (first, second) == (True, False)
    with restart_right(tmp_path) as again:
        assert again


def test_a_client_that_was_killed_holds_no_right(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getpid())"
    gone = int(subprocess.check_output([sys.executable, "-c", code]))
    (tmp_path / "restarting").write_text(f"{gone} 1")
    with restart_right(tmp_path) as ours:
        assert ours
    (tmp_path / "restarting").touch()  # it says not yet whose it is
    with restart_right(tmp_path) as ours:
        assert not ours
    long_ago = time.time() - FORGET_SECONDS - 1
    os.utime(tmp_path / "restarting", (long_ago, long_ago))
    with restart_right(tmp_path) as ours:
        assert ours


@pytest.mark.parametrize("said", ["no JSON", "7"])
def test_a_server_that_says_something_else_is_ended(
    state: SharedState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    started = []

    class Talking(subprocess.Popen):
        def __init__(self, command: list[str], **options: Any) -> None:
            code = f"import sys; print({said!r}, flush=True); sys.stdin.read()"
            super().__init__([command[0], "-c", code], **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Talking)
    with pytest.raises(DeviceError, match=f"The audio engine said .*{said}"):
        ServerProcess(tmp_path, state, keep_alive=False)
    assert started[0].poll() is not None
