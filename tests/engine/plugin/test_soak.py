"""Long runs of the shipped network: `make test-soak`; and a short one."""

import itertools
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import innerear
from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.combinations import LIVE_COMBINATIONS
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS
from innerear.engine.plugin.processor import Processor
from innerear.engine.plugin.render import render_file

from ...thinning import each_once, thinned

RATE, BLOCK = 48_000, 512
SECONDS, QUIET_SECONDS = 60.0, 10.0
CEILING = 10 ** (-0.1 / 20)


def _inputs(rate: int) -> dict[str, np.ndarray]:
    time = np.arange(rate) / rate
    rng = np.random.default_rng(0)
    sounds = {
        "noise": rng.uniform(-1, 1, rate),
        "music": 0.3 * sum(np.sin(2 * np.pi * hertz * time) for hertz in (220, 277, 330)),
        "silence": np.zeros(rate),
        "direct current": np.ones(rate),
        "square": np.sign(np.sin(2 * np.pi * 100 * time)),
    }
    return {name: sound.astype(np.float32)[np.newaxis] for name, sound in sounds.items()}


def _feed_back(
    sound: np.ndarray, rate: int, seconds: float, quiet_seconds: float, **values: Any
) -> tuple[float, float, int]:
    """Play a sound over and over at full feedback, then silence at less.

    Returns:
        The loudest sample, the loudest of the last block after the silence, and `nan_resets`.
    """
    pack = innerear.load("samplecnn-instruments")
    processor = Processor(pack, feedback=1.0, step=2.0, **values)
    processor.prepare(rate, BLOCK, 1)
    blocks = [sound[:, at : at + BLOCK] for at in range(0, sound.shape[1] - BLOCK + 1, BLOCK)]
    loudest = 0.0
    for number in range(round(seconds * rate) // BLOCK):
        out = processor.process(blocks[number % len(blocks)])
        loudest = max(loudest, float(np.abs(out).max()))
    processor.parameters.set("feedback", 0.5)
    silence = np.zeros((1, BLOCK), np.float32)
    for _ in range(round(quiet_seconds * rate) // BLOCK):
        out = processor.process(silence)
    return loudest, float(np.abs(out).max()), processor.status.nan_resets


@pytest.mark.parametrize(
    ("alignment", "combine"),
    thinned(
        itertools.product(ALIGNMENTS, LIVE_COMBINATIONS), each_once(ALIGNMENTS, LIVE_COMBINATIONS)
    ),
)
def test_full_feedback_is_safe_with_grains(alignment: str, combine: str) -> None:
    """The short form of the soak; `test_processor_safety.py` has it for the gradient drives.

    Aligned, a round of the loop takes half a second, and loses 6.5 dB at half the feedback.
    """
    rate = 8000
    values = {"drive": "grains", "alignment": alignment, "combine": combine, "n_fft": 256}
    inputs = _inputs(rate)
    sound = np.concatenate([inputs[name][:, : rate // 2] for name in ("square", "noise")], axis=1)
    loudest, left, resets = _feed_back(sound, rate, 1.0, 6.0, delay_ms=50.0, **values)
    assert 0.1 < loudest <= CEILING
    assert left < 1e-3
    assert resets == 0


@pytest.mark.soak
@pytest.mark.parametrize("drive", PARAMETERS["drive"].choices)
@pytest.mark.parametrize("combine", LIVE_COMBINATIONS)
@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_full_feedback_is_safe_for_a_minute_whatever_comes_in(
    alignment: str, combine: str, drive: str
) -> None:
    for name, sound in _inputs(RATE).items():
        values = {"drive": drive, "alignment": alignment, "combine": combine}
        loudest, left, resets = _feed_back(sound, RATE, SECONDS, QUIET_SECONDS, **values)
        assert loudest <= CEILING, name
        assert left < 1e-3, name
        assert resets == 0


@pytest.mark.soak
def test_an_hour_takes_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    minute = np.random.default_rng(0).uniform(-0.3, 0.3, (8000 * 60, 1)).astype(np.float32)
    peaks = []
    for minutes in (1, 60):
        with soundfile.SoundFile(tmp_path / "in.wav", "w", 8000, 1, "PCM_16") as file:
            for _ in range(minutes):
                file.write(minute)
        report = render_file(tmp_path / "in.wav", tmp_path / "out.wav", ParameterSet())
        assert report["samples"] == minutes * len(minute)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert peaks[1] < 1.05 * peaks[0]
