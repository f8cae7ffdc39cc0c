"""`innerear dream` writes what it says, whole or not at all, and refuses in one line."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear.cli.shared.schemas import DreamReport, PaperReport
from innerear.engine.analysis.dream_settings import DREAM_SETTINGS, dream_settings
from innerear.engine.analysis.offline_dream import dream
from innerear.engine.io.audio_files import read_sound
from innerear.engine.packs.pack import Pack
from innerear.engine.plots.paper import FIGURES, all_steps

from ..thinning import thinned
from .conftest import Run

Refused = Callable[..., str]
PNG = b"\x89PNG"


def test_it_is_the_call_from_python(run: Run, toy_pack: Path, tone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    options = ("--model", toy_pack, "--target", "Middle tone", "--combine", "add", "--steps", 3)
    outcome = run("dream", tone, out, *options)
    assert (outcome.status, outcome.err) == (0, "")
    assert f"wrote {out}: 3 steps of 0.1, add, Middle tone" in outcome.out
    sound, rate = read_sound(tone)
    expected = dream(sound, rate, Pack(toy_pack), target="Middle tone", combine="add", steps=3)
    np.testing.assert_array_equal(read_sound(out)[0], expected)


def test_the_report(run: Run, toy_pack: Path, tone: Path, tmp_path: Path) -> None:
    options = ("--model", toy_pack, "--target", "Middle tone", "--steps", 4, "--combine", "add")
    report = tmp_path / "report.json"
    outcome = run("dream", tone, tmp_path / "out.flac", *options, "--json", "--report", report)
    data = json.loads(outcome.out)
    assert data == json.loads(report.read_text())
    assert data["settings"]["steps"] == 4
    assert data["targets"] == ["Middle tone"] * 4
    assert len(data["scores"]) == 5
    assert data["score_after"] > data["score_before"]
    assert (data["samples"], data["sample_rate"], data["channels"]) == (32_000, 16_000, 2)


def test_sounds_on_the_way_are_those_of_fewer_steps(
    run: Run, toy_pack: Path, tone: Path, tmp_path: Path
) -> None:
    options = ("--model", toy_pack, "--target", "Low tone")
    out = tmp_path / "out.wav"
    assert run("dream", tone, out, *options, "--steps", 10, "--every", 4).status == 0
    assert {path.name for path in tmp_path.glob("out*")} == {
        "out.wav",
        "out-04.wav",
        "out-08.wav",
    }
    assert run("dream", tone, tmp_path / "eight.wav", *options, "--steps", 8).status == 0
    np.testing.assert_array_equal(
        read_sound(tmp_path / "out-08.wav")[0], read_sound(tmp_path / "eight.wav")[0]
    )


@pytest.mark.parametrize("combine", ["target", "flip"])
def test_another_sound(run: Run, toy_pack: Path, tone: Path, tmp_path: Path, combine: str) -> None:
    other = tmp_path / "other.wav"
    soundfile.write(other, np.sin(2 * np.pi * 1000 / 44_100 * np.arange(9000)), 44_100)
    outcome = run(
        "dream", tone, tmp_path / "out.wav", "--model", toy_pack, "--target-sound", other,
        "--combine", combine, "--json",
    )  # fmt: skip
    assert set(json.loads(outcome.out)["targets"]) == {"Middle tone"}


@pytest.mark.parametrize("suffix", thinned([".png", ".svg"], [".svg"]))
def test_the_figure(run: Run, toy_pack: Path, tone: Path, tmp_path: Path, suffix: str) -> None:
    figure = tmp_path / f"figure{suffix}"
    outcome = run(
        "dream", tone, tmp_path / "out.wav", "--model", toy_pack, "--steps", 1, "--figure", figure
    )
    assert f"wrote {figure}" in outcome.out
    content = figure.read_bytes()
    assert content.startswith(PNG) if suffix == ".png" else b"Last gradient" in content


def test_the_papers_figures(run: Run, toy_pack: Path, tone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "figures"
    outcome = run("dream", "--paper", folder, tone, "--model", toy_pack, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    names = [f"figure-{n}{suffix}" for n in range(1, 9) for suffix in (".png", ".wav")]
    assert {path.name for path in folder.iterdir()} == {*names, "report.json"}
    data = json.loads(outcome.out)
    assert data == json.loads((folder / "report.json").read_text())
    PaperReport.model_validate(data, strict=True)
    assert [row["number"] for row in data["figures"]] == list(range(1, 9))
    original, _ = read_sound(tone)
    np.testing.assert_array_equal(read_sound(folder / "figure-1.wav")[0], original)
    for row, figure in zip(data["figures"][1:], FIGURES[1:], strict=True):
        assert len(row["recursion"]["targets"]) == figure.steps
        DreamReport.model_validate({**row["recursion"], "kept": []}, strict=True)
        sound, rate = read_sound(folder / row["sound"])
        assert (sound.shape, rate) == (original.shape, 16_000)
        alone = dream(
            original, 16_000, Pack(toy_pack), combine=figure.combine, steps=figure.steps,
            step=figure.step, layer="tones,output" if figure.last_layers else "output",
        )  # fmt: skip
        np.testing.assert_array_equal(sound, alone)
    assert all_steps() == 122  # figures 4 and 6, 7 and 8 are stations of the same recursions


def test_the_papers_network_is_yamnet_where_it_was_added(
    toy_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from innerear.engine.plots.paper import papers_pack

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert papers_pack().name == "stftcnn-instruments"
    folder = tmp_path / "innerear" / "models" / "yamnet"
    folder.parent.mkdir(parents=True)
    folder.symlink_to(toy_pack)
    assert papers_pack().folder == folder


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--layer", "tonse"), "Did you mean tones"),
        (("--layer", "tones", "--target", "3"), "units 0 to 2"),
        (("--target", "Lo tone"), "Low tone"),
        (("--combine", "flop"), "Did you mean flip"),
        (("--combine", "target"), "--target-sound"),
        (("--steps", "0"), "1 to 10000"),
        (("--steps", "1.5"), "whole number"),
        (("--step", "nan"), "step cannot be"),
        (("--every", "0"), "--every"),
        (("--figure", "figure.gif"), ".png"),
        (("--report", "/nowhere/report.json"), "does not exist"),
        (("--target-sound", "nothing.wav"), "no such file"),
        (("--n-fft", "1000"), "n_fft"),
        (("--device", "gpu"), "There is no device"),
    ],
)
def test_what_cannot_be_is_one_line(
    refused: Refused, toy_pack: Path, tone: Path, tmp_path: Path, options: tuple[str], words: str
) -> None:
    assert words in refused("dream", tone, tmp_path / "out.wav", "--model", toy_pack, *options)


@pytest.mark.parametrize("name", ["out.aac", "nowhere/out.wav"])
def test_an_output_that_cannot_be_is_one_line(
    refused: Refused, toy_pack: Path, tone: Path, tmp_path: Path, name: str
) -> None:
    refused("dream", tone, tmp_path / name, "--model", toy_pack)


def test_a_bad_sound_is_one_line(
    refused: Refused, toy_pack: Path, bad_sound: tuple[Path, str], tmp_path: Path
) -> None:
    path, words = bad_sound
    assert words in refused("dream", path, tmp_path / "out.wav", "--model", toy_pack)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "needs IN and OUT"),
        (("in.wav",), "needs IN and OUT"),
        (("--paper", "folder", "in.wav", "out.wav"), "--paper goes with"),
        (("--paper", "folder", "--steps", "3"), "leave them out"),
        (("--paper", "folder", "in.wav"), "no such file"),
    ],
)
def test_arguments_that_do_not_go_together(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str],
    words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert words in refused("dream", *arguments)


def test_gradients_that_are_no_numbers_are_told(
    run: Run, damaged_pack: Path, tone: Path, tmp_path: Path
) -> None:
    outcome = run("dream", tone, tmp_path / "out.wav", "--model", damaged_pack, "--steps", 1)
    assert outcome.status == 0
    assert "gradients were no numbers and left out; the sound is as it was" in outcome.out


def test_every_setting_is_a_flag_with_its_default(run: Run) -> None:
    text = " ".join(run("dream", "--help").out.split())
    for setting in DREAM_SETTINGS.values():
        assert f"{setting.flag} " in text
        assert " ".join(setting.meaning.split()) in text
        assert f"[default: {setting.default}]" in text
    assert dream_settings().steps == 10
