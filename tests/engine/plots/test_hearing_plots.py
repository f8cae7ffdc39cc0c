"""Figures are drawn without a display and appear whole, the same bytes each time."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image

from innerear.engine.analysis.classify import Heard
from innerear.engine.dsp.overview import Overview
from innerear.engine.errors import InnerearError
from innerear.engine.plots.hearing_plots import (
    before_after_figure,
    check_figure_output,
    heard_figure,
)

from ...thinning import thinned


def sound(samples: int = 40_000) -> Overview:
    made = Overview(44_100, samples)
    made.add(np.random.default_rng(0).uniform(-1, 1, (2, samples)).astype(np.float32))
    made.finish()
    return made


def heard(duration: float, windows: int = 9, classes: int = 25) -> Heard:
    scores = np.random.default_rng(1).uniform(0, 1, (windows, classes)).astype(np.float32)
    return Heard(
        model="toy",
        sample_rate=16_000,
        window_seconds=0.5,
        hop_seconds=0.05,
        duration_seconds=duration,
        times=np.arange(windows) * 0.05,
        classes=tuple(f"class {number}" for number in range(classes)),
        scores=scores,
        layer=None,
        activations=np.zeros((windows, 0), np.float32),
    )


@pytest.mark.parametrize("suffix", thinned([".png", ".svg", ".pdf"], [".svg"]))
def test_the_same_sound_gives_the_same_picture(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in paths:
        heard_figure(path, "Noise", sound(), heard(0.9))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert sorted(tmp_path.iterdir()) == paths


@pytest.mark.soak
def test_before_and_after_stand_side_by_side(tmp_path: Path) -> None:
    pair = (sound(), heard(0.9))
    before_after_figure(tmp_path / "both.png", "Noise", pair, pair)
    heard_figure(tmp_path / "one.png", "Noise", *pair)
    both, one = image.imread(tmp_path / "both.png"), image.imread(tmp_path / "one.png")
    assert both.shape[0] == one.shape[0]
    assert both.shape[1] > 1.5 * one.shape[1]


@pytest.mark.parametrize("samples", [1, 100])
def test_a_very_short_sound_can_be_drawn(tmp_path: Path, samples: int) -> None:
    heard_figure(
        tmp_path / "short.png", "Click", sound(samples), heard(samples / 44_100, 1, classes=2)
    )
    assert (tmp_path / "short.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("name", "words"), [("figure.gif", ".png, .svg or .pdf"), ("nowhere/figure.png", "not exist")]
)
def test_what_cannot_be_written_is_refused_up_front(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(InnerearError, match=words):
        check_figure_output(tmp_path / name)


def test_matplotlib_is_loaded_only_to_draw() -> None:
    code = "import sys, innerear.engine.plots.hearing_plots; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
