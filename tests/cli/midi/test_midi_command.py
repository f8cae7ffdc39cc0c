"""`innerear midi` where no device is needed; with devices: tests/realtime/test_midi.py."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ..conftest import Run

Refused = Callable[..., str]


@pytest.fixture(autouse=True)
def own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("config") / "midi"
    monkeypatch.setattr("innerear.engine.control.midi.mapping_files.user_folder", lambda: folder)
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    return folder


def test_mappings_are_listed_damaged_ones_too(run: Run, own_folder: Path) -> None:
    own_folder.mkdir()
    (own_folder / "mine.json").write_text('{"schema_version": 1, "title": "My own"}')
    (own_folder / "broken.json").write_text("{")
    listed = run("midi", "mappings", "--json")
    assert listed.status == 0
    data = json.loads(listed.out)
    mine = next(each for each in data["mappings"] if each["yours"])
    assert (mine["name"], mine["title"], mine["bindings"]) == ("mine", "My own", 0)
    assert [each["name"] for each in data["damaged"]] == ["broken"]
    table = run("midi", "mappings").out
    assert "My own (yours)" in table
    assert "korg-nanokontrol2" in table
    assert str(own_folder) in table


def test_no_midi_system_is_no_error(run: Run) -> None:
    listed = run("midi", "ports", "--api", "jack", "--json")
    assert listed.status == 0
    assert json.loads(listed.out) == {"system": "", "inputs": [], "outputs": []}
    assert "There is no MIDI system here" in run("midi", "ports", "--api", "jack").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["monitor", "--mapping", "nanokontrol"], "Did you mean korg-nanokontrol2"),
        (["monitor", "--api", "jac"], "Did you mean jack"),
        (["learn", "mixx", "--to", "mine"], "Did you mean mix"),
        (["learn", "mix", "--to", "../mine"], "small letters"),
        (["learn", "mix"], "--to"),
        (["learn", "preset", "--to", "mine"], "which preset"),
        (["learn", "mix", "--to", "mine", "--kind", "dial"], "dial"),
        (["learn", "mix", "--to", "mine", "--seconds", "0", "--api", "jack"], "No control"),
    ],
)
def test_what_cannot_be_is_one_line(run: Run, arguments: list[str], words: str) -> None:
    outcome = run("midi", *arguments)
    assert outcome.status == 2
    assert outcome.out == ""
    last = outcome.err.splitlines()[-1]
    assert last.startswith("innerear: error: ")
    assert words in last


def test_without_rtmidi_playing_goes_on_and_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "rtmidi.py").write_text("raise ImportError('libasound.so.2 is missing')")
    words = "MIDI needs python-rtmidi (libasound.so.2 is missing): pip install python-rtmidi"

    def midi(*arguments: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            [sys.executable, "-m", "innerear.cli", "midi", *arguments],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    monitor = midi("monitor", "--seconds", "1")
    assert monitor.returncode == 0
    assert monitor.stderr.startswith(words)
    assert monitor.stderr.count("\n") == 1
    listed = midi("ports")
    assert listed.returncode == 2
    assert listed.stderr.startswith("innerear: error: " + words)
