"""A library of short dreams, made by the command itself."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.io.audio_files import SoundWriter

from ..conftest import Run, refused, run  # noqa: F401 (fixtures)

Build = Callable[..., object]


@pytest.fixture(autouse=True)
def _needs_the_extra(require: Callable[..., None]) -> None:
    require("library")


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Return a folder with one sound."""
    folder = tmp_path / "sounds"
    folder.mkdir()
    tone = 0.2 * np.sin(np.arange(4000) / 4, dtype=np.float32)
    with SoundWriter(folder / "tone.wav", 16_000, 1) as writer:
        writer.write(tone[None])
    return folder


@pytest.fixture
def build(run: Run, sounds: Path, toy_pack: Path, tmp_path: Path) -> Build:  # noqa: F811
    """Return a function that runs `library build` with more arguments."""
    return lambda *more: run(
        "library", "build", sounds, "-o", tmp_path / "dreams", "--model", toy_pack,
        "--target", "Low tone,High tone", "--judge", "none", "--workers", 0, *more,
    )  # fmt: skip
