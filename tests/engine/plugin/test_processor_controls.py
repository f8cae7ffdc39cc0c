"""Parameters, panic and beat while a processor plays: exact, and without a click."""

from typing import Any

import numpy as np
import pytest

from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.engine.packs.network import Gradient
from innerear.engine.packs.pack import Pack
from innerear.engine.plugin.processor import Processor

from .streams import LIVELY, music, run, tone_run


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_a_panic_ends_all_but_the_sound_within_20_ms_without_a_click(
    pack: Pack, alignment: str
) -> None:
    rate = 16_000
    processor = Processor(
        pack, alignment=alignment, combine="add", target="Middle tone", feedback=0.4, step=0.5,
        delay_ms=100.0, lookahead_ms=50.0, n_fft=512,
    )  # fmt: skip
    processor.prepare(rate, 64, 1)
    out = tone_run(processor, rate, 2.0, panic=True)
    sound = (0.3 * np.sin(2 * np.pi * 250 * np.arange(2 * rate) / rate)).astype(np.float32)
    latency, half = processor.latency_samples, rate // 64 * 64
    rest = slice(half + int(0.02 * rate), half + int(0.045 * rate))
    dry = sound[rest.start - latency : rest.stop - latency]
    np.testing.assert_allclose(out[rest], dry, atol=1e-6)  # nothing but the sound
    steepest = np.abs(np.diff(out[half - 4000 : half])).max()
    assert np.abs(np.diff(out[half - 2 : rest.stop])).max() < 1.2 * steepest
    before = np.abs(out[half - 2000 : half] - sound[half - 2000 - latency : half - latency])
    assert before.max() > 0.03  # there was something to end, and it begins again
    assert np.abs(out[-2000:] - sound[-2000 - latency : len(sound) - latency]).max() > 0.03


@pytest.mark.parametrize("alignment", ["live", "zero-latency"])
def test_a_change_of_the_delay_neither_clicks_nor_gets_louder(pack: Pack, alignment: str) -> None:
    rate = 16_000
    processor = Processor(
        pack, alignment=alignment, step=0.0, feedback=0.7, delay_ms=100.0, n_fft=256
    )
    processor.prepare(rate, 64, 1)
    out = tone_run(processor, rate, 2.0, delay_ms="1/16.")  # 187.5 ms: out of phase with 100
    half = rate // 64 * 64
    steepest = np.abs(np.diff(out[half - 4000 : half])).max()
    assert np.abs(np.diff(out[half - 10 : half + 4000])).max() < 1.2 * steepest


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_on_the_beat_the_dream_changes_only_then(pack: Pack, alignment: str) -> None:
    """At 120 beats a minute: the target turns between two beats, and is heard from the next on."""
    rate = 16_000
    processor = Processor(
        pack, alignment=alignment, combine="add", target="Middle tone", beat="1/4", colour=0.0,
        lookahead_ms=25.0, n_fft=512,
    )  # fmt: skip
    processor.prepare(rate, 64, 1)
    processor.align_beat(0.1)  # beats fall at 0.45, 0.95, 1.45 s
    noise = 0.1 * np.random.default_rng(0).standard_normal((1, 2 * rate)).astype(np.float32)
    outs = []
    for at in range(0, 2 * rate, 64):
        if at == rate // 64 * 64:
            processor.parameters.set("target", "High tone")
        outs.append(processor.process(noise[:, at : at + 64])[0])
    out = np.concatenate(outs)
    out = out[processor.latency_samples :]

    def high_over_middle(start: float, stop: float) -> float:
        part = out[int(start * rate) : int(stop * rate)]
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
        hertz = np.fft.rfftfreq(len(part), 1 / rate)
        high, middle = (power[np.abs(hertz - tone) < 60].mean() for tone in (4000, 1000))
        return float(high / middle)

    held, changed = high_over_middle(1.15, 1.4), high_over_middle(1.55, 1.85)
    assert held < 0.6  # without a beat it would be as high as it is afterwards
    assert changed > 1.0


@pytest.mark.parametrize("alignment", ["echo", "aligned"])
def test_a_frozen_waveform_goes_on_at_its_own_pitch(pack: Pack, alignment: str) -> None:
    rate = 16_000
    processor = Processor(
        pack, alignment=alignment, combine="gradient", target="Middle tone", colour=0.0,
        lookahead_ms=25.0,
    )  # fmt: skip
    processor.prepare(rate, 64, 1)
    out = tone_run(processor, rate, 4.0, freeze=True, target="High tone")
    power = np.abs(np.fft.rfft(out[-rate:] * np.hanning(rate))) ** 2
    assert power[985:1016].sum() > 0.9 * power[600:].sum()  # the middle tone, at 1 kHz


