"""`innerear teach`: a folder of sounds becomes a model whose classes can be dreamt."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

import innerear
from innerear.engine.errors import ModelError
from innerear.models.studies.measure_dreams import measure_rise

from .conftest import Run

RATE = 16_000


def _sounds(folder: Path, name: str, make: Callable[[np.random.Generator], np.ndarray]) -> None:
    (folder / name).mkdir(parents=True)
    rng = np.random.default_rng(len(name))
    for number in range(6):
        soundfile.write(folder / name / f"{number}.wav", 0.3 * make(rng), RATE)


def _tone(rng: np.random.Generator) -> np.ndarray:
    hertz = rng.uniform(200, 800)
    return np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)


def _hiss(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(-1, 1, RATE // 2)


def _clicks(rng: np.random.Generator) -> np.ndarray:
    sound = np.zeros(2 * RATE)
    sound[:: int(rng.integers(500, 2000))] = 1
    return sound


@pytest.fixture
def lessons(tmp_path: Path, require: Callable[..., None]) -> Path:
    require("torch")
    folder = tmp_path / "sounds"
    _sounds(folder, "tone", _tone)
    _sounds(folder, "hiss", _hiss)
    _sounds(folder, "clicks", _clicks)
    return folder


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


def test_taught_classes_are_heard_and_dreamt(run: Run, lessons: Path) -> None:
    soundfile.write(lessons / "hiss" / "silence.wav", np.zeros(RATE), RATE)
    (lessons / "hiss" / "notes.txt").write_text("no sound")
    # Of those whose graphs are small: most of this is to write them.
    outcome = run("teach", "my-noises", "--from", lessons, "--model", "crnn-instruments", "--json")
    assert outcome.status == 0, outcome.err
    told = json.loads(outcome.out)
    assert [entry["name"] for entry in told["classes"]] == ["clicks", "hiss", "tone"]
    assert told["accuracy"] > 0.9
    assert len(told["skipped"]) == 2
    assert run("models", "verify", "my-noises").status == 0
    pack = innerear.load("my-noises")
    assert pack.classes == ("clicks", "hiss", "tone")
    sound = 0.3 * _tone(np.random.default_rng(9)).astype(np.float32)[np.newaxis]
    assert pack.classes[int(pack.hear(_window(sound, pack.window))["output"].argmax())] == "tone"
    (rise,) = measure_rise(pack, sound, RATE, ["clicks"])
    assert rise.after > rise.before
    # The name is taken now.
    again = run("teach", "my-noises", "--from", lessons)
    assert again.status == 2
    assert "already" in again.err


def _window(sound: np.ndarray, window: int) -> np.ndarray:
    return np.pad(sound, ((0, 0), (0, max(0, window - sound.shape[1]))))[:, :window]


def _only_one(folder: Path) -> None:
    for name in ("tone", "hiss"):
        for path in (folder / name).iterdir():
            path.unlink()
        (folder / name).rmdir()


def _too_few(folder: Path) -> None:
    for number in range(4):
        (folder / "tone" / f"{number}.wav").unlink()


def _silent(folder: Path) -> None:
    for path in (folder / "tone").iterdir():
        soundfile.write(path, np.zeros(RATE), RATE)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_only_one, "at least two"),
        (_too_few, "2 usable sounds"),
        (_silent, "6 more are silent"),
    ],
)
def test_what_cannot_teach_is_told_and_leaves_nothing(
    run: Run, lessons: Path, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    spoil(lessons)
    outcome = run("teach", "my-noises", "--from", lessons)
    assert outcome.status == 2
    assert outcome.err.count("\n") == 1
    assert words in outcome.err
    assert not list((tmp_path / "home").rglob("*my-noises*"))


@pytest.mark.parametrize(
    ("name", "words"),
    [("../up", "small letters"), ("samplecnn-instruments", "already"), ("", "small letters")],
)
def test_names_that_cannot_be(run: Run, lessons: Path, name: str, words: str) -> None:
    outcome = run("teach", name, "--from", lessons)
    assert outcome.status == 2
    assert words in outcome.err


def test_a_folder_that_is_not_there(run: Run, tmp_path: Path, require: Callable[..., None]) -> None:
    require("torch")
    outcome = run("teach", "mine", "--from", tmp_path / "nowhere")
    assert outcome.status == 2
    assert "no such folder" in outcome.err


@pytest.mark.soak
def test_a_lesson_that_breaks_off_leaves_no_model(
    run: Run, lessons: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from innerear.models.training import teach

    def write_half(folder: Path, *_: object) -> None:
        (folder / "manifest.json").write_text("{")
        raise ModelError("broken off")

    monkeypatch.setattr(teach, "_write", write_half)
    outcome = run("teach", "my-noises", "--from", lessons, "--model", "wavelet-instruments")
    assert (outcome.status, "broken off" in outcome.err) == (2, True)
    assert not list((tmp_path / "home").rglob("*my-noises*"))
