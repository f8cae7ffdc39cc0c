"""The site, built once with short sounds and with notebooks that were not run."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from innerear.docs.making.sounds import DREAMS
from innerear.docs.making.source_sounds import SOUNDS
from innerear.engine.dsp.overview import Overview
from innerear.engine.io.audio_files import SoundWriter
from innerear.engine.plots.hearing_plots import sounds_figure

from .fences import ROOT

RATE = 44_100
SECONDS = 1.0


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, require: Callable[..., None]) -> Path:
    """Return the folder of the built site; a warning while it is built fails."""
    require("site")
    folder = tmp_path_factory.mktemp("site")
    sounds = folder / "made" / "sounds"
    sounds.mkdir(parents=True)
    tone = 0.1 * np.sin(2 * np.pi * 220 * np.arange(round(SECONDS * RATE)) / RATE)
    for name in (*SOUNDS, *(dream.name for dream in DREAMS)):
        with SoundWriter(sounds / f"{name}.mp3", RATE, 1) as writer:
            writer.write(tone[None].astype(np.float32))
    sounds_figure(sounds / "one.png", "", [("tone", Overview.of(tone[None], RATE))])
    for dream in DREAMS:
        (sounds / f"{dream.name}.png").hardlink_to(sounds / "one.png")
    environment = {
        **os.environ,
        "SITE_SOUNDS": str(sounds),
        "SITE_NOTEBOOKS": str(folder / "made" / "notebooks"),
        "NO_MKDOCS_2_WARNING": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder / "site")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder / "site"
