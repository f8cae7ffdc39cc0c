"""Where no window can be opened, the command says why in one line; and how a window ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from innerear.gui import app

from ..thinning import thinned

SET_UP = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def gui(**environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name not in SET_UP}
    return subprocess.run(
        [sys.executable, "-m", "innerear.cli", "gui"],
        env={**plain, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
@pytest.mark.parametrize(
    ("environment", "words"),
    [({}, "there is no display here"), ({"QT_QPA_PLATFORM": "nonsense"}, "nonsense")],
)
def test_no_display_is_one_line(environment: dict[str, str], words: str) -> None:
    done = gui(**environment)
    assert done.returncode == app.NO_WINDOW, done.stderr
    assert done.stderr.startswith("innerear: error: no window: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


BEGUN = """
import sys
from PySide6.QtWidgets import QApplication
from innerear.cli import main
from innerear.gui.jobs.audio_server_jobs import AudioServerJobs
from innerear.gui.main_window import MainWindow
AudioServerJobs.start = lambda self: print("begun", flush=True)
"""


def start_window(code: str, folder: Path) -> subprocess.Popen[str]:
    """Return a process whose window has begun, in a home of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", BEGUN + code],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


@pytest.mark.parametrize("name", thinned(("SIGHUP", "SIGTERM"), ("SIGHUP",)))
def test_a_logout_or_the_end_of_the_terminal_closes_the_window(tmp_path: Path, name: str) -> None:
    window = start_window("sys.exit(main(['gui', '--no-join']))", tmp_path)
    window.send_signal(getattr(signal, name))
    errors = window.communicate(timeout=60)[1]
    assert window.returncode == 0, errors
    assert (tmp_path / "innerear" / "window.json").exists()


def test_a_program_that_leaves_the_window_open_ends_all_the_same(tmp_path: Path) -> None:
    code = """
begin = MainWindow.begin
MainWindow.begin = lambda self: (begin(self), QApplication.exit(3))
sys.exit(main(["gui", "--no-join"]))
"""
    window = start_window(code, tmp_path)
    errors = window.communicate(timeout=60)[1]
    assert window.returncode == 3, errors


@pytest.mark.skipif(sys.platform != "linux", reason="other systems need no such library")
def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SET_UP:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(app, "find_library", lambda name: None)
    assert "apt install libxcb-cursor0" in app.why_no_window("could not connect to display")
    monkeypatch.setattr(app, "find_library", lambda name: "libxcb-cursor.so.0")
    assert "could not connect" in app.why_no_window("could not connect to display :0")
