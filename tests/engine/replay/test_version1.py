"""Logs that earlier versions of Innerear have written are replayed as before.

`version_1` was logged by Innerear 0.1.0 with two channels at 16 kHz and a window of 256, in blocks
of 64 and 32: with dreams drawn by chance, parameters that change while the network loads and while
it plays, a panic, a beat, a network that is replaced, and a swap to a source for each channel.
`heard.f32` is what was heard, (2, samples).
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear.cli import main
from innerear.engine.replay.events import EVENTS_FILE
from innerear.engine.replay.reader import LoggedPart
from innerear.engine.replay.replay import replay

LOG = Path(__file__).with_name("version_1")


def heard() -> np.ndarray:
    return np.fromfile(LOG / "heard.f32", "<f4").reshape(2, -1)


def replayed(log: Path, destination: Path) -> np.ndarray:
    replay(log, destination)
    return soundfile.read(destination, dtype="float32", always_2d=True)[0].T


def without(log: Path, copy: Path, kind: str, **values: int) -> Path:
    """Copy a log without the first event of a kind that has these values."""
    shutil.copytree(log, copy)
    path = copy / "part-001" / EVENTS_FILE
    lines = path.read_text().splitlines(keepends=True)
    events = [json.loads(line) for line in lines]
    left_out = next(
        number
        for number, event in enumerate(events)
        if event["event"] == kind and values.items() <= event.items()
    )
    path.write_text("".join(lines[:left_out] + lines[left_out + 1 :]))
    return copy


def test_a_log_of_version_1_is_replayed_bit_for_bit(tmp_path: Path) -> None:
    done = replay(LOG, tmp_path / "again.wav")
    assert (done["samples"], done["swaps"], done["changes"], done["dreams"]) == (9280, 1, 26, 21)
    again = soundfile.read(tmp_path / "again.wav", dtype="float32", always_2d=True)[0].T
    if done["same_machine"]:
        np.testing.assert_array_equal(again, heard())
    else:  # other libraries round otherwise, by less than what any event changes; see below
        np.testing.assert_allclose(again, heard(), atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("values", {"take": 2}),  # of `reset`
        ("values", {"take": 3}),  # of the first block
        ("values", {"processor": 1, "take": 2}),
        ("look", {"source": 0, "dream": 3}),
        ("cue", {"call": 20}),
        ("swap", {"processor": 1}),
    ],
)
def test_every_event_of_version_1_matters(
    tmp_path: Path, kind: str, values: dict[str, int]
) -> None:
    log = without(LOG, tmp_path / "log", kind, **values)
    assert np.abs(replayed(log, tmp_path / "again.wav") - heard()).max() > 1e-3


def test_events_of_version_1_are_those_of_today() -> None:
    part = LoggedPart(LOG)
    first = part.processors[0]
    assert part.part.version == 1
    assert first.prepared["mix"] == 1.0
    assert first.prepared["parameterisation"] == "waveform"  # all that there was
    assert set(first.resets) == {0}
    assert set(first.resets[0]) == {"mix", "delay_ms"}
    assert first.blocks[5] == {"mix": 1.0}
    assert first.cues == {20: [None], 30: [3.25]}
    assert first.sources[0].about.update_deadline == 400
    assert set(first.sources[0].tapes) == {0, 1}
    assert (part.played.blocks, part.played.samples) == (160, 9280)


def test_other_settings_can_be_replayed_from_version_1(tmp_path: Path) -> None:
    done = replay(LOG, tmp_path / "again.wav", settings={"mix": 0.0, "alignment": "echo"})
    assert not done["exact"]
    dry = soundfile.read(LOG / "part-001" / "input.wav", dtype="float32")[0]
    found = soundfile.read(tmp_path / "again.wav", dtype="float32")[0]
    np.testing.assert_array_equal(found, dry[: len(found)])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"take":2', '"take":-2', "take"),
        ('"allowance":400', '"update_deadline":400', "allowance"),
        ('"link":0', '"link":-1', "link"),
        ('"event":"until"', '"event":"written"', "'written'"),
    ],
)
def test_what_is_wrong_in_version_1_is_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], old: str, new: str, message: str
) -> None:
    shutil.copytree(LOG, tmp_path / "log")
    path = tmp_path / "log" / "part-001" / EVENTS_FILE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert main(["replay", str(tmp_path / "log"), str(tmp_path / "out.wav")]) == 2
    error = capfd.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert not (tmp_path / "out.wav").exists()
