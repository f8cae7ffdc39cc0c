"""A network in a thread of the same process, as a torch module of one's own plays."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.engine.packs.network import Gradient
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.plugin.processor import Processor

RATE, BLOCK = 16_000, 160


@pytest.fixture
def pack(toy_pack: Path) -> Pack:
    return load_pack(toy_pack)


class Failing:
    """A network that fails from its third gradient on, until it is mended."""

    def __init__(self, pack: Pack) -> None:
        self._inner = OnnxGradientSource(pack)
        self.sample_rate, self.window = pack.sample_rate, pack.window
        self.layers, self.classes = pack.layers, pack.classes
        self.calls = 0
        self.mended = False

    def gradient(self, waveform: np.ndarray, directions: Mapping[str, Any], rule: Any) -> Gradient:
        self.calls += 1
        if self.calls >= 3 and not self.mended:
            raise RuntimeError("out of memory")
        return self._inner.gradient(waveform, directions, rule)


def play(processor: Processor, seconds: float) -> list[str]:
    """Play noise; return the problems that were told meanwhile."""
    generator = np.random.default_rng(0)
    problems: list[str] = []
    for _ in range(round(seconds * RATE / BLOCK)):
        processor.process(generator.uniform(-0.3, 0.3, (1, BLOCK)).astype(np.float32))
        time.sleep(0.002)  # the thread has its turn: five times as fast as it plays
        problem = processor.status.problem
        if problem and problem not in problems:
            problems.append(problem)
    return problems


def test_the_thread_makes_the_same_dreams(pack: Pack) -> None:
    processor = Processor(pack, target="Middle tone", realtime=True)
    processor.prepare(RATE, BLOCK, 1)
    try:
        assert play(processor, 2.0) == []
        deadline = time.monotonic() + 20
        while processor.status.dreams.count < 20 and time.monotonic() < deadline:
            play(processor, 0.1)
        assert processor.status.dreams.count >= 20
        assert processor.status.dream.target == "Middle tone"
        processor.clear()
        processor.reset()
        play(processor, 0.1)
    finally:
        processor.close()


def test_a_network_that_fails_is_told_and_goes_on_once_it_is_mended(pack: Pack) -> None:
    network = Failing(pack)
    processor = Processor(pack, dreamer=network, target="Low tone", realtime=True)
    processor.prepare(RATE, BLOCK, 1)
    try:
        deadline = time.monotonic() + 20
        problems = play(processor, 1.0)
        while not problems and time.monotonic() < deadline:
            problems += play(processor, 0.1)
        network.mended = True
        while processor.status.dreams.count < 20 and time.monotonic() < deadline:
            problems += play(processor, 0.1)
        assert processor.status.dreams.count >= 20
        assert set(problems) == {"The network failed: RuntimeError: out of memory"}
        assert processor.status.problem == ""
    finally:
        processor.close()
