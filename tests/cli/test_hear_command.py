"""`innerear hear` says what the network hears, to people and to programs."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest

from innerear.engine.analysis import classify
from innerear.engine.analysis.classify import Heard

from .conftest import Run

Refused = Callable[..., str]


def test_the_table_names_what_is_heard_when(run: Run, toy_pack: Path, tone: Path) -> None:
    outcome = run("hear", tone, "--model", toy_pack)
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert "2.00 s, heard by toy-tones in windows of 0.10 s every 0.03 s" in lines[0]
    assert lines[3].startswith("0.00 - ")
    assert "Low tone 0.98" in lines[3]
    assert "High tone 0.98" in lines[-2]
    assert lines[-1].startswith("overall")


def test_json_is_pure_and_complete(run: Run, toy_pack: Path, tone: Path) -> None:
    outcome = run("hear", tone, "--model", toy_pack, "--json", "--layer", "tones")
    assert (outcome.status, outcome.err) == (0, "")
    data = json.loads(outcome.out)
    assert data["model"] == "toy-tones"
    assert data["sample_rate"] == 16_000
    assert data["hop_seconds"] == 0.025
    assert data["classes"] == ["Low tone", "High tone", "Middle tone"]
    windows = 1 + (32_000 - 1600) // 400
    np.testing.assert_allclose(data["times"], np.arange(windows) * 0.025)
    scores = np.array(data["scores"])
    assert scores.shape == (windows, 3)
    # 0.5 * 1600 / 2 / 100 = 4 for the tone that sounds, 0 for the others.
    np.testing.assert_allclose(scores[0], 1 / (1 + np.exp([-4, 0, 0])), atol=1e-3)
    np.testing.assert_allclose(scores[-1], 1 / (1 + np.exp([0, -4, 0])), atol=1e-3)
    assert data["layer"] == "tones"
    np.testing.assert_allclose(data["activations"][0], [4, 0, 0], atol=1e-2)


def test_a_sound_shorter_than_a_window_is_heard_once(
    run: Run, toy_pack: Path, tmp_path: Path
) -> None:
    import soundfile

    soundfile.write(tmp_path / "click.flac", np.ones(1) * 0.5, 8000)
    data = json.loads(run("hear", tmp_path / "click.flac", "--model", toy_pack, "--json").out)
    assert data["times"] == [0]
    assert len(data["scores"]) == 1


def test_files_are_written_besides(run: Run, toy_pack: Path, tone: Path, tmp_path: Path) -> None:
    table, figure = tmp_path / "heard.csv", tmp_path / "heard.png"
    options = ("--csv", table, "--figure", figure, "--layer", "tones")
    outcome = run("hear", tone, "--model", toy_pack, *options)
    assert outcome.status == 0
    assert f"wrote {figure}" in outcome.out
    with table.open() as file:
        rows = list(csv.reader(file))
    assert rows[0][:2] == ["time_seconds", "Low tone"]
    assert rows[0][-1] == "tones[2]"
    assert len(rows) == 78
    assert float(rows[1][1]) == pytest.approx(0.982, abs=1e-3)
    assert matplotlib.image.imread(figure).shape[0] > 500
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "heard.csv",
        "heard.png",
        "tone.wav",
    ]


def test_a_bad_sound_is_one_line(
    refused: Refused, toy_pack: Path, bad_sound: tuple[Path, str], tmp_path: Path
) -> None:
    path, words = bad_sound
    outputs = ("--csv", tmp_path / "heard.csv", "--figure", tmp_path / "heard.png")
    for options in ((), ("--json",), outputs):
        message = refused("hear", path, "--model", toy_pack, *options)
        assert words in message
        assert str(path) in message


@pytest.mark.parametrize("option", ["--csv", "--figure"])
def test_an_output_folder_that_does_not_exist(
    refused: Refused, toy_pack: Path, tone: Path, tmp_path: Path, option: str
) -> None:
    path = tmp_path / "nowhere" / ("heard.csv" if option == "--csv" else "heard.png")
    assert "does not exist" in refused("hear", tone, "--model", toy_pack, option, path)


def test_a_figure_of_an_unknown_format(
    refused: Refused, toy_pack: Path, tone: Path, tmp_path: Path
) -> None:
    message = refused("hear", tone, "--model", toy_pack, "--figure", tmp_path / "heard.gif")
    assert ".png, .svg or .pdf" in message


def test_a_table_of_another_name_replaces_nothing(
    refused: Refused, toy_pack: Path, tone: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.wav"
    other.write_bytes(b"my recording")
    message = refused("hear", tone, "--model", toy_pack, "--csv", other)
    assert "a table's name ends in .csv" in message
    assert other.read_bytes() == b"my recording"


def test_a_network_of_two_classes_has_as_many_columns(
    run: Run, toy_pack: Path, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear_three = classify.hear_stream

    def hear_two(*given: Any, **options: Any) -> Heard:
        heard = hear_three(*given, **options)
        return replace(heard, classes=heard.classes[:2], scores=heard.scores[:, :2])

    monkeypatch.setattr(classify, "hear_stream", hear_two)
    outcome = run("hear", tone, "--model", toy_pack)
    assert (outcome.status, outcome.err) == (0, "")
    heads = next(line for line in outcome.out.splitlines() if line.startswith("seconds"))
    assert heads.split() == ["seconds", "strongest", "second"]


def test_an_unknown_layer_lists_the_nearest(refused: Refused, toy_pack: Path, tone: Path) -> None:
    message = refused("hear", tone, "--model", toy_pack, "--layer", "tnes")
    assert "'tnes'" in message
    assert "Did you mean tones?" in message


def test_an_unknown_model_lists_the_nearest(
    refused: Refused, toy_pack: Path, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innerear.engine.packs.pack.SHIPPED_FOLDER", toy_pack.parent)
    message = refused("hear", tone, "--model", "toy-tone")
    assert "'toy-tone'" in message
    assert "Did you mean toy-tones?" in message
