"""Where no window can be opened, the command says why in one line."""

import os
import subprocess
import sys

import pytest

from innerear.gui import app

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


@pytest.mark.skipif(sys.platform != "linux", reason="other systems need no such library")
def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SET_UP:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(app, "find_library", lambda name: None)
    assert "apt install libxcb-cursor0" in app.why_no_window("could not connect to display")
    monkeypatch.setattr(app, "find_library", lambda name: "libxcb-cursor.so.0")
    assert "could not connect" in app.why_no_window("could not connect to display :0")
