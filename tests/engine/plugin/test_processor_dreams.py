"""What a processor adds to the sound is the dream, on a toy network whose gradient is a tone."""

from typing import Any

import numpy as np
import pytest

from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.packs.pack import Pack
from innerear.engine.plugin.processor import Processor

from .streams import LIVELY, PARAMETERISATIONS, music, run


@pytest.mark.parametrize("alignment", ["echo", "aligned"])
def test_the_dream_is_the_gradient(pack: Pack, alignment: str) -> None:
    """The toy's gradient for a class is that class's tone, so the tone is what is added."""
    rate = 16_000
    sound = (0.1 * np.sin(2 * np.pi * 240 * np.arange(rate) / rate)).astype(np.float32)[np.newaxis]
    processor = Processor(
        pack, alignment=alignment, target="Middle tone", combine="add", colour=0.0,
        lookahead_ms=50, parameterisation="waveform",
    )  # fmt: skip
    change = (run(processor, sound, rate, 64) - sound)[0]
    power = np.abs(np.fft.rfft(change[4000:12_000] * np.hanning(8000))) ** 2
    middle = 1000 * 8000 // rate
    assert power[middle - 8 : middle + 9].sum() > 0.99 * power.sum()


def test_an_echos_dream_comes_when_the_aligned_one_would(pack: Pack) -> None:
    rate, block = 16_000, 64
    sound = music(rate, 0.5, 1)
    settings: dict[str, Any] = {"target": "Middle tone", "combine": "add", "lookahead_ms": 50}
    settings["parameterisation"] = "waveform"  # a filter's loudness is kept where the sound waits
    aligned = Processor(pack, alignment="aligned", **settings)
    change = run(aligned, sound, rate, block) - sound
    echo = Processor(pack, alignment="echo", **settings)
    late = run(echo, sound, rate, block) - sound
    delay = aligned.latency_samples + block  # an echo waits for a whole hop, see `prepare`
    np.testing.assert_allclose(late[:, delay:], change[:, :-delay], atol=2e-6)
    assert not late[:, : delay - 1024].any()  # a window's smear comes before


def test_more_lookahead_dreams_deeper(pack: Pack) -> None:
    rate = 16_000
    sound = music(rate, 0.6, 1)
    sizes = []
    for lookahead in (0, 25, 50, 100):
        processor = Processor(
            pack, alignment="aligned", combine="add", target="Middle tone",
            lookahead_ms=lookahead, parameterisation="waveform",
        )  # fmt: skip
        sizes.append(float(np.square(run(processor, sound, rate, 128) - sound).sum()))
    assert sizes[0] == pytest.approx(sizes[1])  # one update is the least there is
    assert sizes[1] < sizes[2] < sizes[3]


@pytest.mark.parametrize("parameterisation", PARAMETERISATIONS)
@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_added_is_what_dream_and_loop_add_to_the_sound(
    pack: Pack, alignment: str, parameterisation: str
) -> None:
    sound = 0.1 * music(48_000, 0.2)
    values = {**LIVELY, "output_db": -6.0, "parameterisation": parameterisation}
    processor = Processor(pack, alignment=alignment, **values)
    processor.prepare(48_000, 100, 2)
    blocks = np.split(sound, range(100, sound.shape[1], 100), axis=1)
    out, added = zip(
        *[(processor.process(block), processor.added) for block in blocks], strict=True
    )
    assert processor.limited == 0
    latency = processor.latency_samples
    delayed = np.pad(sound, ((0, 0), (latency, 0)))[:, : sound.shape[1]]
    change = np.concatenate(added, axis=1)
    assert np.abs(change).max() > 0.002  # of 0.03: a filter changes two tones a little
    expected = delayed * 10 ** (-6 / 20) + change
    np.testing.assert_allclose(np.concatenate(out, axis=1), expected, atol=1e-6)


def test_each_channel_can_dream_its_own(pack: Pack) -> None:
    rate = 16_000
    tones = [0.3 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate) for hertz in (240, 4000)]
    sound = np.stack(tones).astype(np.float32)
    labels = []
    for mode in ("mix", "each"):
        processor = Processor(
            pack, channel_mode=mode, combine="add", alignment="aligned", colour=0.0,
            lookahead_ms=25.0, parameterisation="waveform",
        )  # fmt: skip
        change = (run(processor, sound, rate, 256) - sound)[:, 4000:12_000]
        power = np.abs(np.fft.rfft(change * np.hanning(8000))) ** 2
        low, high = power[:, 90:151].sum(axis=1), power[:, 1970:2031].sum(axis=1)
        labels.append((low > 10 * high, high > 10 * low))
    (mix_low, mix_high), (each_low, each_high) = labels
    assert each_low.tolist() == [True, False]
    assert each_high.tolist() == [False, True]
    assert mix_low.all() or mix_high.all()  # one dream for both


@pytest.mark.parametrize("alignment", ["live", "zero-latency", "aligned"])
def test_each_channel_can_have_its_own_filter(pack: Pack, alignment: str) -> None:
    """A filter lifts the tone that is the loudest, and cuts the others."""
    rate = 16_000
    low, high = (np.sin(2 * np.pi * hertz * np.arange(rate) / rate) for hertz in (240, 4000))
    sound = np.stack((0.2 * low + 0.1 * high, 0.1 * low + 0.2 * high)).astype(np.float32)
    low_lifted = {}
    for mode in ("mix", "each"):
        processor = Processor(pack, channel_mode=mode, alignment=alignment, lookahead_ms=25.0)
        ratios = []
        for each in (run(processor, sound, rate, 256), sound):
            power = np.abs(np.fft.rfft(each[:, 4000:12_000] * np.hanning(8000))) ** 2
            ratios.append(power[:, 110:131].sum(axis=1) / power[:, 1990:2011].sum(axis=1))
        low_lifted[mode] = (ratios[0] > 2 * ratios[1], ratios[1] > 2 * ratios[0])
    (mix_more, mix_less), (each_more, each_less) = low_lifted["mix"], low_lifted["each"]
    assert each_more.tolist() == [True, False]
    assert each_less.tolist() == [False, True]
    assert mix_more.all() or mix_less.all()  # one filter for both


def test_each_channel_dreams_as_loud_as_it_sounds(pack: Pack) -> None:
    rate = 16_000
    tone = 0.2 * np.sin(2 * np.pi * 240 * np.arange(rate) / rate)
    sound = np.stack((tone, 0.1 * tone, 0 * tone)).astype(np.float32)
    for alignment in ALIGNMENTS:
        processor = Processor(
            pack, alignment=alignment, combine="add", target="Middle tone", lookahead_ms=50,
            colour=0.0,
        )  # fmt: skip
        change = run(processor, sound, rate, 128) - sound
        loud, quiet, silent = np.sqrt(np.mean(np.square(change[:, 4000:12_000]), axis=1))
        assert loud > 1e-4
        assert quiet == pytest.approx(0.1 * loud, rel=0.1)
        assert silent == 0.0


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
