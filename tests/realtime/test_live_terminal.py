"""`innerear live` on a terminal of its own: what it shows, and what its keys do."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import JackServer


class Terminal:
    """A program on a pseudo-terminal, and everything that it has shown."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._file, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"},
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._file, text.encode())

    def wait_for(self, pattern: str, seconds: float = 120) -> str:
        """Read until something matches; forget all up to there."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.shown):
                self.shown = self.shown[found.end() :]
                return found.group()
            if select.select([self._file], [], [], 0.1)[0]:
                try:
                    self.shown += os.read(self._file, 65_536).decode(errors="replace")
                except OSError:
                    break
        raise AssertionError(f"{pattern!r} was not shown; at last: {self.shown[-2000:]}")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._file)


@pytest.fixture
def terminal(jack_server: JackServer, toy_pack: Path, tmp_path: Path) -> Iterator[Terminal]:
    folders = {
        name: str(tmp_path) for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    }
    command = [sys.executable, "-m", "innerear.cli", "live", "--model", str(toy_pack)]
    made = Terminal(command, {**jack_server.environment, **folders})
    yield made
    made.close()


def test_it_shows_how_it_goes_and_obeys_keys(terminal: Terminal) -> None:
    terminal.wait_for("blocks of 128, latency 896 samples")
    terminal.wait_for(r"in .*dB\s")
    terminal.wait_for(
        r"dream age \d+ ms \(p99 \d+\), late dreams \d+ \| load \d+ % \| dropouts \d+"
    )
    terminal.wait_for("p panic  m mute")
    terminal.type("b")
    terminal.wait_for("bypass")
    terminal.type(":step 1.5\n")
    terminal.wait_for("step is 1.5")
    terminal.type(":stepp 1\n")
    terminal.wait_for("There is no parameter 'stepp'")
    terminal.type("\x1b")
    terminal.type(":preset no-such\n")
    terminal.wait_for("There is no preset 'no-such'")
    terminal.type("q")
    assert terminal.process.wait(20) == 0
