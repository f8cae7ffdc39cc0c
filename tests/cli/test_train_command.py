"""`innerear train`: recipes listed, trained and refused, and one layer alone."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from innerear.cli import main

from .conftest import Run

Refused = Callable[..., str]
RATE = 16_000


@pytest.fixture(autouse=True)
def _needs_torch(require: Callable[..., None]) -> None:
    require("torch")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a recipe that is done in seconds; its sounds are tones and noise."""
    import torch

    from innerear.models.sounds.bank import Bank
    from innerear.models.sounds.sources import SOURCES
    from innerear.models.training.recipes import RECIPES, Recipe

    torch.set_num_threads(1)  # what is tested here is small: threads would only wait
    rng = np.random.default_rng(0)
    seconds = np.arange(RATE) / RATE
    tones = [np.sin(2 * np.pi * hertz * seconds) for hertz in (200, 210, 2000, 2100)]
    sounds = np.stack([*tones, *rng.uniform(-1, 1, (2, RATE))])
    bank = Bank(
        sample_rate=RATE,
        classes=("Low tone", "High tone", "Noise"),
        waveforms=np.round(sounds * 32_000).astype(np.int16),
        labels=np.repeat(np.arange(3), 2),
        active=np.full(6, RATE),
        held_out=np.tile([False, True], 3),
    )
    source = replace(SOURCES["instruments"], bank=lambda *_: bank)
    recipe = Recipe(
        name="small",
        title="Small",
        architecture="samplecnn",
        sounds="small",
        settings={"widths": [4, 4, 8], "frames": 150, "hop": 90},
        epochs=1,
        steps=2,
        batch=4,
    )
    monkeypatch.setitem(SOURCES, "small", source)
    monkeypatch.setitem(RECIPES, "small", recipe)
    return recipe.name


def test_the_list_names_every_recipe(run: Run) -> None:
    from innerear.models.training.recipes import RECIPES

    told = json.loads(run("train", "--list", "--json").out)
    assert [each["name"] for each in told] == list(RECIPES)
    shown = run("train", "--list")
    assert shown.status == 0
    assert all(name in shown.out for name in RECIPES)
    assert "fluidsynth" in shown.out


@pytest.mark.soak
def test_a_recipe_becomes_a_pack_that_hears(
    run: Run, small: str, tmp_path: Path, tone: Path
) -> None:
    folder = tmp_path / "training"
    outcome = run("train", small, "--folder", folder, "--device", "cpu", "--json")
    assert outcome.status == 0, outcome.err
    told = json.loads(outcome.out)
    assert set(told["accuracy"]) == {"held-out sounds", "held-out sounds, coloured"}
    assert told["folder"] == str(folder / "packs" / small)
    assert run("hear", tone, "--model", told["folder"]).status == 0

    # Everything is trained already: it goes on where it was, which is the end.
    before = (folder / small / "checkpoint.pt").stat().st_mtime_ns
    again = run("train", small, "--folder", folder, "--device", "cpu")
    assert again.status == 0, again.err
    assert (folder / small / "checkpoint.pt").stat().st_mtime_ns == before
    assert f"--model {told['folder']}" in again.out


@pytest.mark.soak
def test_one_layer_alone(run: Run, small: str, tmp_path: Path) -> None:
    outcome = run("train", small, "--only", "conv2", "--folder", tmp_path, "--json")
    assert outcome.status == 0, outcome.err
    told = json.loads(outcome.out)
    assert (told["epochs"], told["folder"]) == (1, None)
    assert [row["trained"] for row in told["rows"]] == ["conv2"]
    assert not list(tmp_path.rglob("*.csv"))


def test_each_layer_in_turn(run: Run, small: str, tmp_path: Path) -> None:
    outcome = run("train", small, "--only", "each", "--epochs", 2, "--folder", tmp_path)
    assert outcome.status == 0, outcome.err
    names = ["none", "conv1", "conv2", "conv3", "output", "all"]
    assert [line.split()[0] for line in outcome.out.splitlines()[1:7]] == names
    rows = (tmp_path / small / "one-layer.csv").read_text().splitlines()
    assert [row.partition(",")[0] for row in rows] == ["trained", *names]
    assert (tmp_path / small / "one-layer.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("samplecnn-instrument",), "Did you mean samplecnn-instruments"),
        ((), "innerear train --list"),
        (("samplecnn-instruments", "--only", "conv22"), "Did you mean conv"),
        (("samplecnn-instruments", "--epochs", 2), "--epochs goes with --only"),
        (("samplecnn-instruments", "--data", "."), "leave --data out"),
        (("samplecnn-instruments", "--device", "gpu"), "choose auto, cpu, cuda, or cuda:1"),
        (("samplecnn-instruments", "--folder", "/dev/null/x"), "name another --folder"),
        (("samplecnn-digits", "--data", "/nowhere"), "no recordings such as 7_theo_12.wav"),
    ],
)
def test_what_cannot_be_trained(
    refused: Refused, tmp_path: Path, arguments: tuple[object, ...], words: str
) -> None:
    assert words in refused("train", "--folder", tmp_path, *arguments)


@pytest.mark.parametrize("only", [(), ("--only", "conv2")])
def test_a_missing_tool_is_one_line(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only: tuple[str, ...]
) -> None:
    monkeypatch.setattr("innerear.models.sounds.soundfont.shutil.which", lambda name: None)
    line = refused("train", "samplecnn-instruments", "--folder", tmp_path, *only)
    assert "sudo apt install fluidsynth" in line


def test_without_torch_it_says_how_to_get_it(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "pip install 'innerear[torch]'" in refused("train", "--list")


def test_the_shell_completes_recipes(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_INNEREAR_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "innerear train stftcnn12")
    monkeypatch.setenv("COMP_CWORD", "2")
    with pytest.raises(SystemExit):
        main([])
    assert capfd.readouterr().out.strip() == "stftcnn12-instruments"
