"""The parameterisation `partials` as it is heard, with a shipped network."""

import itertools
import time
from typing import Any

import numpy as np
import pytest

from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.analysis.judging.judges import Judge
from innerear.engine.analysis.judging.sound_measures import flatness
from innerear.engine.dsp.partial_row import from_row
from innerear.engine.dsp.resample import resample
from innerear.engine.packs.pack import Pack
from innerear.engine.packs.resolve import load
from innerear.engine.plugin.processor import Processor
from innerear.engine.plugin.render import render

from ...thinning import thinned
from .streams import run

RATE = 48_000
SETTINGS: dict[str, Any] = {"parameterisation": "partials", "combine": "add"}


def _tone(seconds: float, hertz: float = 260.0, after: float = 0.0) -> np.ndarray:
    """Return a tone with a slow vibrato, (1, samples), and silence after it."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * hertz * time + 0.5 * np.sin(2 * np.pi * 5.0 * time)
    tone = 0.2 * np.sum([np.cos(k * phase + k) / k for k in range(1, 9)], axis=0)
    return np.pad(tone, (0, round(after * RATE))).astype(np.float32)[np.newaxis]


@pytest.fixture(scope="module")
def network() -> Pack:
    pack = load("samplecnn-instruments")
    assert isinstance(pack, Pack)
    return pack


@pytest.mark.parametrize("alignment", thinned(["live", "zero-latency", "aligned"], ["live"]))
def test_the_dreaming_network_hears_more_of_the_target(network: Pack, alignment: str) -> None:
    sound, judge = _tone(2.0), Judge(network)
    before = judge.listen(sound, RATE)
    for target in ("Flute", "Brass"):
        dreamed = render(sound, RATE, network, alignment=alignment, target=target, **SETTINGS)
        after = judge.listen(dreamed, RATE)
        assert judge.score(after, target).mean > judge.score(before, target).mean


@pytest.mark.parametrize("alignment", ["live", "zero-latency", "aligned"])
def test_the_dream_decays_when_the_sound_stops(network: Pack, alignment: str) -> None:
    sound = _tone(1.0, after=0.4)
    dreamed = render(sound, RATE, network, alignment=alignment, target="Flute", **SETTINGS)
    change = (dreamed - sound)[0]
    sounding, tail = change[RATE // 2 : RATE], change[RATE + RATE // 20 : RATE + 3 * RATE // 20]
    assert np.sqrt(np.mean(sounding**2)) > 0.05 * np.sqrt(np.mean(sound[0, :RATE] ** 2))
    assert np.sqrt(np.mean(tail**2)) < 1e-4 * np.sqrt(np.mean(sounding**2))


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_silence_stays_silence_and_a_step_of_0_changes_nothing(
    network: Pack, alignment: str
) -> None:
    silence = np.zeros((1, RATE // 4), np.float32)
    assert not render(silence, RATE, network, alignment=alignment, **SETTINGS).any()
    sound = _tone(0.25)
    same = render(sound, RATE, network, alignment=alignment, step=0.0, **SETTINGS)
    np.testing.assert_array_equal(same, sound)


def test_there_is_no_rustling(network: Pack) -> None:
    sound, found = _tone(1.5), {}
    for name in ("partials", "waveform"):
        settings = {**SETTINGS, "parameterisation": name, "alignment": "aligned"}
        change = render(sound, RATE, network, target="Flute", **settings) - sound
        # Only what the network's band holds: above it, nothing is changed.
        found[name] = flatness(resample(change[0], RATE, network.sample_rate)[np.newaxis])
    assert found["partials"] < 0.1 * found["waveform"]


@pytest.mark.parametrize("alignment", ["live", "zero-latency"])
def test_what_is_frozen_sounds_on_with_the_sound(network: Pack, alignment: str) -> None:
    processor = Processor(network, alignment=alignment, target="Brass", **SETTINGS)
    processor.prepare(RATE, 480, 1)
    blocks = np.split(_tone(1.0, after=0.2), 120, axis=1)
    changes = []
    for number, block in enumerate(blocks):
        if number == 70:
            processor.parameters.set("freeze", True)
        processor.process(block)
        changes.append(processor.added.copy())
    frozen = np.concatenate(changes[80:100], axis=1)
    before = np.concatenate(changes[50:70], axis=1)
    assert np.std(frozen) == pytest.approx(np.std(before), rel=0.5)
    assert np.std(frozen) > 0.0
    assert np.abs(changes[-1]).max() == 0.0


def test_each_channel_gets_partials_as_loud_as_it_is(network: Pack) -> None:
    left = _tone(1.0)
    sound = np.concatenate((left, 0.1 * left, np.zeros_like(left)))
    processor = Processor(network, target="Brass", **SETTINGS)
    change = run(processor, sound, RATE, 512) - sound
    levels = np.std(change[:, RATE // 2 :], axis=1)
    assert levels[1] == pytest.approx(0.1 * levels[0], rel=0.01)
    assert levels[2] == 0.0


@pytest.mark.parametrize("n_fft", [256, 4096])
@pytest.mark.parametrize("alignment", ["live", "zero-latency"])
def test_every_window_can_play_partials(network: Pack, alignment: str, n_fft: int) -> None:
    sound = _tone(0.5)
    processor = Processor(network, alignment=alignment, target="Brass", n_fft=n_fft, **SETTINGS)
    change = run(processor, sound, RATE, 480) - sound
    assert np.isfinite(change).all()
    assert np.std(change) > 0.0
    assert processor.nan_resets == 0


def test_blocks_of_any_size_sound_the_same(network: Pack) -> None:
    sound = _tone(0.4)
    made = [
        render(sound, RATE, network, target="Brass", smooth_ms=20.0, block_size=size, **SETTINGS)
        for size in (64, 480)
    ]
    np.testing.assert_allclose(made[0], made[1], atol=1e-6)


def test_partials_come_through_the_channel_of_an_inference_thread(network: Pack) -> None:
    processor = Processor(network, target="Brass", realtime=True, **SETTINGS)
    processor.prepare(RATE, 480, 1)
    blocks = itertools.cycle(np.split(_tone(1.0), 100, axis=1))
    deadline = time.monotonic() + 30
    try:
        while processor.dreams_count < 20 and time.monotonic() < deadline:
            processor.process(next(blocks))
            time.sleep(0.005)
        assert processor.status.dream.form == "partials"
        frequency, gain, amplitude = from_row(processor.status.dream.spectrum)
        assert np.abs(frequency[gain != 0.0] - 260.0).min() < 5.0
        assert amplitude.any()
        processor.process(next(blocks))
        assert processor.added.any()
    finally:
        processor.close()
