"""Long runs of the shipped network: `make soak`."""

import resource
from pathlib import Path

import numpy as np
import pytest
import soundfile

import innerear
from innerear.engine.combine import COMBINATIONS
from innerear.engine.parameters import PARAMETERS, ParameterSet
from innerear.engine.processor import Processor
from innerear.engine.render import render_file

RATE, BLOCK = 48_000, 128
SECONDS = 60
CEILING = 10 ** (-0.1 / 20)


def _inputs() -> dict[str, np.ndarray]:
    time = np.arange(RATE) / RATE
    rng = np.random.default_rng(0)
    sounds = {
        "noise": rng.uniform(-1, 1, RATE),
        "music": 0.3 * sum(np.sin(2 * np.pi * hertz * time) for hertz in (220, 277, 330)),
        "silence": np.zeros(RATE),
        "direct current": np.ones(RATE),
        "square": np.sign(np.sin(2 * np.pi * 100 * time)),
    }
    return {name: sound.astype(np.float32)[np.newaxis] for name, sound in sounds.items()}


@pytest.mark.soak
@pytest.mark.parametrize("drive", PARAMETERS["drive"].choices)
@pytest.mark.parametrize("combine", COMBINATIONS)
def test_full_feedback_is_safe_for_a_minute_whatever_comes_in(combine: str, drive: str) -> None:
    pack = innerear.load("samplecnn-instruments")
    for name, sound in _inputs().items():
        processor = Processor(pack, combine=combine, drive=drive, feedback=1.0, step=2.0)
        processor.prepare(RATE, BLOCK, 1)
        blocks = [sound[:, at : at + BLOCK] for at in range(0, RATE, BLOCK)]
        loudest = 0.0
        for number in range(SECONDS * RATE // BLOCK):
            out = processor.process(blocks[number % len(blocks)])
            loudest = max(loudest, float(np.abs(out).max()))
        assert loudest <= CEILING, name
        processor.parameters.set("feedback", 0.5)
        silence = np.zeros((1, BLOCK), np.float32)
        for _ in range(10 * RATE // BLOCK):
            out = processor.process(silence)
        assert np.abs(out).max() < 1e-3, name
        assert processor.status.nan_resets == 0


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
