"""`innerear filters` draws a network's first filters."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Run

Refused = Callable[..., str]


@pytest.fixture(autouse=True)
def _needs_torch(require: Callable[..., None]) -> None:
    require("torch")


@pytest.mark.soak
def test_a_picture_and_what_is_in_it(run: Run, tmp_path: Path) -> None:
    figure = tmp_path / "filters.png"
    outcome = run("filters", "stftcnn12-instruments", "--figure", figure, "--json")
    assert (outcome.status, outcome.err) == (0, "")
    told = json.loads(outcome.out)
    assert told["shape"] == [12, 12, 12]
    assert told["bases"] == [24, 16, 16]
    assert len(told["change"]) == 12
    assert figure.stat().st_size > 5000
    assert "12 filters of 12 x 12" in run("filters", told["model"], "--figure", figure).out


def test_what_cannot_be_drawn(refused: Refused, toy_pack: Path, tmp_path: Path) -> None:
    figure = tmp_path / "filters.png"
    assert "which torch network" in refused("filters", toy_pack, "--figure", figure)
    assert "Did you mean" in refused("filters", "stftcn12", "--figure", figure)
    assert ".png" in refused("filters", "stftcnn12-instruments", "--figure", "filters.jpg")
