"""The plug-in's contract: the latency is exact, and blocks of every size give the same sound."""

import itertools
from typing import Any

import numpy as np
import pytest

from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.combinations import LIVE_COMBINATIONS
from innerear.engine.errors import InnerearError
from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.engine.packs.pack import Pack
from innerear.engine.plugin.processor import Processor
from innerear.engine.plugin.render import process_stream

from ...thinning import each_once, thinned
from .streams import BLOCKS, LIVELY, PARAMETERISATIONS, RATES, music, run


@pytest.mark.parametrize(
    ("rate", "alignment"),
    thinned(itertools.product(RATES, ALIGNMENTS), each_once(RATES, ALIGNMENTS)),
)
def test_blocks_of_every_size_give_the_same_sound(pack: Pack, rate: int, alignment: str) -> None:
    sound = music(rate, 0.12)
    results = [
        run(Processor(pack, alignment=alignment, **LIVELY), sound, rate, block) for block in BLOCKS
    ]
    assert np.abs(results[-1] - sound).max() > 0.05
    for result in results[:-1]:
        np.testing.assert_allclose(result, results[-1], atol=1e-6)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize("block", [1, 17, 128, 480])
def test_without_mix_the_input_comes_out_exactly_latency_samples_later(
    pack: Pack, block: int, alignment: str
) -> None:
    processor = Processor(pack, alignment=alignment, mix=0.0, feedback=0.5, lookahead_ms=25.0)
    processor.prepare(16_000, block, 2)
    latency = processor.latency_samples
    count = -(-(latency + 2000) // block)
    sound = np.random.default_rng(0).uniform(-1, 1, (2, count * block)).astype(np.float32)
    sound[0, 5] = -0.0
    out = np.concatenate(
        [processor.process(sound[:, at : at + block]) for at in range(0, count * block, block)],
        axis=1,
    )
    assert out[:, latency:].tobytes() == sound[:, : count * block - latency].tobytes()
    assert not out[:, :latency].any()


def test_the_latency_is_the_filters_alone_when_live_and_none_for_an_echo(pack: Pack) -> None:
    processor = Processor(pack, n_fft=1024)
    for block, latency in ((128, 1024 - 128), (256, 768), (4096, 768), (17, 1023)):
        processor.prepare(48_000, block, 1)
        assert processor.latency_samples == latency
    for alignment in ("echo", "zero-latency"):
        processor = Processor(pack, alignment=alignment)
        for block in (1, 17, 128, 4096, None):
            processor.prepare(48_000, block, 1)
            assert processor.latency_samples == 0


@pytest.mark.parametrize("combine", LIVE_COMBINATIONS)
@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_a_step_of_zero_changes_nothing(pack: Pack, alignment: str, combine: str) -> None:
    sound = music(44_100, 0.2)
    processor = Processor(pack, alignment=alignment, combine=combine, step=0.0)
    np.testing.assert_array_equal(run(processor, sound, 44_100, 128), sound)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize("n_fft", [256, 512, 2048, 4096])
def test_the_latency_is_exact_for_every_window(pack: Pack, n_fft: int, alignment: str) -> None:
    values = {"n_fft": n_fft, "alignment": alignment, "lookahead_ms": 25.0}
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 9000)).astype(np.float32)
    for block in (96, 1000):
        processor = Processor(pack, step=0.0, **values)
        np.testing.assert_array_equal(run(processor, sound, 16_000, block), sound)
        assert processor.latency_samples == 0 or alignment in ("live", "aligned")


@pytest.mark.parametrize(
    ("alignment", "parameterisation"),
    thinned(
        itertools.product(ALIGNMENTS, PARAMETERISATIONS), each_once(ALIGNMENTS, PARAMETERISATIONS)
    ),
)
def test_blocks_that_vary_give_the_same_sound_at_one_latency(
    pack: Pack, alignment: str, parameterisation: str
) -> None:
    sound = music(16_000, 0.5)
    values = {**LIVELY, "alignment": alignment, "parameterisation": parameterisation}
    expected = run(Processor(pack, **values), sound, 16_000, 1)
    processor = Processor(pack, **values)
    processor.prepare(16_000, None, 2)
    latency = processor.latency_samples
    sizes, outs, at = np.random.default_rng(1).integers(1, 700, 100), [], 0
    for size in sizes:
        outs.append(processor.process(sound[:, at : at + size]))
        at += size
    assert processor.latency_samples == latency
    out = np.concatenate(outs, axis=1)[:, latency:]
    np.testing.assert_allclose(out, expected[:, : out.shape[1]], atol=1e-6)


def test_a_block_of_an_unannounced_size_raises_the_latency_without_a_click(pack: Pack) -> None:
    rate, tone = 16_000, np.sin(2 * np.pi * 125 * np.arange(16_000) / 16_000)
    sound = (0.5 * tone).astype(np.float32)[np.newaxis]
    values: dict[str, Any] = {"combine": "add", "target": "Low tone", "step": 0.3}
    processor = Processor(pack, **values)
    processor.prepare(rate, 128, 1)
    assert processor.latency_samples == 1024 - 128
    sizes = [128] * 60 + [64] + [100] * 50
    ends = np.cumsum(sizes)
    out = np.concatenate(
        [
            processor.process(sound[:, end - size : end])
            for size, end in zip(sizes, ends, strict=True)
        ],
        axis=1,
    )[0]
    assert processor.latency_samples == 1023
    before = np.abs(np.diff(out[4000 : 60 * 128])).max()
    assert np.abs(np.diff(out[60 * 128 - 1 :])).max() < 1.5 * before
    varying = Processor(pack, **values)
    varying.prepare(rate, None, 1)
    expected = varying.process(sound[:, : ends[-1]])[0]
    np.testing.assert_allclose(out[61 * 128 :], expected[61 * 128 :], atol=1e-6)
    assert np.abs(out - expected).max() > 0.05


def test_reset_gives_the_same_sound_again(pack: Pack) -> None:
    sound = music(16_000, 0.3, 1)
    processor = Processor(pack, alignment="aligned", **{**LIVELY, "feedback": 0.3})
    processor.prepare(16_000, 128, 1)
    first = np.concatenate(list(process_stream(processor, [sound])), axis=1)
    processor.reset()
    again = np.concatenate(list(process_stream(processor, [sound])), axis=1)
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"target": "midle tone"}, "Middle tone"),
        ({"layer": "tone"}, "tones"),
        ({"drive": "track"}, "templates"),
        ({"drive": "grains"}, "templates"),
        ({"model": "no-such-model"}, "no-such-model"),
        ({"loudness": 3}, "no parameter"),
    ],
)
def test_unknown_names_raise_at_once(pack: Pack, values: dict[str, Any], words: str) -> None:
    with pytest.raises(InnerearError, match=words):
        Processor(None if "model" in values else pack, **values)


def test_wrong_calls_raise(pack: Pack) -> None:
    processor = Processor(pack, dreamer=OnnxGradientSource(pack))
    with pytest.raises(ValueError, match="prepare"):
        processor.process(np.zeros((1, 64), np.float32))
    processor.prepare(48_000, 64, 1)
    with pytest.raises(ValueError, match="expected"):
        processor.process(np.zeros((2, 64), np.float32))
    for rate, block, channels in ((4000, 64, 1), (48_000, 0, 1), (48_000, 64, 0)):
        with pytest.raises(InnerearError):
            processor.prepare(rate, block, channels)
