"""The grid of loudness holds every setting, and notices what is too loud or no number."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.errors import ParameterError
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.parameters import PARAMETERS

from . import offline
from .grid import AXES, BLOCKS, Cell, grid, hostile_sound
from .offline import Played, judge, play, write_offline_report

RATE = 8000


def test_a_grid_holds_every_choice_with_every_other_and_a_seed_repeats_it() -> None:
    cells = grid(1)
    assert cells == grid(1)
    assert cells != grid(2)
    found = {(cell.preset, *cell.chosen.values()) for cell in cells}
    presets = {cell.preset for cell in cells}
    assert len(presets) > 20
    assert found == set(itertools.product(presets, *(PARAMETERS[id].choices for id in AXES)))
    assert len(cells) == len(found)
    assert {cell.extremes["feedback"] for cell in cells[:50]} == {0.0, 1.0}


def test_what_comes_in_is_hostile() -> None:
    sound = hostile_sound(RATE)
    assert np.isnan(sound).any()
    assert np.isinf(sound).any()
    finite = sound[np.isfinite(sound)]
    assert np.abs(finite).max() > 3.0
    assert not sound[0, -RATE // 2 :].any(), "silence after what is loud"


@pytest.mark.parametrize(
    ("value", "above", "not_numbers"),
    [(0.99, 0, 0), (-1.001, 1, 0), (np.nan, 0, 1), (np.inf, 0, 1)],
)
def test_a_sample_that_must_not_be_is_noticed(value: float, above: int, not_numbers: int) -> None:
    out = np.full((1, RATE), 0.5, np.float32)
    out[0, 100] = value
    found = judge("made up", out, out, RATE)
    assert (found.above, found.not_numbers) == (above, not_numbers)
    assert found.passed == (not above and not not_numbers)


def test_a_burst_is_measured_against_all_that_came_in_before() -> None:
    came_in = np.full((1, 2 * RATE), 0.1, np.float32)
    came_in[:, RATE:] = 0.0
    out = came_in.copy()
    out[:, RATE + 2000 : RATE + 4000] = 0.4
    assert judge("", came_in, came_in, RATE).burst_db == pytest.approx(0.0, abs=0.01)
    assert judge("", came_in, out, RATE).burst_db == pytest.approx(12.04, abs=0.05)


@pytest.mark.parametrize("number", range(3))
def test_a_cell_is_played(toy_pack: Path, number: int) -> None:
    pack = load_pack(toy_pack)
    cell = [each for each in grid(1) if each.chosen["drive"] == "gradient"][number]
    words = {"layer": next(iter(pack.layers)), "target": "auto", "target_sound": ""}
    small = Cell(cell.preset, cell.chosen, {**cell.extremes, **words}, 16_000, max(BLOCKS))
    found = play(small, lambda model: pack, part_seconds=0.05)
    assert found.passed, found
    assert found.seconds == pytest.approx(0.5)
    assert 0.0 < found.peak <= 1.0


def test_whatever_is_raised_is_a_finding() -> None:
    def missing(model: str) -> Pack:
        raise KeyError(model)

    found = play(grid(1)[0], missing, part_seconds=0.05)
    assert "KeyError" in found.fault
    assert not found.passed


def test_a_setting_that_is_refused_in_so_many_words_is_none() -> None:
    def refusing(model: str) -> Pack:
        raise ParameterError("has no templates")

    found = play(grid(1)[0], refusing, part_seconds=0.05)
    assert found.refused == "has no templates"
    assert found.passed


def test_a_run_reports_and_says_whether_all_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = [Played("quiet", 5.0, 0.5, 1.0), Played("loud", 5.0, 1.5, 9.0, above=7)]
    monkeypatch.setattr(offline, "_on_all_cores", lambda cells: iter(heard[: len(cells)]))
    assert offline.offline(5 / 3600, 1, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["passed"]
    assert not offline.offline(10 / 3600, 1, tmp_path)
    report = json.loads((tmp_path / "report.json").read_text())
    assert not report["passed"]
    assert report["samples above full scale"] == 7
    assert [each["cell"] for each in report["failed"]] == ["loud"]
    assert "FAILED" in (tmp_path / "report.md").read_text().splitlines()[0]
    said = capsys.readouterr().out
    assert "largest sample 1.5000, largest burst +9.0 dB; 1 failed" in said


def test_a_report_of_nothing_has_not_passed(tmp_path: Path) -> None:
    write_offline_report(tmp_path, [], 10, 1, 0.0)
    assert not json.loads((tmp_path / "report.json").read_text())["passed"]
