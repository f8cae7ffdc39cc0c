"""The worker: on schedule, catching up, and going on whatever a network does."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear.engine.dreaming.streaming_dream import StreamingDream, update_count
from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.parameter_values import ParameterSet

RATE = 16_000
HOP = 400


@pytest.fixture(scope="module")
def pack(toy_pack: Path) -> Pack:
    return load_pack(toy_pack)


def _analyser(pack: Pack, dreamer: Any = None, rate: int = RATE, **values: Any) -> StreamingDream:
    parameters = ParameterSet(
        **{"combine": "add", "lookahead_ms": 50, "parameterisation": "waveform", **values}
    )
    return StreamingDream(dreamer or OnnxGradientSource(pack), None, parameters, rate, 1024)


def _noise(samples: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((1, samples)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000, 192_000])
def test_the_tape_is_never_further_behind_than_it_says(pack: Pack, rate: int) -> None:
    analyser = _analyser(pack, rate=rate, alignment="aligned")
    sound = _noise(rate // 2)
    behind = []
    for at in range(0, sound.shape[1], 100):
        chunk = sound[:, at : at + 100]
        analyser.feed(chunk)
        analyser.run_due()
        behind.append(at + chunk.shape[1] - analyser.tape.end)
    assert max(behind) <= analyser.tape_lag
    assert max(behind[10:]) > analyser.tape_lag - 1.2 * HOP * rate / RATE  # and it says no more


def test_updates_are_on_schedule_however_the_sound_comes(pack: Pack) -> None:
    tapes = []
    for size in (1, 77, 4000):
        analyser = _analyser(pack, alignment="aligned", target="Low tone")
        sound = _noise(8000)
        for at in range(0, 8000, size):
            analyser.feed(sound[:, at : at + size])
            analyser.run_due()
        assert analyser.count == 8000 // HOP
        tapes.append(analyser.tape.read(analyser.tape.end).copy())
    np.testing.assert_array_equal(tapes[0], tapes[1])
    np.testing.assert_array_equal(tapes[0], tapes[2])


def test_when_behind_only_the_newest_update_is_computed(pack: Pack) -> None:
    analyser = _analyser(pack, alignment="aligned")
    analyser.feed(_noise(10 * HOP))
    analyser.run_due(skip_late=True)
    assert analyser.count == 1
    assert analyser.tape.end == 9 * HOP  # 50 ms of lookahead are two hops; the tape keeps time
    assert analyser.newest.heard_until == 10 * HOP


@pytest.mark.parametrize(
    ("lookahead", "window", "updates"), [(0, 16_000, 1), (250, 16_000, 10), (1000, 1600, 4)]
)
def test_the_lookahead_is_what_the_window_can_hold(
    lookahead: float, window: int, updates: int
) -> None:
    assert update_count(lookahead, RATE, window) == updates


def test_an_unknown_target_keeps_the_last_one_and_is_a_problem(pack: Pack) -> None:
    parameters = ParameterSet(target="Low tone")
    analyser = StreamingDream(OnnxGradientSource(pack), None, parameters, RATE, 1024)
    analyser.feed(_noise(HOP))
    analyser.run_due()
    parameters.set("target", "Lov tone")
    analyser.feed(_noise(HOP))
    analyser.run_due()
    assert analyser.newest.target == "Low tone"
    assert "Lov tone" in analyser.problem
    parameters.set("target", "High tone")
    analyser.feed(_noise(HOP))
    analyser.run_due()
    assert analyser.newest.target == "High tone"
    assert analyser.problem == ""


def test_a_stall_longer_than_the_memory_is_silence_and_keeps_time(pack: Pack) -> None:
    analyser = _analyser(pack, alignment="aligned")
    for _ in range(5):
        analyser.feed(_noise(RATE))
    analyser.run_due()
    assert analyser.newest.heard_until == 5 * RATE


def test_an_update_uses_the_values_of_its_beginning(pack: Pack) -> None:
    class Setting:
        """Somebody sets parameters while the network computes."""

        def __init__(self) -> None:
            self.inner, self.values = OnnxGradientSource(pack), dict[str, Any]()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def gradient(self, *arguments: Any) -> Any:
            for id, value in self.values.items():
                parameters.set(id, value)
            return self.inner.gradient(*arguments)

    found = []
    for values in ({}, {"colour": 0.0, "combine": "gate", "threshold_db": 0.0}):
        parameters = ParameterSet(
            parameterisation="waveform",  # which all these values matter to
            combine="add",
            target="Low tone",
            colour=1.0,
            alignment="live",
        )
        setting = Setting()
        analyser = StreamingDream(setting, None, parameters, RATE, 1024)
        sound = _noise(21 * HOP)
        analyser.feed(sound[:, : 20 * HOP])
        analyser.run_due()
        setting.values = values
        analyser.feed(sound[:, 20 * HOP :])
        analyser.run_due()
        found.append(analyser.newest.spectrum)
    assert found[0].any()
    np.testing.assert_array_equal(found[1], found[0])
