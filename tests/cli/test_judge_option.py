"""`--judge` of render and dream: what networks that took no part hear, in a line each."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from innerear.engine.analysis.judging.judges import Judge
from innerear.engine.io.audio_files import read_sound
from innerear.engine.packs.pack import load_pack

from .conftest import Run

Refused = Callable[..., str]
NETWORK = ("--model", "wavelet-instruments")
TWO = ("--judge", "crnn-instruments", "--judge", "samplecnn-digits")


@pytest.mark.parametrize("command", [("render",), ("dream", "--steps", 1)])
def test_a_line_for_each_judge(
    run: Run, tone: Path, tmp_path: Path, command: tuple[object, ...]
) -> None:
    out = tmp_path / "out.wav"
    what = (*command, tone, out, *NETWORK, "--target", "Flute", *TWO)
    plain = run(*what)
    assert plain.status == 0, plain.err
    hears, cannot = plain.out.splitlines()[-2:]
    assert hears.startswith("Flute to crnn-instruments: 0.")
    assert cannot.startswith("samplecnn-digits cannot judge 'Flute'")
    found, other = json.loads(run(*what, "--force", "--json").out)["judges"]
    judge = Judge(load_pack("crnn-instruments"))
    for moment, path in (("before", tone), ("after", out)):
        score = judge.score(judge.listen(*read_sound(path)), "Flute")
        assert found[f"score_{moment}"] == pytest.approx(score.mean, abs=1e-5)
        assert found[f"rank_{moment}"] == score.rank
    assert other == {"judge": "samplecnn-digits", "target": "Flute", "class": None}


def test_an_automatic_target_is_judged_by_what_was_dreamt(
    run: Run, tone: Path, tmp_path: Path
) -> None:
    what = ("render", tone, tmp_path / "out.wav", *NETWORK, "--judge", "crnn-instruments")
    report = json.loads(run(*what, "--json").out)
    (judged,) = report["judges"]
    assert judged["target"] == judged["class"] == report["heard"]
    unit = run(*what, "--force", "--layer", "conv3").out.splitlines()[-1]
    assert unit.startswith("crnn-instruments cannot judge 'conv3 unit")
    assert "needs a class" in unit


@pytest.mark.parametrize("command", ["render", "dream"])
def test_an_unknown_judge_is_one_line_and_nothing_is_written(
    refused: Refused, tone: Path, tmp_path: Path, command: str
) -> None:
    message = refused(command, tone, tmp_path / "out.wav", "--judge", "crnn")
    assert "Did you mean crnn-instruments" in message
