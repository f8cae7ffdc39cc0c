"""A processor is exchanged for another while it plays: no click, no gap, and the loop goes on."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear.engine.packs.network import PackLike
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.packs.resolve import load
from innerear.engine.plugin.crossfader import Crossfader
from innerear.engine.plugin.processor import Processor

from .streams import PARAMETERISATIONS, chord

RATE = 16_000


@pytest.fixture(scope="module")
def pack(toy_pack: Path) -> Pack:
    return load_pack(toy_pack)


def _prepared(
    pack: PackLike, block: int | None = 64, channels: int = 1, **values: Any
) -> Processor:
    settings = {"combine": "add", "target": "Middle tone", "lookahead_ms": 50.0, "n_fft": 512}
    processor = Processor(pack, **{**settings, **values})
    processor.prepare(RATE, block, channels)
    return processor


def test_of_several_swaps_only_the_newest_is_kept_also_while_no_block_comes(pack: Pack) -> None:
    crossfader = Crossfader(_prepared(pack))
    late, new = _prepared(pack, step=0.3), _prepared(pack, step=0.4)
    crossfader.swap(late)
    crossfader.swap(new)
    assert list(crossfader.retired) == [late]
    _play(crossfader, _tone(2.0))
    assert crossfader.processor is new


def _tone(seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * 250 * time)).astype(np.float32)[np.newaxis]


def _play(crossfader: Crossfader, sound: np.ndarray, sizes: list[int] | None = None) -> np.ndarray:
    outs, at, number = [], 0, 0
    while at < sound.shape[1]:
        size = sizes[number % len(sizes)] if sizes else 64
        outs.append(crossfader.process(sound[:, at : at + size]))
        at, number = at + size, number + 1
    return np.concatenate(outs, axis=1)


@pytest.mark.parametrize("after", ["live", "zero-latency", "echo", "aligned"])
@pytest.mark.parametrize("before", ["live", "zero-latency"])
def test_a_swap_neither_clicks_nor_leaves_a_gap(pack: Pack, before: str, after: str) -> None:
    crossfader = Crossfader(_prepared(pack, alignment=before, step=0.3))
    old = crossfader.processor
    new = _prepared(pack, alignment=after, n_fft=1024, target="Low tone", step=0.3)
    sound = _tone(1.0)
    first = _play(crossfader, sound)
    crossfader.swap(new)
    assert crossfader.newest is new
    assert crossfader.processor is old
    second = _play(crossfader, sound)
    assert crossfader.processor is new
    assert crossfader.latency_samples == new.latency_samples
    assert list(crossfader.retired) == [old]
    whole = np.concatenate((first, second), axis=1)[0]
    steady = np.concatenate((first[0, -3000:], second[0, -3000:]))
    loudest = np.abs(np.diff(first[0, -3000:])).max() + np.abs(np.diff(second[0, -3000:])).max()
    assert np.abs(np.diff(whole[8000:])).max() < 0.8 * loudest
    levels = np.sqrt(np.mean(whole[8000:].reshape(-1, 320) ** 2, axis=1))
    # Where latencies differ, one tone fades to the same one, shifted: at worst they cancel halfway.
    if new.latency_samples == old.latency_samples:
        assert levels.min() > 0.5 * np.sqrt(np.mean(steady**2))
    assert np.abs(whole).max() <= 1.0


@pytest.mark.parametrize("parameterisation", PARAMETERISATIONS)
def test_a_swap_to_the_same_is_not_heard(pack: Pack, parameterisation: str) -> None:
    values: dict[str, Any] = {
        "feedback": 0.5, "delay_ms": 100.0, "parameterisation": parameterisation, "range_db": 18.0,
    }  # fmt: skip
    sound = chord(2.0)[np.newaxis]
    swapped, kept = Crossfader(_prepared(pack, **values)), Crossfader(_prepared(pack, **values))
    outs = [_play(swapped, sound[:, :RATE])]
    swapped.swap(_prepared(pack, **values))
    outs.append(_play(swapped, sound[:, RATE:]))
    expected = _play(kept, sound)
    # The toy's dream is the same at all times here; frames lie elsewhere, that is all.
    difference = np.concatenate(outs, axis=1) - expected
    assert np.sqrt(np.mean(difference**2)) < 0.1 * np.sqrt(np.mean(expected**2))


@pytest.mark.parametrize("after", ["live", "zero-latency", "aligned"])
@pytest.mark.parametrize("before", ["live", "zero-latency", "aligned"])
def test_what_is_in_the_loop_is_heard_after_the_swap_at_its_time(
    pack: Pack, before: str, after: str
) -> None:
    values: dict[str, Any] = {"step": 0.0, "feedback": 0.9, "delay_ms": 400.0}
    crossfader = Crossfader(_prepared(pack, alignment=before, **values))
    sound = np.zeros((1, 3 * RATE), np.float32)
    # The second is still on its way through the filter, and hops are neither begun nor ended.
    struck, swapped = np.array([1000, 3230]), 3264
    sound[0, struck] = 0.5, -0.5
    first = _play(crossfader, sound[:, :swapped])
    new = _prepared(pack, alignment=after, **values)
    crossfader.swap(new)
    out = np.concatenate((first, _play(crossfader, sound[:, swapped:])), axis=1)[0]
    for which, sign in enumerate((1.0, -1.0)):
        heard = np.flatnonzero(sign * out > 0.03) - struck[which] - new.latency_samples
        echoes = heard[heard > 3200]  # not the sound itself, which the old one plays
        np.testing.assert_array_equal(echoes, 6400 * np.arange(1, len(echoes) + 1))
        assert len(echoes) >= 3


@pytest.mark.parametrize("alignment", ["live", "zero-latency", "echo", "aligned"])
@pytest.mark.parametrize(("before", "after"), [(256, 4096), (4096, 256), (512, 2048)])
def test_the_window_changes_by_any_factor(
    pack: Pack, alignment: str, before: int, after: int
) -> None:
    values: dict[str, Any] = {"alignment": alignment, "feedback": 0.5}
    crossfader = Crossfader(_prepared(pack, n_fft=before, **values))
    _play(crossfader, _tone(0.3))
    new = _prepared(pack, n_fft=after, **values)
    crossfader.swap(new)
    _play(crossfader, _tone(2.0))
    assert crossfader.processor is new


def test_of_several_swaps_at_once_the_last_one_counts_and_all_are_handed_back(pack: Pack) -> None:
    processors = [_prepared(pack) for _ in range(4)]
    crossfader = Crossfader(processors[0])
    sound = _tone(0.5)
    crossfader.swap(processors[1])
    crossfader.process(sound[:, :64])
    crossfader.swap(processors[2])
    crossfader.swap(processors[3])
    assert crossfader.newest is processors[3]
    _play(crossfader, _tone(2.0))
    assert crossfader.processor is processors[3]
    assert set(crossfader.retired) == set(processors[:3])


def test_a_processor_that_never_dreams_is_heard_in_the_end(pack: Pack) -> None:
    crossfader = Crossfader(_prepared(pack))
    silent = _prepared(pack)
    silent._dreams._sources[0].run_due = lambda: None  # type: ignore[attr-defined]
    crossfader.swap(silent)
    _play(crossfader, _tone(1.0))
    assert crossfader.processor is not silent
    _play(crossfader, _tone(1.0))
    assert crossfader.processor is silent


def test_blocks_may_vary_while_it_fades(pack: Pack) -> None:
    crossfader = Crossfader(_prepared(pack, None, 2))
    sound = np.repeat(_tone(1.0), 2, axis=0)
    sizes = [1, 333, 64, 700, 17]
    _play(crossfader, sound, sizes)
    crossfader.swap(_prepared(pack, None, 2, alignment="zero-latency"))
    out = _play(crossfader, sound, sizes)
    assert crossfader.latency_samples == 0
    assert np.isfinite(out).all()
    assert out.shape == sound.shape


def test_a_clear_reaches_a_processor_that_is_not_heard_yet(pack: Pack) -> None:
    values: dict[str, Any] = {"step": 0.0, "feedback": 0.9, "delay_ms": 200.0}
    crossfader = Crossfader(_prepared(pack, **values))
    sound = _tone(0.5)
    _play(crossfader, sound)
    crossfader.swap(_prepared(pack, **values))
    crossfader.process(sound[:, :64])
    crossfader.clear()
    silence = np.zeros((1, RATE), np.float32)
    out = _play(crossfader, silence)
    assert np.abs(out[0, crossfader.latency_samples + 400 :]).max() < 1e-4
    crossfader.close()


def test_what_was_added_fades_over_with_the_sound(pack: Pack) -> None:
    crossfader = Crossfader(_prepared(pack, step=0.3))
    sound = chord(1.0)[np.newaxis]
    heard, added = [], []
    for at in range(0, sound.shape[1], 64):
        if at == 64 * 60:
            crossfader.swap(_prepared(pack, step=1.0, target="Low tone"))
        heard.append(crossfader.process(sound[:, at : at + 64]))
        added.append(crossfader.added)
    assert crossfader.retired
    latency = crossfader.latency_samples  # of both
    dry = np.pad(sound, ((0, 0), (latency, 0)))[:, : sound.shape[1]]
    change = np.concatenate(added, axis=1)
    assert np.abs(change[:, 3000:]).max() > 0.01
    np.testing.assert_allclose(np.concatenate(heard, axis=1), dry + change, atol=1e-6)


def test_a_swap_to_several_networks_neither_clicks_nor_leaves_a_gap() -> None:
    values: dict[str, Any] = {"target": "Brass", "step": 0.3}
    one = load("samplecnn-instruments")
    several = load("samplecnn-instruments,crnn-instruments:0.5")
    crossfader = Crossfader(_prepared(one, **values))
    new = _prepared(several, **values)
    sound = _tone(1.5)
    first = _play(crossfader, sound)[0]
    crossfader.swap(new)
    second = _play(crossfader, sound)[0]
    assert crossfader.processor is new
    whole = np.concatenate((first, second))
    steps = np.abs(np.diff(whole))
    swap = slice(len(first) - 100, len(first) + 4000)
    steady = max(steps[8000 : swap.start].max(), steps[swap.stop :].max())
    assert steps[swap].max() < 1.2 * steady
    levels = np.sqrt(np.mean(whole[8000:].reshape(-1, 320) ** 2, axis=1))
    assert levels.min() > 0.5 * np.median(levels)
