"""`innerear demo` makes everything it shows, and says where it is."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image

from innerear.engine.io.audio_files import read_sound

from .conftest import Run

Refused = Callable[..., str]


def test_the_demo_writes_sounds_figure_and_report(run: Run, toy_pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "demo"
    outcome = run("demo", folder, "--model", toy_pack)
    assert (outcome.status, outcome.err) == (0, "")
    before, _ = read_sound(folder / "phrase.wav")
    after, _ = read_sound(folder / "dreamed.wav")
    assert before.shape == after.shape
    assert not np.array_equal(before, after)
    assert image.imread(folder / "figure.png").shape[0] > 500
    assert json.loads((folder / "report.json").read_text())["samples"] == before.shape[1]
    for name in ("phrase.wav", "dreamed.wav", "figure.png", "report.json"):
        assert str(folder / name) in outcome.out
    assert outcome.out.count("toy-tones hears ") == 2
    assert "others hear" not in outcome.out  # no other network knows what this one hears


def test_others_hear_what_the_demo_dreams(run: Run, tmp_path: Path) -> None:
    """Networks that took no part hear speech, and hardly heard it before."""
    out = run("demo", tmp_path / "demo").out
    heard = re.findall(r"Speech to (\S+): (\S+) before, (\S+) after", out)
    scores = {name: (float(before), float(after)) for name, before, after in heard}
    assert {"stftcnn-instruments", "cqtcnn-instruments", "samplecnn-instruments"} <= set(scores)
    assert not {"crnn-instruments", "crnn-robust", "stftcnn-robust"} & set(scores)
    for name in ("stftcnn-instruments", "cqtcnn-instruments"):
        before, after = scores[name]
        assert before < 0.1
        assert after > 0.5
    assert all(after > before for before, after in scores.values())


def test_a_folder_that_cannot_be_made(refused: Refused, toy_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = refused("demo", tmp_path / "file", "--model", toy_pack)
    assert "cannot be made" in message


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--target", "Low tome"), "Did you mean Low tone"), (("--drive", "track"), "templates")],
)
def test_what_the_model_does_not_know(
    refused: Refused, toy_pack: Path, tmp_path: Path, options: tuple[str, str], words: str
) -> None:
    assert words in refused("demo", tmp_path / "new", "--model", toy_pack, *options)
    assert not (tmp_path / "new").exists()
