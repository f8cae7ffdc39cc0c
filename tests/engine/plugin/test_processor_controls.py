"""Parameters, clear and beat while a processor plays: exact, and without a click."""

import itertools
from typing import Any

import numpy as np
import pytest

from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.engine.packs.network import Gradient
from innerear.engine.packs.pack import Pack
from innerear.engine.plugin.processor import Processor

from ...thinning import each_once, thinned
from .streams import LIVELY, PARAMETERISATIONS, chord, music, played, run, tone_run


@pytest.mark.parametrize(
    ("alignment", "parameterisation"),
    thinned(
        itertools.product(ALIGNMENTS, PARAMETERISATIONS), each_once(ALIGNMENTS, PARAMETERISATIONS)
    ),
)
def test_clear_ends_all_but_the_sound_within_20_ms_without_a_click(
    pack: Pack, alignment: str, parameterisation: str
) -> None:
    rate = 16_000
    processor = Processor(
        pack, alignment=alignment, combine="add", target="Middle tone", feedback=0.4, step=0.5,
        delay_ms=100.0, lookahead_ms=50.0, n_fft=512, parameterisation=parameterisation,
    )  # fmt: skip
    processor.prepare(rate, 64, 1)
    sound = chord(2.0)
    out = played(processor, sound, clear=True)
    latency, half = processor.latency_samples, rate // 64 * 64
    # The fade takes 10 ms, and 25 ms later comes the first update of what begins again.
    rest = slice(half + int(0.02 * rate), half + int(0.035 * rate))
    dry = sound[rest.start - latency : rest.stop - latency]
    np.testing.assert_allclose(out[rest], dry, atol=1e-6)  # nothing but the sound
    steepest = max(np.abs(np.diff(part)).max() for part in (out[half - 4000 : half], sound))
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


@pytest.mark.parametrize(
    ("alignment", "parameterisation"),
    thinned(
        itertools.product(ALIGNMENTS, PARAMETERISATIONS), each_once(ALIGNMENTS, PARAMETERISATIONS)
    ),
)
def test_on_the_beat_the_dream_changes_only_then(
    pack: Pack, alignment: str, parameterisation: str
) -> None:
    """At 120 beats a minute: the target turns between two beats, and is heard from the next on.

    What is compared are two tones, so the loudness, which is kept at all times, does not count.
    """
    rate = 16_000
    processor = Processor(
        pack, alignment=alignment, combine="add", target="Middle tone", beat="1/4", colour=0.0,
        lookahead_ms=25.0, n_fft=512, parameterisation=parameterisation, range_db=12.0,
    )  # fmt: skip
    processor.prepare(rate, 64, 1)
    processor.align_beat(0.1)  # beats fall at 0.45, 0.95, 1.45 s
    out = played(processor, chord(2.0), target="High tone")[processor.latency_samples :]
    before, held, changed = (
        _log_high_over_middle(out[int(start * rate) : int(stop * rate)])
        for start, stop in ((0.7, 0.95), (1.15, 1.4), (1.55, 1.85))
    )
    assert abs(changed - before) > 0.1
    # A cut that goes on as a waveform cancels less and less; without a beat this would be 1.
    assert abs(held - before) < 0.3 * abs(changed - before)


@pytest.mark.parametrize("alignment", ["echo", "aligned"])
def test_a_frozen_waveform_goes_on_at_its_own_pitch(pack: Pack, alignment: str) -> None:
    rate = 16_000
    processor = Processor(
        pack, alignment=alignment, combine="gradient", target="Middle tone", colour=0.0,
        lookahead_ms=25.0, parameterisation="waveform",
    )  # fmt: skip
    processor.prepare(rate, 64, 1)
    out = tone_run(processor, rate, 4.0, freeze=True, target="High tone")
    power = np.abs(np.fft.rfft(out[-rate:] * np.hanning(rate))) ** 2
    assert power[985:1016].sum() > 0.9 * power[600:].sum()  # the middle tone, at 1 kHz


