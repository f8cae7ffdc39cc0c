"""JACK's files are deleted while the audio server waits for its sound card: it sees it again."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from innerear.engine.io.jack.fresh_look import new_process_finds_server

from .conftest import JackServer


def test_a_new_process_finds_a_server_or_none(
    jack_server: JackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", jack_server.name)
    assert new_process_finds_server()
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    assert not new_process_finds_server()


# In a /dev/shm of its own, so that no other program's JACK is hurt.
APART = 'mount -t tmpfs tmpfs /dev/shm && exec "$@"'
PROGRAM = """
import glob, os, shutil, sys, time
from pathlib import Path
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet
from tests.realtime.conftest import start_server
from tests.realtime.test_recovery import wait_for

folder = Path(sys.argv[1])
with start_server("stale", folder / "first.log") as server:
    os.environ.update(server.environment)
    session = Session(parameters=ParameterSet(model="samplecnn-digits"))
    session.start()
    before = wait_for(session, lambda status: status.playing)
wait_for(session, lambda status: not status.playing)
time.sleep(2.0)  # it has looked, and JACK's library made its files anew
for path in glob.glob("/dev/shm/jack*"):
    shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
with start_server("stale", folder / "second.log"):
    after = wait_for(session, lambda status: status.playing, seconds=60)
    print("again", after.pid == before.pid, flush=True)
    session.close()
"""


@pytest.mark.soak
def test_it_starts_again_where_the_librarys_files_were_deleted(
    jack_server: JackServer, tmp_path: Path
) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or os.getuid() != 0:
        pytest.skip("only root may have a /dev/shm apart")
    command = [unshare, "--mount", "sh", "-c", APART, "sh", sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        [*command, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.stdout == "again True\n", done.stderr
