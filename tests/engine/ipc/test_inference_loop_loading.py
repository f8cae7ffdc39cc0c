"""While what a forecast needs is loaded, a network shows life and makes no dream."""

import threading
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.ipc import inference_loop
from innerear.engine.ipc.inference_loop import InferenceLoop
from innerear.engine.packs.pack import load_pack
from innerear.engine.parameter_values import ParameterSet

RATE = 16_000


def test_it_counts_its_steps_until_it_can_dream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = threading.Event()
    monkeypatch.setattr(inference_loop, "load_forecast", lambda: loaded.wait(20))
    pack = load_pack("samplecnn-digits")
    parameters = ParameterSet(target="seven", parameterisation="filter+waveform")
    dreamer = pack.gradient_source()
    loop = InferenceLoop(pack, dreamer, None, parameters, RATE, tmp_path / "channel")
    loop.channel.feed.write(np.full((1, RATE // 10), 0.1, np.float32))
    before = loop.channel.steps
    loop.step()
    loop.step()
    assert loop.channel.steps == before + 2
    assert loop.channel.count == 0
    loaded.set()
    loop._loading.join(20)
    loop.step()
    assert loop.channel.count > 0
