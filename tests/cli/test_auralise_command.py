"""`innerear auralise` writes what one unit passes, and scores units as onset detectors."""

import json
from collections.abc import Callable
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import soundfile

from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, onset_seconds, short_phrase

from .conftest import Run

Refused = Callable[..., str]


@pytest.fixture
def phrase(tmp_path: Path) -> Path:
    path = tmp_path / "phrase.wav"
    soundfile.write(path, short_phrase()[:, : 3 * SAMPLE_RATE].T, SAMPLE_RATE)
    return path


@pytest.fixture
def onsets(tmp_path: Path) -> Path:
    path = tmp_path / "onsets.txt"
    path.write_text("".join(f"{time:.3f}\n" for time in onset_seconds() if time < 3))
    return path


def test_one_unit_becomes_a_sound_of_the_same_shape(
    run: Run, phrase: Path, onsets: Path, tmp_path: Path
) -> None:
    out, figure = tmp_path / "out.wav", tmp_path / "out.png"
    outcome = run(
        *("auralise", phrase, "-o", out, "--layer", "conv1", "--unit", 1, "--onsets", onsets),
        *("--figure", figure, "--json"),
    )
    assert (outcome.status, outcome.err) == (0, "")
    told = json.loads(outcome.out)
    assert (told["model"], told["layer"], told["rule"]) == (
        "stftcnn-instruments",
        "conv1",
        "deconv",
    )
    (unit,) = told["units"]
    assert unit["unit"] == 1
    assert unit["file"] == str(out)
    assert -60 < unit["level_db"] < 0
    assert set(unit["onsets"]) == {"precision", "recall", "f", "peaks"}
    sound, rate = soundfile.read(out)
    assert (rate, sound.shape) == (SAMPLE_RATE, (3 * SAMPLE_RATE, 2))
    assert sound.any()
    assert matplotlib.image.imread(figure).std() > 0.05


def test_all_units_fill_a_folder(run: Run, phrase: Path, tmp_path: Path) -> None:
    folder, figure = tmp_path / "new" / "conv1", tmp_path / "all.png"
    outcome = run(
        *("auralise", phrase, "--layer", "conv1", "--unit", "all", "-o", folder),
        *("--rule", "guided", "--figure", figure),
    )
    assert (outcome.status, outcome.err) == (0, "")
    assert "12 units of conv1 of stftcnn-instruments (guided)" in outcome.out
    names = [f"conv1-{number:02d}.wav" for number in range(12)]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert figure.stat().st_size > 10_000


def test_by_default_the_most_active_unit_is_heard(run: Run, phrase: Path, tmp_path: Path) -> None:
    outcome = run("auralise", phrase, "-o", tmp_path / "out.flac")
    assert outcome.status == 0
    assert "of conv5 of stftcnn-instruments passes the sound at -" in outcome.out
    assert outcome.out.endswith(f"wrote {tmp_path / 'out.flac'}\n")


def test_units_are_ranked_as_onset_detectors(
    run: Run, phrase: Path, onsets: Path, tmp_path: Path
) -> None:
    figure = tmp_path / "ranked.png"
    rank = ("auralise", phrase, "--layer", "conv1", "--onsets", onsets, "--rank-onsets")
    outcome = run(*rank, "--figure", figure)
    assert (outcome.status, outcome.err) == (0, "")
    assert "against 12 onsets, within 50 ms" in outcome.out
    assert "the sound's level alone: F " in outcome.out
    assert matplotlib.image.imread(figure).std() > 0.05
    told = json.loads(run(*rank, "--json").out)
    assert told["onsets"] == 12
    assert len(told["rows"]) == 12
    scores = [row["f"] for row in told["rows"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9


def test_a_silent_sound_gives_silence_and_says_so(run: Run, tmp_path: Path) -> None:
    quiet, out = tmp_path / "quiet.wav", tmp_path / "out.wav"
    soundfile.write(quiet, np.zeros(20_000), 16_000)
    outcome = run("auralise", quiet, "-o", out, "--figure", tmp_path / "out.png")
    assert outcome.status == 0
    assert "is silent in this sound" in outcome.out
    assert not soundfile.read(out)[0].any()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-o", "out.wav", "--layer", "conv9"), "no layer 'conv9'"),
        (("-o", "out.wav", "--layer", "conv1", "--unit", "12"), "units 0 to 11, not 12"),
        (("-o", "out.wav", "--layer", "output", "--unit", "Brasss"), "Did you mean Brass"),
        (("-o", "out.wav", "--layer", "conv1", "--unit", "first"), "units 0 to 11, not 'first'"),
        (("-o", "out.wav", "--rule", "deconf"), "Did you mean deconv"),
        (("-o", "out.aac"), ".wav"),
        (("-o", "none/out.wav"), "mkdir"),
        ((), "-o OUT"),
        (("--unit", "all"), "folder"),
        (("--rank-onsets",), "--onsets"),
        (("-o", "out.wav", "--onsets", "none.txt"), "no such file"),
        (("-o", "out.wav", "--model", "stftcn"), "no model"),
        (("-o", "out.wav", "--figure", "out.jpg"), ".png"),
    ],
)
def test_wrong_input_is_told_in_one_line(
    refused: Refused,
    tone: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused("auralise", tone, *options)


def test_a_ranking_names_no_unit(refused: Refused, tone: Path, onsets: Path) -> None:
    rank = ("auralise", tone, "--rank-onsets", "--onsets", onsets)
    assert "leave --unit" in refused(*rank, "--unit", "3")


def test_a_bad_sound_is_refused(refused: Refused, bad_sound: tuple[Path, str]) -> None:
    path, words = bad_sound
    assert words in refused("auralise", path, "-o", path.with_name("out.wav"))


def test_a_pack_without_the_graph_is_refused(refused: Refused, tone: Path, toy_pack: Path) -> None:
    out = tone.with_name("out.wav")
    assert "auralise.onnx" in refused("auralise", tone, "--model", toy_pack, "-o", out)
