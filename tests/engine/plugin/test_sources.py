"""Which network a processor plays, and that threads do not share what is written over."""

import shutil
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import innerear
from innerear.engine.arrays import Float
from innerear.engine.dreaming.dream import DreamSource
from innerear.engine.errors import ParameterError
from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.engine.packs.network import Gradient
from innerear.engine.packs.onnx_runners import GradientRunner
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.parameter_values import ParameterSet, Values
from innerear.engine.plugin.processor import Processor
from innerear.engine.plugin.render import render
from innerear.engine.plugin.sources import inline_source

RATE, HOP = 16_000, 400
WAIT_SECONDS = 30.0


@pytest.fixture(scope="module")
def pack(toy_pack: Path) -> Pack:
    return load_pack(toy_pack)


def _no_source(values: Values, sample_rate: int, n_fft: int) -> DreamSource:
    raise AssertionError("no stream was prepared")


@pytest.mark.parametrize("name", ["pack", "dreamer", "realtime", "seed"])
def test_a_source_and_what_it_replaces_contradict_each_other(pack: Pack, name: str) -> None:
    given: dict[str, Any] = {
        "pack": pack, "dreamer": OnnxGradientSource(pack), "realtime": True, "seed": 3,
    }  # fmt: skip
    with pytest.raises(ParameterError, match=f"source and {name} contradict"):
        Processor(source=_no_source, **{name: given[name]})
    Processor(source=_no_source)


def test_two_networks_contradict_each_other(pack: Pack) -> None:
    with pytest.raises(ParameterError, match="pack and model="):
        Processor(pack, model="samplecnn-instruments")
    with pytest.raises(ParameterError, match="pack and model="):
        render(np.zeros(100), RATE, pack, model="samplecnn-instruments")


def test_a_dreamer_of_another_network_is_refused(pack: Pack) -> None:
    other = OnnxGradientSource(load_pack("samplecnn-instruments"))
    with pytest.raises(ParameterError, match="another network than toy-tones"):
        Processor(pack, dreamer=other)


def test_the_parameter_model_says_what_plays(pack: Pack) -> None:
    assert Processor(pack).parameters["model"] == str(pack.folder)  # it is not installed
    assert Processor("samplecnn-digits").parameters["model"] == "samplecnn-digits"
    assert Processor(load_pack("samplecnn-digits")).parameters["model"] == "samplecnn-digits"
    assert Processor(str(pack.folder)).parameters["model"] == str(pack.folder)
    assert innerear.Processor(pack, step=0.6).parameters["step"] == 0.6


def test_the_parameter_model_stays_where_it_names_the_pack_already(tmp_path: Path) -> None:
    """So a session's name for a pack does not turn into a folder when it renders."""
    pack = load_pack("samplecnn-digits")
    changes: list[str] = []
    for model in ("samplecnn-digits", str(pack.folder)):
        parameters = ParameterSet(model=model)
        parameters.observe(lambda id, value: changes.append(id))
        assert Processor(pack, parameters).parameters["model"] == model
    assert changes == []
    copy = shutil.copytree(pack.folder, tmp_path / "copy")
    assert Processor(load_pack(copy)).parameters["model"] == str(copy)  # not the installed one


def _feed_and_wait(sources: list[DreamSource], sounds: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Feed each source its own sound, hop by hop; return its dreams' magnitudes."""
    dreams: list[list[np.ndarray]] = [[] for _ in sources]
    for number in range(sounds[0].shape[1] // HOP):
        hop = slice(number * HOP, (number + 1) * HOP)
        for source, sound in zip(sources, sounds, strict=True):
            source.feed(sound[:, hop])
        deadline = time.monotonic() + WAIT_SECONDS
        while any(source.count <= number for source in sources):
            assert time.monotonic() < deadline, [source.problem for source in sources]
            time.sleep(0.001)
            for source in sources:
                source.feed(np.zeros((1, 0), np.float32))  # a look at what there is
        for source, found in zip(sources, dreams, strict=True):
            found.append(source.newest.spectrum.copy())
    return dreams


def _opened(make: Any, parameters: ParameterSet, count: int) -> list[DreamSource]:
    return [make(parameters, RATE, int(parameters["n_fft"])) for _ in range(count)]


def test_two_threads_dream_what_one_does(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both write what the network is asked before either computes: the worst case, each time."""
    parameters = ParameterSet(target="auto", colour=0.0, lookahead_ms=25.0)
    time_ = np.arange(8 * HOP) / RATE
    sounds = [
        (0.3 * np.sin(2 * np.pi * hertz * time_)).astype(np.float32)[np.newaxis]
        for hertz in (240, 4000)
    ]
    expected = []
    for sound in sounds:
        (alone,) = _opened(inline_source(pack, parameters, None, 0), parameters, 1)
        expected.append(_feed_and_wait([alone], [sound])[0])
    assert any(not np.array_equal(*pair) for pair in zip(*expected, strict=True))

    both_asked = threading.Barrier(2)
    original = GradientRunner.__init__

    def meeting(self: GradientRunner, *arguments: Any) -> None:
        original(self, *arguments)
        compute = self._run

        def run() -> Any:
            both_asked.wait(WAIT_SECONDS)
            return compute()

        self._run = run  # type: ignore[assignment]

    monkeypatch.setattr(GradientRunner, "__init__", meeting)
    make = inline_source(pack, parameters, None, 0, realtime=True)
    sources = _opened(make, parameters, 2)
    try:
        found = _feed_and_wait(sources, sounds)
    finally:
        for source in sources:
            source.close()
    np.testing.assert_array_equal(found, expected)


class _Single:
    """A dreamer for one thread: it writes over its arrays, and notices a second caller."""

    def __init__(self, pack: Pack) -> None:
        self._inner = OnnxGradientSource(pack)
        self.sample_rate, self.window = pack.sample_rate, pack.window
        self.layers, self.classes = pack.layers, pack.classes
        self._inside = 0
        self.most_inside = 0

    def value_and_grad(self, *arguments: Any) -> tuple[Float, Float]:
        return self._inner.value_and_grad(*arguments)

    def gradient(self, *arguments: Any) -> Gradient:
        self._inside += 1
        self.most_inside = max(self.most_inside, self._inside)
        time.sleep(0.005)  # so that another thread comes meanwhile, if it may
        found = self._inner.gradient(*arguments)
        self._inside -= 1
        return found


def test_threads_wait_for_each_other_with_a_dreamer_of_ones_own(pack: Pack) -> None:
    parameters = ParameterSet(target="Middle tone", lookahead_ms=25.0)
    dreamer = _Single(pack)
    make = inline_source(pack, parameters, dreamer, 0, realtime=True)
    sources = _opened(make, parameters, 3)
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, (3, 1, 10 * HOP)).astype(np.float32)
    try:
        _feed_and_wait(sources, list(noise))
    finally:
        for source in sources:
            source.close()
    assert dreamer.most_inside == 1


def test_each_channel_of_a_processor_has_its_own_thread(pack: Pack) -> None:
    sound = np.random.default_rng(0).uniform(-0.3, 0.3, (2, 160)).astype(np.float32)
    processor = Processor(pack, target="Low tone", channel_mode="each", realtime=True)
    processor.prepare(RATE, 160, 2)
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while processor.dreams_count < 20 and time.monotonic() < deadline:
            processor.process(sound)
            time.sleep(0.002)
        assert processor.dreams_count >= 20
        assert processor.status.problem == ""
    finally:
        processor.close()