@pytest.mark.parametrize(
    ("alignment", "parameterisation"),
    thinned(
        itertools.product(ALIGNMENTS, PARAMETERISATIONS), each_once(ALIGNMENTS, PARAMETERISATIONS)
    ),
)
def test_freeze_holds_the_dream(pack: Pack, alignment: str, parameterisation: str) -> None:
    rate = 16_000
    processor = Processor(
        pack, alignment=alignment, combine="add", target="Middle tone",
        parameterisation=parameterisation, range_db=12.0,
    )  # fmt: skip
    found = []
    for freeze in (True, False):
        processor.prepare(rate, 64, 1)
        processor.parameters.set("target", "Middle tone")
        out = played(processor, chord(2.0), freeze=freeze, target="High tone")
        found.append([_log_high_over_middle(part) for part in (out[rate // 2 : rate], out[-8000:])])
    (before, frozen), (_, free) = found
    assert abs(free - before) > 0.1
    assert abs(frozen - before) < 0.3 * abs(free - before)  # see the beat, above


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


@pytest.mark.parametrize(
    ("parameterisation", "combine"),
    [("waveform", "gradient"), ("filter", "add"), ("partials", "add")],
)
def test_bypass_fades_without_a_click_to_the_exact_input(
    pack: Pack, parameterisation: str, combine: str
) -> None:
    rate = 16_000
    processor = Processor(
        pack, combine=combine, target="Middle tone", step=1.0, mix=1.0,
        parameterisation=parameterisation,
    )  # fmt: skip
    processor.prepare(rate, 64, 1)
    latency, sound = processor.latency_samples, chord(2.0)
    out = played(processor, sound, bypass=True)
    dry, half = np.pad(sound, (latency, 0))[: len(out)], rate
    np.testing.assert_array_equal(out[half + rate // 2 :], dry[half + rate // 2 :])
    before = slice(half // 2, half)
    assert np.abs(out[before] - dry[before]).max() > 0.05
    steepest = max(np.abs(np.diff(part)).max() for part in (out[before], sound))
    assert np.abs(np.diff(out[half - 200 :])).max() < 1.2 * steepest


def _log_high_over_middle(sound: np.ndarray) -> float:
    """Return the logarithm of the power of the high tone over that of the middle one."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / 16_000)
    high, middle = (power[np.abs(hertz - tone) < 60].sum() for tone in (4000, 1000))
    return float(np.log(high / middle))


def _set_later(processor: Processor, sound: np.ndarray, changes: dict[int, dict[str, object]]):
    """Play a sound in blocks of 64 and set parameters before some of them."""
    outs = []
    for number, at in enumerate(range(0, len(sound) - 63, 64)):
        for id, value in changes.get(number, {}).items():
            processor.parameters.set(id, value)
        outs.append(processor.process(sound[np.newaxis, at : at + 64])[0])
    return np.concatenate(outs)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_a_panic_silences_all_within_a_block_and_10_ms_until_it_is_released(
    pack: Pack, alignment: str
) -> None:
    rate = 16_000
    processor = Processor(
        pack, alignment=alignment, combine="add", target="Middle tone", feedback=0.8,
        delay_ms=50.0, lookahead_ms=25.0, n_fft=512,
    )  # fmt: skip
    processor.prepare(rate, 64, 1)
    sound = chord(2.0)
    out = _set_later(processor, sound, {150: {"silenced": True}, 300: {"silenced": False}})
    assert np.abs(out[140 * 64 : 150 * 64]).max() > 0.1
    assert not out[151 * 64 + rate // 100 : 300 * 64].any()
    assert np.abs(out[-3200:]).max() > 0.1
    steepest = np.abs(np.diff(out[: 150 * 64])).max()
    assert np.abs(np.diff(out[150 * 64 :])).max() < 1.5 * steepest  # no click either way


def test_a_processor_that_is_prepared_in_a_panic_begins_silent(pack: Pack) -> None:
    processor = Processor(pack, silenced=True)
    assert not run(processor, chord(0.3)[np.newaxis], 16_000, 64).any()


def test_mute_and_dim_turn_down_what_is_heard_and_the_dream_goes_on(pack: Pack) -> None:
    sound = chord(1.5)
    outs = []
    for changes in ({}, {150: {"mute": True}, 250: {"mute": False}}, {150: {"dim": True}}):
        processor = Processor(pack, combine="add", feedback=0.4, lookahead_ms=25.0, n_fft=512)
        processor.prepare(16_000, 64, 1)
        outs.append(_set_later(processor, sound, changes))
    plain, muted, dimmed = outs
    assert not muted[170 * 64 : 250 * 64].any()
    np.testing.assert_array_equal(muted[300 * 64 :], plain[300 * 64 :])
    np.testing.assert_allclose(dimmed[200 * 64 :], 0.1 * plain[200 * 64 :], rtol=1e-5)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_bypass_is_the_untouched_sound_whatever_the_levels_are(pack: Pack, alignment: str) -> None:
    processor = Processor(
        pack, alignment=alignment, n_fft=512, bypass=True, output_db=-12.0, input_db=9.0
    )
    sound = chord(0.6)[np.newaxis]
    processor.prepare(16_000, 64, 1)
    out = np.concatenate(
        [processor.process(sound[:, at : at + 64]) for at in range(0, sound.shape[1] - 63, 64)],
        axis=1,
    )
    latency = processor.latency_samples
    count = out.shape[1] - latency
    np.testing.assert_array_equal(out[:, latency:], sound[:, :count])


def test_a_drive_without_templates_is_said_for_as_long_as_it_is_chosen(pack: Pack) -> None:
    processor = Processor(pack, target="Low tone")
    processor.prepare(16_000, 1600, 1)
    sound = music(16_000, 0.1, 1)
    for drive, words in (("grains", "has no templates"), ("gradient", ""), ("track", "'track'")):
        processor.parameters.set("drive", drive)
        for _ in range(5):
            processor.process(sound)
        assert words in processor.status.problem
        assert bool(words) == bool(processor.status.problem)
