"""Dreams that are computed ahead of the processor are those that it would have computed itself."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from innerear.engine.dreaming.dream import MakeSource
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.packs.pack import load_pack
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.plugin import render as rendering
from innerear.engine.plugin.dreams_ahead import HOPS_AHEAD, DreamsAhead, can_dream_ahead
from innerear.engine.plugin.processor import Processor
from innerear.engine.plugin.render import process_stream, render
from innerear.engine.plugin.sources import inline_source

from ...thinning import thinned

MODEL = "samplecnn-digits"


def phrase(samples: int, channels: int = 2) -> np.ndarray:
    mono = short_phrase()[0, SAMPLE_RATE : SAMPLE_RATE + samples]
    return np.stack([mono * 0.8**channel for channel in range(channels)]).astype(np.float32)


def rendered(
    cores: int, sound: np.ndarray, monkeypatch: pytest.MonkeyPatch, **values
) -> np.ndarray:
    made: list[DreamsAhead] = []

    def ahead(make: MakeSource) -> DreamsAhead:
        made.append(DreamsAhead(make))
        return made[-1]

    monkeypatch.setattr(rendering, "cores", lambda: cores)
    monkeypatch.setattr(rendering, "DreamsAhead", ahead)
    dreamed = render(sound, SAMPLE_RATE, MODEL, target="seven", **values)
    assert len(made) == (cores > 1)
    return dreamed


SETTINGS = (
    {},
    {"parameterisation": "waveform", "alignment": "aligned"},
    {"parameterisation": "partials", "alignment": "zero-latency"},
    {"drive": "grains"},
    {"silenced": True},
    {"beat": "1/16", "freeze": True},
)


@pytest.mark.parametrize("values", thinned(SETTINGS, SETTINGS[1:4:2]), ids=str)
def test_the_same_bytes_as_on_one_core(values: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = phrase(SAMPLE_RATE // 4 + 77)
    alone = rendered(1, sound, monkeypatch, **values)
    np.testing.assert_array_equal(alone, rendered(2, sound, monkeypatch, **values))


def test_what_comes_back_or_is_turned_is_heard_first() -> None:
    assert can_dream_ahead(ParameterSet())
    for values in ({"feedback": 0.2}, {"input_db": -6.0}, {"channel_mode": "each"}):
        assert not can_dream_ahead(ParameterSet(**values))


def ahead_of(sound: np.ndarray, block: int = 256) -> tuple[Processor, DreamsAhead]:
    parameters = ParameterSet(target="seven")
    ahead = DreamsAhead(inline_source(load_pack(MODEL), parameters, None, 0))
    processor = Processor(parameters=parameters, source=ahead.make)
    processor.prepare(SAMPLE_RATE, block, len(sound))
    return processor, ahead


def test_a_long_sound_is_read_only_a_little_ahead() -> None:
    sound = phrase(SAMPLE_RATE // 4)
    read = 0

    def blocks() -> Iterator[np.ndarray]:
        nonlocal read
        for at in range(0, sound.shape[1], 256):
            read += 256
            yield sound[:, at : at + 256]

    processor, ahead = ahead_of(sound)
    done = 0
    hop = int(processor.parameters["n_fft"]) // 4
    for block in process_stream(processor, ahead.through(blocks())):
        assert read - done - processor.latency_samples <= (HOPS_AHEAD + 3) * hop
        done += block.shape[1]
    processor.close()
    assert done == sound.shape[1]


def test_no_thread_is_left_where_a_stream_is_given_up() -> None:
    sound = phrase(SAMPLE_RATE)
    before = set(threading.enumerate())
    processor, ahead = ahead_of(sound)
    next(iter(process_stream(processor, ahead.through([sound]))))
    processor.close()
    left = {each.name for each in set(threading.enumerate()) - before}
    assert "innerear-dreams" not in left


def test_an_error_of_the_network_is_raised_where_the_sound_is_fed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from innerear.engine.packs.gradient_source import OnnxGradientSource

    def fail(*_: object) -> None:
        raise OSError("the network is broken")

    monkeypatch.setattr(OnnxGradientSource, "gradient", fail)
    sound = phrase(SAMPLE_RATE // 4)
    processor, ahead = ahead_of(sound)
    with pytest.raises(OSError, match="broken"):
        list(process_stream(processor, ahead.through([sound])))
    processor.close()


def test_a_low_rate_and_the_longest_window_leave_dreams_on_the_tape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sound = phrase(24_000, 1)
    outs = []
    for number in (1, 2):
        monkeypatch.setattr(rendering, "cores", lambda number=number: number)
        outs.append(render(sound, 8000, MODEL, alignment="aligned", n_fft="4096", target="seven"))
    np.testing.assert_array_equal(*outs)
    assert np.abs(outs[0] - sound).max() > 0.01