def test_freeze_holds_the_dream(pack: Pack) -> None:
    rate, block = 16_000, 128
    processor = Processor(pack, combine="add", target="Middle tone", drive="gradient")
    processor.prepare(rate, block, 1)
    noise = 0.1 * np.random.default_rng(0).standard_normal((1, 3 * rate)).astype(np.float32)
    for at in range(0, rate, block):
        processor.process(noise[:, at : at + block])
    processor.parameters.set("freeze", True)
    processor.parameters.set("target", "High tone")
    outs = [processor.process(noise[:, at : at + block]) for at in range(rate, 3 * rate, block)]
    power = np.abs(np.fft.rfft(np.concatenate(outs, axis=1)[0, rate // 2 :])) ** 2
    hertz = np.fft.rfftfreq(len(np.concatenate(outs, axis=1)[0]) - rate // 2, 1 / rate)

    def near(tone: float) -> float:
        return float(power[np.abs(hertz - tone) < 40].mean())

    assert near(1000) > 4 * near(4000)


def test_parameters_that_are_set_during_a_block_take_effect_at_the_next(pack: Pack) -> None:
    """A log of what was turned, at the borders of blocks, gives the same sound again."""

    class Turning:
        sample_rate, window = pack.sample_rate, pack.window
        layers, classes = pack.layers, pack.classes

        def __init__(self) -> None:
            self.inner = OnnxGradientSource(pack)
            self.parameters: Any = None

        def gradient(self, *arguments: Any) -> Gradient:
            if self.parameters is not None:  # somebody turns knobs while the network computes
                turn = float(self.parameters["step"])
                self.parameters.set("step", 1.7 - turn)
                self.parameters.set("combine", "flip" if turn > 1.0 else "add")
                self.parameters.set("delay_ms", 40.0 if turn > 1.0 else 90.0)
            return self.inner.gradient(*arguments)

    sound = music(16_000, 1.0, 1)
    values = {**LIVELY, "step": 1.2, "alignment": "live", "mix": 1.0}
    turning = Turning()
    processor = Processor(pack, dreamer=turning, **values)
    processor.prepare(16_000, 512, 1)
    turning.parameters = processor.parameters
    log, outs = [], []
    for at in range(0, 15_000, 512):
        log.append(processor.parameters.as_dict())
        outs.append(processor.process(sound[:, at : at + 512]))
    assert len({entry["step"] for entry in log}) == 2
    again = Processor(pack, **values)
    again.prepare(16_000, 512, 1)
    for number, at in enumerate(range(0, 15_000, 512)):
        for id, value in log[number].items():
            again.parameters.set(id, value)
        np.testing.assert_array_equal(again.process(sound[:, at : at + 512]), outs[number])


def test_the_period_of_the_loop_is_the_delay(pack: Pack) -> None:
    rate = 16_000
    click = np.zeros((1, rate), np.float32)
    click[0, 100] = 0.5
    for alignment in ("live", "zero-latency", "echo"):
        processor = Processor(pack, alignment=alignment, step=0.0, feedback=0.5, delay_ms=200)
        out = run(processor, click, rate, 128)
        assert np.flatnonzero(np.abs(out[0]) > 0.1).tolist() == [100, 3300, 6500]


def test_bypass_fades_without_a_click_to_the_exact_input(pack: Pack) -> None:
    rate, block = 16_000, 128
    processor = Processor(pack, combine="gradient", target="Middle tone", step=1.0, mix=1.0)
    processor.prepare(rate, block, 1)
    latency = processor.latency_samples
    sound = (0.5 * np.sin(2 * np.pi * 125 * np.arange(4 * rate) / rate)).astype(np.float32)
    outs = []
    for at in range(0, len(sound) - block, block):
        if at == 2 * rate:
            processor.parameters.set("bypass", True)
        outs.append(processor.process(sound[np.newaxis, at : at + block])[0])
    out = np.concatenate(outs)
    np.testing.assert_array_equal(out[3 * rate :], sound[3 * rate - latency : len(out) - latency])
    assert np.abs(out[rate : 2 * rate] - sound[rate - latency : 2 * rate - latency]).max() > 0.05
    steepest = np.abs(np.diff(out[rate : 2 * rate])).max()
    assert np.abs(np.diff(out[2 * rate - 200 : 3 * rate])).max() < 1.5 * steepest
