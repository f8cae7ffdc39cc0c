"""The plug-in's contract, on a toy network whose gradient is a tone known on paper."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from innerear.engine.dsp.spectral_combinations import LIVE_COMBINATIONS
from innerear.engine.errors import InnerearError
from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.engine.packs.network import Gradient
from innerear.engine.packs.pack import Pack, load
from innerear.engine.plugin.processor import Processor
from innerear.engine.plugin.render import process_stream

RATES = [22_050, 44_100, 48_000, 96_000]
BLOCKS = [1, 17, 64, 128, 480, 512, 4096]
ALIGNMENTS = ["live", "zero-latency", "echo", "aligned"]
LIVELY: dict[str, Any] = {
    "feedback": 0.6, "delay_ms": 40.0, "combine": "add", "step": 1.5, "smooth_ms": 5.0,
    "target": "Middle tone", "lookahead_ms": 50.0, "n_fft": 512, "mix": 0.8, "output_db": 6.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def pack(toy_pack: Path) -> Pack:
    return load(toy_pack)


def _music(rate: int, seconds: float, channels: int = 2) -> np.ndarray:
    time = np.arange(int(rate * seconds)) / rate
    rng = np.random.default_rng(5)
    tones = [0.3 * np.sin(2 * np.pi * hertz * time) for hertz in (220.0, 330.0, 550.0)[:channels]]
    noise = 0.02 * rng.standard_normal((channels, len(time)))
    return (np.stack(tones) * np.exp(-3 * time) + noise).astype(np.float32)


def _run(processor: Processor, sound: np.ndarray, rate: int, block: int) -> np.ndarray:
    processor.prepare(rate, block, len(sound))
    return np.concatenate(list(process_stream(processor, [sound])), axis=1)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize("rate", RATES)
def test_blocks_of_every_size_give_the_same_sound(pack: Pack, rate: int, alignment: str) -> None:
    sound = _music(rate, 0.12)
    results = [
        _run(Processor(pack, alignment=alignment, **LIVELY), sound, rate, block) for block in BLOCKS
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
    sound = _music(44_100, 0.2)
    processor = Processor(pack, alignment=alignment, combine=combine, step=0.0)
    np.testing.assert_array_equal(_run(processor, sound, 44_100, 128), sound)


@pytest.mark.parametrize("alignment", ["echo", "aligned"])
def test_the_dream_is_the_gradient(pack: Pack, alignment: str) -> None:
    """The toy's gradient for a class is that class's tone, so the tone is what is added."""
    rate = 16_000
    sound = (0.1 * np.sin(2 * np.pi * 240 * np.arange(rate) / rate)).astype(np.float32)[np.newaxis]
    processor = Processor(
        pack, alignment=alignment, target="Middle tone", combine="add", colour=0.0, lookahead_ms=50
    )
    change = (_run(processor, sound, rate, 64) - sound)[0]
    power = np.abs(np.fft.rfft(change[4000:12_000] * np.hanning(8000))) ** 2
    middle = 1000 * 8000 // rate
    assert power[middle - 8 : middle + 9].sum() > 0.99 * power.sum()


def test_an_echos_dream_comes_when_the_aligned_one_would(pack: Pack) -> None:
    rate, block = 16_000, 64
    sound = _music(rate, 0.5, 1)
    settings: dict[str, Any] = {"target": "Middle tone", "combine": "add", "lookahead_ms": 50}
    aligned = Processor(pack, alignment="aligned", **settings)
    change = _run(aligned, sound, rate, block) - sound
    echo = Processor(pack, alignment="echo", **settings)
    late = _run(echo, sound, rate, block) - sound
    delay = aligned.latency_samples + block  # an echo waits for a whole hop, see `prepare`
    np.testing.assert_allclose(late[:, delay:], change[:, :-delay], atol=2e-6)
    assert not late[:, : delay - 1024].any()  # a window's smear comes before


def test_more_lookahead_dreams_deeper(pack: Pack) -> None:
    rate = 16_000
    sound = _music(rate, 0.6, 1)
    sizes = []
    for lookahead in (0, 25, 50, 100):
        processor = Processor(
            pack, alignment="aligned", combine="add", target="Middle tone", lookahead_ms=lookahead
        )
        sizes.append(float(np.square(_run(processor, sound, rate, 128) - sound).sum()))
    assert sizes[0] == pytest.approx(sizes[1])  # one update is the least there is
    assert sizes[1] < sizes[2] < sizes[3]


@pytest.mark.parametrize("drive", ["gradient", "deconv", "guided"])
@pytest.mark.parametrize("combine", LIVE_COMBINATIONS)
@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_full_feedback_stays_below_full_scale_and_dies_away(
    pack: Pack, alignment: str, combine: str, drive: str
) -> None:
    rate, block = 8000, 256
    processor = Processor(
        pack, alignment=alignment, combine=combine, drive=drive, feedback=1.0, step=2.0,
        delay_ms=30, lookahead_ms=25, n_fft=256, hold_ms=0,
    )  # fmt: skip
    processor.prepare(rate, block, 1)
    square = np.sign(np.sin(2 * np.pi * 100 * np.arange(rate) / rate)).astype(np.float32)
    loud = [
        processor.process(square[np.newaxis, at : at + block])
        for at in range(0, rate - block, block)
    ]
    silence = np.zeros((1, block), np.float32)
    after = [processor.process(silence) for _ in range(12 * rate // block)]
    ceiling = 10 ** (-0.1 / 20)
    # From the second half on; the ramp from the sound's own ceiling has ended by then.
    assert max(np.abs(out).max() for out in loud + after) <= ceiling
    assert np.abs(after[-1]).max() < 1e-2
    assert processor.nan_resets == 0


@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize("n_fft", [256, 512, 2048, 4096])
def test_the_latency_is_exact_for_every_window(pack: Pack, n_fft: int, alignment: str) -> None:
    values = {"n_fft": n_fft, "alignment": alignment, "lookahead_ms": 25.0}
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 9000)).astype(np.float32)
    for block in (96, 1000):
        processor = Processor(pack, step=0.0, **values)
        np.testing.assert_array_equal(_run(processor, sound, 16_000, block), sound)
        assert processor.latency_samples == 0 or alignment in ("live", "aligned")


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_blocks_that_vary_give_the_same_sound_at_one_latency(pack: Pack, alignment: str) -> None:
    sound = _music(16_000, 0.5)
    values = {**LIVELY, "alignment": alignment}
    expected = _run(Processor(pack, **values), sound, 16_000, 1)
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


def _tone_run(processor: Processor, rate: int, seconds: float, **changes: Any) -> np.ndarray:
    """Play a tone; halfway, call what `changes` holds."""
    sound = (0.3 * np.sin(2 * np.pi * 250 * np.arange(int(rate * seconds)) / rate)).astype("f4")
    outs = []
    for at in range(0, len(sound) - 63, 64):
        if at == len(sound) // 2 // 64 * 64:
            for id, value in changes.items():
                if id == "panic":
                    processor.panic()
                else:
                    processor.parameters.set(id, value)
        outs.append(processor.process(sound[np.newaxis, at : at + 64])[0])
    return np.concatenate(outs)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_it_tells_what_it_added_to_the_sound(pack: Pack, alignment: str) -> None:
    sound = 0.1 * _music(48_000, 0.2)
    processor = Processor(pack, alignment=alignment, **{**LIVELY, "output_db": -6.0})
    processor.prepare(48_000, 100, 2)
    blocks = np.split(sound, range(100, sound.shape[1], 100), axis=1)
    out, added = zip(
        *[(processor.process(block), processor.added) for block in blocks], strict=True
    )
    assert processor.limited == 0
    latency = processor.latency_samples
    delayed = np.pad(sound, ((0, 0), (latency, 0)))[:, : sound.shape[1]]
    change = np.concatenate(added, axis=1)
    assert np.abs(change).max() > 0.005
    expected = delayed * 10 ** (-6 / 20) + change
    np.testing.assert_allclose(np.concatenate(out, axis=1), expected, atol=1e-6)


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
    out = _tone_run(processor, rate, 2.0, panic=True)
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
    out = _tone_run(processor, rate, 2.0, delay_ms="1/16.")  # 187.5 ms: out of phase with 100
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


def test_each_channel_can_dream_its_own(pack: Pack) -> None:
    rate = 16_000
    tones = [0.3 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate) for hertz in (240, 4000)]
    sound = np.stack(tones).astype(np.float32)
    labels = []
    for mode in ("mix", "each"):
        processor = Processor(
            pack, channel_mode=mode, combine="add", alignment="aligned", colour=0.0,
            lookahead_ms=25.0,
        )  # fmt: skip
        change = (_run(processor, sound, rate, 256) - sound)[:, 4000:12_000]
        power = np.abs(np.fft.rfft(change * np.hanning(8000))) ** 2
        low, high = power[:, 90:151].sum(axis=1), power[:, 1970:2031].sum(axis=1)
        labels.append((low > 10 * high, high > 10 * low))
    (mix_low, mix_high), (each_low, each_high) = labels
    assert each_low.tolist() == [True, False]
    assert each_high.tolist() == [False, True]
    assert mix_low.all() or mix_high.all()  # one dream for both


@pytest.mark.parametrize("alignment", ["echo", "aligned"])
def test_a_frozen_waveform_goes_on_at_its_own_pitch(pack: Pack, alignment: str) -> None:
    rate = 16_000
    processor = Processor(
        pack, alignment=alignment, combine="gradient", target="Middle tone", colour=0.0,
        lookahead_ms=25.0,
    )  # fmt: skip
    processor.prepare(rate, 64, 1)
    out = _tone_run(processor, rate, 4.0, freeze=True, target="High tone")
    power = np.abs(np.fft.rfft(out[-rate:] * np.hanning(rate))) ** 2
    assert power[985:1016].sum() > 0.9 * power[600:].sum()  # the middle tone, at 1 kHz


def test_parameters_that_are_turned_during_a_block_count_from_the_next_on(pack: Pack) -> None:
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

    sound = _music(16_000, 1.0, 1)
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


def test_the_loops_period_is_what_the_knob_says(pack: Pack) -> None:
    rate = 16_000
    click = np.zeros((1, rate), np.float32)
    click[0, 100] = 0.5
    for alignment in ("live", "zero-latency", "echo"):
        processor = Processor(pack, alignment=alignment, step=0.0, feedback=0.5, delay_ms=200)
        out = _run(processor, click, rate, 128)
        assert np.flatnonzero(np.abs(out[0]) > 0.1).tolist() == [100, 3300, 6500]


def test_what_is_no_number_becomes_silence_and_the_sound_goes_on(pack: Pack) -> None:
    processor = Processor(pack, combine="add", feedback=0.5)
    processor.prepare(16_000, 128, 1)
    good = _music(16_000, 1.0, 1)
    bad = good[:, :128].copy()
    bad[0, 3:5] = np.nan, np.inf
    assert np.isfinite(processor.process(bad)).all()
    outs = [processor.process(good[:, at : at + 128]) for at in range(0, 15_000, 128)]
    assert np.isfinite(outs).all()
    assert np.abs(outs[-1]).max() > 0.001
    assert processor.status.nan_resets == 1


class _Faulty:
    """A gradient source that gives what a caller says."""

    def __init__(self, pack: Pack, gradient: float) -> None:
        self.sample_rate, self.window = pack.sample_rate, pack.window
        self.layers, self.classes = pack.layers, pack.classes
        self.value = gradient

    def gradient(self, waveform: np.ndarray, directions: Mapping[str, Any], rule: str) -> Gradient:
        activations = {name: np.zeros(3, np.float32) for name in self.layers}
        gradient = np.full(self.window, self.value, np.float32)
        gradient[::2] *= -1
        return Gradient(0.0, gradient, activations)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize("gradient", [np.nan, np.inf, 1e38, 0.0])
def test_a_network_gone_mad_never_reaches_the_loudspeaker(
    pack: Pack, gradient: float, alignment: str
) -> None:
    processor = Processor(
        pack, alignment=alignment, combine="add", lookahead_ms=25, dreamer=_Faulty(pack, gradient)
    )
    sound = _music(16_000, 0.5, 1)
    out = _run(processor, sound, 16_000, 128)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1.0


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


def test_reset_gives_the_same_sound_again(pack: Pack) -> None:
    sound = _music(16_000, 0.3, 1)
    processor = Processor(pack, alignment="aligned", **{**LIVELY, "feedback": 0.3})
    processor.prepare(16_000, 128, 1)
    first = np.concatenate(list(process_stream(processor, [sound])), axis=1)
    processor.reset()
    again = np.concatenate(list(process_stream(processor, [sound])), axis=1)
    np.testing.assert_array_equal(first, again)


def test_a_held_dream_fades_when_the_next_is_late(pack: Pack) -> None:
    """The worker stops; the change that it made dies away and the sound itself goes on."""
    rate, block = 16_000, 128
    processor = Processor(pack, combine="add", target="Middle tone", hold_ms=100)
    processor.prepare(rate, block, 1)
    noise = 0.1 * np.random.default_rng(0).standard_normal((1, 4 * rate)).astype(np.float32)
    latency = processor.latency_samples
    changes = []
    for at in range(0, 4 * rate, block):
        if at >= rate:
            processor._dreams._sources[0].run_due = lambda: None  # type: ignore[attr-defined]
        out = processor.process(noise[:, at : at + block])
        if at >= latency:
            before = noise[:, at - latency : at - latency + block]
            changes.append(float(np.abs(out - before).max()))
    before = max(changes[: rate // block - 10])
    just_after = max(changes[rate // block : rate // block + 5])
    assert just_after > 0.3 * before  # held, not dropped
    assert max(changes[-20:]) < 1e-3 * before
    assert processor.status.dreams.late > 0


def test_each_channel_dreams_as_loud_as_it_sounds(pack: Pack) -> None:
    rate = 16_000
    tone = 0.2 * np.sin(2 * np.pi * 240 * np.arange(rate) / rate)
    sound = np.stack((tone, 0.1 * tone, 0 * tone)).astype(np.float32)
    for alignment in ALIGNMENTS:
        processor = Processor(
            pack, alignment=alignment, combine="add", target="Middle tone", lookahead_ms=50,
            colour=0.0,
        )  # fmt: skip
        change = _run(processor, sound, rate, 128) - sound
        loud, quiet, silent = np.sqrt(np.mean(np.square(change[:, 4000:12_000]), axis=1))
        assert loud > 1e-4
        assert quiet == pytest.approx(0.1 * loud, rel=0.1)
        assert silent == 0.0


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
def test_wrong_words_are_told_at_once(pack: Pack, values: dict[str, Any], words: str) -> None:
    with pytest.raises(InnerearError, match=words):
        Processor(None if "model" in values else pack, **values)


def test_mistakes_of_the_callers_code(pack: Pack) -> None:
    processor = Processor(pack, dreamer=OnnxGradientSource(pack))
    with pytest.raises(ValueError, match="prepare"):
        processor.process(np.zeros((1, 64), np.float32))
    processor.prepare(48_000, 64, 1)
    with pytest.raises(ValueError, match="expected"):
        processor.process(np.zeros((2, 64), np.float32))
    for rate, block, channels in ((4000, 64, 1), (48_000, 0, 1), (48_000, 64, 0)):
        with pytest.raises(InnerearError):
            processor.prepare(rate, block, channels)
