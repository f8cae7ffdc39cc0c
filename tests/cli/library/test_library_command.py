"""`innerear library`: from sounds to a library, and what can be asked of it."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Run
from .conftest import Build


@pytest.fixture
def dreams(build: Build, tmp_path: Path) -> Path:
    outcome: Any = build("--set", "step=0.5,1")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out == f"{tmp_path / 'dreams'}: 4 made, 0 were there before\n"
    return tmp_path / "dreams"


def found(run: Run, dreams: Path, *arguments: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        run("library", "find", dreams, *arguments, "--json").out
    )
    return rows


def test_build_says_what_it_did(build: Build, dreams: Path, sounds: Path) -> None:
    outcome: Any = build("--set", "step=0.5,1", "--json")
    assert json.loads(outcome.out) == {
        "library": str(dreams), "made": 0, "failed": 0, "there": 4, "unreadable": [],
    }  # fmt: skip
    (sounds / "bad.wav").write_text("no sound")
    outcome = build("--method", "render,auralise")
    assert outcome.status == 1
    assert "left out: " in outcome.out
    assert "2 of them failed: innerear library find" in outcome.out


def test_a_dry_run_counts_and_writes_nothing(build: Build, tmp_path: Path) -> None:
    outcome: Any = build("--set", "step=0.5,1,1.5", "--dry-run")
    assert outcome.out.startswith("6 items, 6 to be made\nabout ")
    assert not (tmp_path / "dreams").exists()
    report = json.loads(build("--dry-run", "--json").out)  # type: ignore[attr-defined]
    assert (report["items"], report["missing"]) == (2, 2)


def test_a_grid_file_says_what_is_varied_and_options_go_before_it(
    build: Build, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "grid.toml").write_text("[settings]\nstep = [0.5, 1]\nmix = 0.5\n")
    outcome: Any = build("--grid", tmp_path / "grid.toml", "--set", "mix=0.2,0.4,0.6")
    assert "12 made" in outcome.out
    rows = found(run, tmp_path / "dreams", "mix < 0.5 and step = 1")
    assert len(rows) == 4


def test_find_shows_a_table_or_json(run: Run, dreams: Path, sounds: Path) -> None:
    outcome = run("library", "find", dreams, "where step = 1")
    assert (outcome.status, outcome.err) == (0, "")
    assert len(outcome.out.splitlines()) == 3
    near = found(
        run, dreams, "--near", sounds / "tone.wav", "--limit", 3, "--columns", "item,sound"
    )
    assert [row["sound"] for row in near] == ["tone.wav"] * 3
    assert found(run, dreams, "--near", near[0]["item"][:8], "--limit", 1)[0]["distance"] < 1e-5
    assert run("library", "find", dreams, "step = 9").out == "nothing was found\n"


def test_show_and_stats(run: Run, dreams: Path) -> None:
    item = found(run, dreams, "step = 1", "--columns", "item", "--limit", 1)[0]["item"]
    shown = run("library", "show", dreams, item[:8]).out
    assert f"item: {item}\n" in shown
    assert "settings: step = 1\n" in shown
    row = json.loads(run("library", "show", dreams, item, "--json").out)
    assert Path(row["files"]["sound"]).is_file()
    assert "4 items, 0 of them failed" in run("library", "stats", dreams).out
    assert json.loads(run("library", "stats", dreams, "--json").out)["done"] == 4


def test_export_writes_sounds_presets_and_a_table(run: Run, sounds: Path, tmp_path: Path) -> None:
    dreams = tmp_path / "digits"
    run(
        "library", "build", sounds, "-o", dreams, "--model", "samplecnn-digits",
        "--target", "one,two", "--judge", "none", "--workers", 0, "--set", "step=1",
    )  # fmt: skip
    outcome = run(
        "library", "export", dreams, "--where", "step = 1", "-o", tmp_path / "kept",
        "--suffix", ".wav", "--table", tmp_path / "kept.csv",
    )  # fmt: skip
    assert (outcome.status, outcome.err) == (0, "")
    suffixes = sorted(path.suffix for path in (tmp_path / "kept").iterdir())
    assert suffixes == [".json", ".json", ".wav", ".wav"]
    rows = list(csv.DictReader((tmp_path / "kept.csv").open()))
    assert [row["settings"] for row in rows] == ['{"step": 1.0}'] * 2
    again = run("library", "export", dreams, "--where", "step = 1", "-o", tmp_path / "kept",
                "--suffix", ".wav")  # fmt: skip
    assert again.status == 2
    assert "there already" in again.err


def test_verify_and_remove(run: Run, dreams: Path, build: Build) -> None:
    assert run("library", "verify", dreams).out == "4 items, 0 problems\n"
    next((dreams / "sounds").rglob("*.flac")).unlink()
    outcome = run("library", "verify", dreams)
    assert (outcome.status, "is missing" in outcome.out) == (1, True)
    assert run("library", "verify", dreams, "--repair").status == 0
    assert "1 made, 3 were there" in build("--set", "step=0.5,1").out  # type: ignore[attr-defined]
    refused = run("library", "remove", dreams, "--where", "step = 1")
    assert (refused.status, refused.out) == (2, "")
    assert "2 items would be removed; say so with --force" in refused.err
    assert run("library", "remove", dreams, "--where", "step = 1", "--force").out == (
        "2 items removed\n"
    )
    assert run("library", "remove", dreams, "--where", "step = 1").out == "nothing was found\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["find", "nothing"], "nothing is no library of dreams"),
        (["find", "{dreams}", "scroe > 1"], "There is no column 'scroe'"),
        (["find", "{dreams}", "--columns", "itme"], "There is no column 'itme'. Did you mean item"),
        (["find", "{dreams}", "--near", "../x"], "there is no such file"),
        (["find", "{dreams}", "--near", "zz"], "'zz' is no item"),
        (["find", "{dreams}", "--near", "z" * 300], "is no item"),
        (["find", "{dreams}", "--near", "z" * 300 + ".wav"], "File name too long"),
        (["show", "{dreams}", "00000000"], "has no item that begins with"),
        (["export", "{dreams}", "--where", "step = 1"], "Name a folder with -o"),
        (["export", "{dreams}", "-o", "x"], "Name items, or choose them by --where"),
        (["export", "{dreams}", "-o", "x", "--where", "1 = 1", "--suffix", ".x"], "--suffix '.x'"),
        (["build", "x", "-o", "{dreams}", "--workers", "1", "--scheduler", "y"], "leave out"),
        (["build", "-o", "{dreams}"], "There is no sound to dream into"),
        (["build", "x.wav", "-o", "{dreams}"], "x.wav: there is no such file"),
        (["build", "x" * 300, "-o", "{dreams}"], "File name too long"),
        (["build", "x.wav", "-o", "{dreams}", "--seconds", "nan"], "--seconds"),
        (["build", "x.wav", "-o", "{dreams}", "--seconds", "inf"], "inf is no finite number"),
        (
            ["export", "{dreams}", "--where", "1 = 1", "-o", "{dreams}/library.json"],
            "library.json: File exists; name another",
        ),
        (["build", "-o", "{dreams}", "--grid", "x.toml"], "x.toml: cannot be read"),
    ],
)
def test_what_is_wrong_is_one_line(run: Run, dreams: Path, arguments: list[str], line: str) -> None:
    outcome = run("library", *(argument.format(dreams=dreams) for argument in arguments))
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("innerear: error: ")
    assert line in outcome.err
    assert outcome.err.count("\n") == 1


def test_what_a_name_holds_moves_no_cursor(
    run: Run, build: Build, sounds: Path, dreams: Path
) -> None:
    (sounds / "tone.wav").rename(sounds / "\x1b[2J<script>.wav")
    build("--set", "step=1.5")
    out = run("library", "find", dreams).out
    assert "\x1b" not in out
    assert "?[2J<script>.wav" in out
