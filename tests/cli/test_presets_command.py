"""`innerear presets`, and `--preset` where a sound is made."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from innerear.cli.shared.completion import complete_preset
from innerear.engine.control import presets
from innerear.engine.control.preset_file import SCHEMA_VERSION
from innerear.engine.control.presets import SHIPPED_FOLDER, Preset, save_preset
from innerear.engine.parameters import PARAMETERS

from .conftest import Run

Refused = Callable[..., str]


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy_pack: Path) -> Path:
    """Ship two presets, one of which needs a model that is not there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("innerear.engine.packs.pack.SHIPPED_FOLDER", toy_pack.parent)
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(presets, "SHIPPED_FOLDER", folder)
    toy = {"model": "toy-tones", "target": "High tone", "step": 0.5, "delay_ms": "1/8."}
    for name, parameters in (("high-tone", toy), ("dogs", {"model": "yamnet"})):
        content = {
            "schema_version": SCHEMA_VERSION,
            "title": name.title(),
            "description": f"Sounds like {name}.",
            "parameters": parameters,
        }
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def test_list(run: Run, shipped: Path) -> None:
    save_preset(Preset("mine", {"model": "toy-tones"}, description="Mine alone."))
    (shipped / "broken.json").write_text("{")
    outcome = run("presets", "list")
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert [line.split()[1] for line in lines] == ["name", "broken", "dogs", "high-tone", "mine"]
    assert "damaged" in lines[1]
    assert "Sounds like dogs. (needs yamnet)" in lines[2]
    assert "Mine alone. (yours)" in lines[4]
    data = json.loads(run("presets", "list", "--json").out)
    assert [preset["name"] for preset in data["presets"]] == ["dogs", "high-tone", "mine"]
    assert "innerear models add yamnet" in data["presets"][0]["problem"]
    assert data["damaged"][0]["name"] == "broken"


def test_show(run: Run) -> None:
    outcome = run("presets", "show", "high-tone")
    assert (outcome.status, outcome.err) == (0, "")
    assert "Sounds like high-tone." in outcome.out
    assert "delay_ms   1/8." in outcome.out
    data = json.loads(run("presets", "show", "high-tone", "--json").out)
    assert data["parameters"] == {
        "model": "toy-tones", "target": "High tone", "step": 0.5, "delay_ms": "1/8.",
    }  # fmt: skip


def test_save_and_remove(run: Run, refused: Refused, tmp_path: Path) -> None:
    outcome = run("presets", "save", "mine", "--preset", "high-tone", "--step", 1.5)
    path = tmp_path / "data" / "innerear" / "presets" / "mine.json"
    assert (outcome.status, outcome.out, outcome.err) == (0, f"wrote {path}\n", "")
    saved = json.loads(path.read_text())["parameters"]
    assert (saved["target"], saved["step"], saved["delay_ms"]) == ("High tone", 1.5, "1/8.")
    assert saved["mix"] == PARAMETERS["mix"].default
    assert "already" in refused("presets", "save", "mine", "--model", "toy-tones")
    assert run("presets", "save", "mine", "--model", "toy-tones", "--replace").status == 0
    assert run("presets", "remove", "mine").out == f"removed {path}\n"
    assert not path.exists()


