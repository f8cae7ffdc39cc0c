"""Libraries of short sounds, dreamed by a network whose answers are known on paper."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear import Library
from innerear.engine.io.audio_files import SoundWriter
from innerear.library.building import build
from innerear.library.plan import Grid

RATE = 16_000


@pytest.fixture(scope="session", autouse=True)
def _needs_the_extra(require: Callable[..., None]) -> None:
    require("library")


def write_tone(path: Path, hertz: float, seconds: float = 0.25) -> Path:
    """Write a tone, and return where."""
    time = np.arange(round(seconds * RATE)) / RATE
    with SoundWriter(path, RATE, 1) as writer:
        writer.write(0.2 * np.sin(2 * np.pi * hertz * time, dtype=np.float32)[None])
    return path


def rows_by_item(library: Library) -> dict[str, dict[str, Any]]:
    """Return a library's rows by item, each of which it has once."""
    rows = library.find(limit=None).to_pylist()
    assert len({row["item"] for row in rows}) == len(rows)
    return {row["item"]: row for row in rows}


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two sounds."""
    folder = tmp_path_factory.mktemp("sounds")
    write_tone(folder / "low.wav", 240)
    write_tone(folder / "high.wav", 4000)
    return folder


@pytest.fixture(scope="session")
def grid(toy_pack: Path) -> Grid:
    """Return a grid of four settings."""
    return Grid(
        models=(str(toy_pack),),
        targets=("Low tone", "High tone"),
        settings={"step": (0.5, 1.0)},
        judges=(),
    )


@pytest.fixture(scope="session")
def _built(sounds: Path, grid: Grid, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library") / "dreams"
    built = build(folder, [sounds], grid, workers=0)
    assert (built.made, built.failed, built.there) == (8, 0, 0)
    return folder


@pytest.fixture
def dreams(_built: Path, tmp_path: Path) -> Library:
    """Return a library of eight items, which a test may change."""
    return Library(shutil.copytree(_built, tmp_path / "dreams"))


@pytest.fixture
def rebuild(sounds: Path, grid: Grid) -> Callable[[Library], tuple[int, int]]:
    """Return a function that builds again, and returns how many were made, and were there."""

    def again(library: Library) -> tuple[int, int]:
        built = build(library.place.address, [sounds], grid, workers=0)
        return built.made, built.there

    return again