def test_a_file_is_added_once_it_is_sound(run: Run, refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "from-a-friend.json"
    path.write_text(json.dumps({"schema_version": 2, "title": "T", "parameters": {"step": 3}}))
    assert "step cannot be 3: it takes 0 to 2" in refused("presets", "add", path)
    path.write_text(json.dumps({"schema_version": 1, "name": "T", "step": 0.25}))
    assert run("presets", "add", path).status == 0
    shown = run("presets", "show", "from-a-friend").out
    assert re.search(r"^ *step +0.25$", shown, re.MULTILINE)
    assert re.search(r"^ *parameterisation +waveform$", shown, re.MULTILINE)


def test_what_cannot_be_is_one_line(refused: Refused) -> None:
    assert "Did you mean high-tone" in refused("presets", "show", "hihg-tone")
    assert "such as a-b" in refused("presets", "save", "../A b", "--model", "toy-tones")
    assert "no target 'Hi'" in refused(
        "presets", "save", "x", "--model", "toy-tones", "--target=Hi"
    )
    assert "leave --tempo-bpm out" in refused("presets", "save", "x", "--tempo-bpm", 90)
    assert "came with Innerear" in refused("presets", "remove", "dogs")
    assert "Did you mean show" in refused("presets", "shwo")


def test_a_report_does_not_replace_the_preset_that_is_read(
    refused: Refused, tone: Path, tmp_path: Path, shipped: Path
) -> None:
    file = shipped / "high-tone.json"
    before = file.read_text()
    options = ("--preset", file, "--report", file, "--force")
    assert "what is read" in refused("render", tone, tmp_path / "out.wav", *options)
    assert file.read_text() == before


def test_a_text_that_is_no_utf8_is_one_line(refused: Refused) -> None:
    words = refused("presets", "save", "x", "--model", "toy-tones", "--title", "Gr\udcf6\udcdfe")
    assert "not UTF-8" in words


def test_a_preset_comes_first_and_flags_go_on_top(run: Run, tone: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    preset = ("--preset", "high-tone", "--report", report)
    assert run("render", tone, tmp_path / "out.wav", *preset, "--step", 0.75).status == 0
    parameters = json.loads(report.read_text())["parameters"]
    assert parameters["step"] == 0.75
    assert (parameters["target"], parameters["delay_ms"]) == ("High tone", "1/8.")
    assert parameters["mix"] == PARAMETERS["mix"].default


def test_what_is_between_two_presets(run: Run, refused: Refused, tmp_path: Path) -> None:
    save_preset(Preset("end", {"model": "toy-tones", "target": "Low tone", "step": 1.5}))
    ends = ("--preset", "high-tone", "--morph-to", "end")
    assert run("presets", "save", "half", *ends, "--morph", 0.25, "--mix", 0.5).status == 0
    saved = json.loads(run("presets", "show", "half", "--json").out)["parameters"]
    assert (saved["step"], saved["mix"], saved["delay_ms"]) == (0.75, 0.5, "1/8.")
    assert saved["target"] == "output/High tone*0.75 + output/Low tone*0.25"
    assert "--preset" in refused("presets", "save", "x", "--morph-to", "end")
    assert "morph cannot be" in refused("presets", "save", "x", *ends, "--morph", 2)


@pytest.mark.soak
def test_demo_plays_a_preset_as_it_is(run: Run, tmp_path: Path) -> None:
    save_preset(Preset("plain", {"model": "toy-tones"}))
    assert run("demo", tmp_path / "demo", "--preset", "plain").status == 0
    parameters = json.loads((tmp_path / "demo" / "report.json").read_text())["parameters"]
    assert (parameters["alignment"], parameters["target"]) == ("live", "auto")


def test_a_preset_that_cannot_be_played_writes_nothing(refused: Refused, tone: Path) -> None:
    out = tone.with_name("out.wav")
    assert "innerear models add yamnet" in refused("render", tone, out, "--preset", "dogs")
    assert "Did you mean high-tone" in refused("render", tone, out, "--preset", "high-tones")


def test_tab_completes_names() -> None:
    assert complete_preset("hi") == ["high-tone"]


def test_examples_name_presets_that_are_shipped(run: Run) -> None:
    for command in (["render"], ["live"], ["demo"], ["presets"], ["presets", "save"]):
        words = run(*command, "--help").out.split("Examples")[1].split()
        for flag, name in pairwise(words):
            if flag in ("--preset", "--morph-to") and not name.startswith("my-"):
                assert (SHIPPED_FOLDER / f"{name}.json").is_file(), name
