"""The drive `grains`: units sing with their own spectra, as loud as they are active."""

from typing import Any

import numpy as np
import pytest

import innerear
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.dsp.granular import Grains
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.plugin.processor import Processor
from innerear.engine.plugin.render import process_stream

from ...thinning import thinned

RATE, HOP = 16_000, 400
ALIGNMENTS = ["live", "zero-latency", "echo", "aligned"]


def _make(layer: str, samples: int) -> np.ndarray:
    """Return grains of two layers of four units, each of which likes one band of noise."""
    spectrum = np.zeros((8, samples // 2 + 1))
    for unit in range(8):
        at = slice(*(round((60 * unit + edge) / 512 * samples / 2) for edge in (30, 60)))
        spectrum[unit, at] = 1.0
    phases = np.exp(2j * np.pi * np.random.default_rng(0).random(spectrum.shape))
    grains = np.fft.irfft(spectrum * phases, samples) * np.hanning(samples)
    return grains[:4] if layer == "first" else grains[4:]


def _sing(grains: Grains, loudness: dict[str, Any], hops: int = 200) -> np.ndarray:
    levels = {name: np.asarray(values, np.float32) for name, values in loudness.items()}
    parts = []
    for number in range(hops):
        grains.start(levels, number)
        parts.append(grains.finished())
    return np.concatenate(parts)


def _share(sound: np.ndarray, unit: int) -> float:
    """Return how much of the power is in the band of unit 0 to 7."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    position = np.linspace(0, 512, len(power))
    inside = (position > 60 * unit + 27) & (position < 60 * unit + 64)
    return float(power[inside].sum() / power.sum())


@pytest.mark.parametrize("level", [1.0, 0.25])
def test_a_unit_sounds_as_loud_as_it_is_active(level: float) -> None:
    sung = _sing(Grains(_make, RATE, HOP, 0), {"first": [0, level, 0, 0]})[4000:]
    assert _share(sung, 1) > 0.99
    assert np.sqrt(np.mean(sung**2)) == pytest.approx(level, rel=0.2)


def test_many_units_are_together_no_louder_than_the_sound() -> None:
    loudness = {"first": [1, 1, 1, 1], "second": [1, 1, 1, 1]}
    sung = _sing(Grains(_make, RATE, HOP, 0), loudness)[4000:]
    assert np.sqrt(np.mean(sung**2)) == pytest.approx(1.0, rel=0.2)
    assert min(_share(sung, unit) for unit in range(8)) > 0.05


def test_weak_units_are_silent() -> None:
    sung = _sing(Grains(_make, RATE, HOP, 0), {"first": [1, 0.05, 0, 0]})
    assert _share(sung, 0) > 0.99
    assert not _sing(Grains(_make, RATE, HOP, 0), {"first": [0, 0, 0, 0]}).any()


def test_the_seed_decides() -> None:
    first, again, other = (
        _sing(Grains(_make, RATE, HOP, seed), {"second": [0, 1, 0.5, 0]}, 20) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_after_a_reset_nothing_rings() -> None:
    grains = Grains(_make, RATE, HOP, 0)
    _sing(grains, {"first": [1, 0, 0, 0]}, 5)
    grains.reset()
    assert not grains.finished().any()


@pytest.fixture(scope="module")
def pack() -> Pack:
    return innerear.load("samplecnn-instruments")


def _music(seconds: float) -> np.ndarray:
    time = np.arange(int(RATE * seconds)) / RATE
    tones = sum(np.sin(2 * np.pi * hertz * time) for hertz in (220, 440, 660, 880))
    return (0.1 * tones).astype(np.float32)[np.newaxis]


def _run(pack: Pack, sound: np.ndarray, block: int = 128, **values: Any) -> np.ndarray:
    processor = Processor(pack, lookahead_ms=50.0, n_fft=512, **values)
    processor.prepare(RATE, block, len(sound))
    return np.concatenate(list(process_stream(processor, [sound])), axis=1)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_grains_follow_the_level_of_the_sound(pack: Pack, alignment: str) -> None:
    sound = np.concatenate((_music(0.7), np.zeros((1, RATE), np.float32)), axis=1)
    sung = _run(pack, sound, drive="grains", combine="add", alignment=alignment) - sound
    level = np.sqrt(np.mean(sound[:, 4000:11_000] ** 2))
    assert 0.3 < np.sqrt(np.mean(sung[:, 4000:11_000] ** 2)) / level < 2.0
    assert np.abs(sung[:, 18_000:]).max() < 1e-5
    silence = np.zeros((1, RATE // 2), np.float32)
    assert not _run(pack, silence, drive="grains", combine="add", alignment=alignment).any()


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_grains_do_not_depend_on_the_blocks(pack: Pack, alignment: str) -> None:
    sound = _music(0.4)
    values: dict[str, Any] = {
        "drive": "grains", "combine": "flip", "alignment": alignment, "feedback": 0.5,
        "delay_ms": 60.0, "target": "energy", "layer": "conv4,output:0.5",
    }  # fmt: skip
    expected = _run(pack, sound, 4096, **values)
    for block in (17, 480):
        np.testing.assert_allclose(_run(pack, sound, block, **values), expected, atol=1e-6)


@pytest.mark.parametrize(
    "drive", thinned(["gradient", "deconv", "guided", "track", "grains"], ["grains"])
)
def test_several_layers_sound_together_in_every_drive(pack: Pack, drive: str) -> None:
    sound = _music(0.4)
    values = {"drive": drive, "combine": "add", "alignment": "aligned", "target": "energy"}
    outs = [
        _run(pack, sound, layer=layer, **values)
        for layer in ("conv3", "output", "conv3,output:2", "conv3:2,output")
    ]
    assert np.isfinite(outs).all()
    for number, out in enumerate(outs):
        for other in outs[:number]:
            assert np.sqrt(np.mean((out - other) ** 2)) > 1e-4


@pytest.mark.parametrize("parameterisation", ["filter", "partials"])
def test_of_a_dream_by_gradients_nothing_is_left_under_the_grains(parameterisation: str) -> None:
    """Nothing moves it any more, so it would sound for ever."""
    sound = short_phrase()[:1, SAMPLE_RATE : 2 * SAMPLE_RATE]
    outs = []
    for first in ("gradient", "grains"):
        processor = Processor(
            load_pack("samplecnn-digits"), target="seven", drive=first, alignment="aligned",
            lookahead_ms=50.0, parameterisation=parameterisation,
        )  # fmt: skip
        processor.prepare(SAMPLE_RATE, 4096, 1)
        blocks = [sound[:, at : at + 4096] for at in range(0, 10 * 4096, 4096)]
        for block in blocks:
            processor.process(block)
        processor.parameters.set("drive", "grains")
        for block in blocks:
            processor.process(block)
        outs.append([processor.process(block) for block in blocks])
    np.testing.assert_array_equal(*outs)


@pytest.mark.parametrize(
    ("drives", "values"),
    [(("gradient", "grains"), {"smooth_ms": 300.0}), (("grains", "gradient"), {"beat": "1/1"})],
)
def test_what_was_held_by_the_drive_before_is_not_taken_for_what_this_one_holds(
    drives: tuple[str, str], values: dict[str, Any]
) -> None:
    """A filter's gains are no spectrum: as one they are louder than the sound."""
    sound = short_phrase()[:1, SAMPLE_RATE : 2 * SAMPLE_RATE]
    processor = Processor(
        load_pack("samplecnn-digits"), target="seven", drive=drives[0], parameterisation="filter",
        **values,
    )  # fmt: skip
    processor.prepare(SAMPLE_RATE, 512, 1)
    blocks = [sound[:, at : at + 512] for at in range(0, 80 * 512, 512)]
    outs = []
    for number, block in enumerate(blocks):
        if number == 40:
            processor.parameters.set("drive", drives[1])
        outs.append(processor.process(block))
    late = processor.latency_samples
    change = np.concatenate(outs, axis=1)[:, late:] - np.concatenate(blocks, axis=1)[:, :-late]
    after = slice(43 * 512, 60 * 512)
    level, of_sound = (float(np.std(each[:, after])) for each in (change, sound))
    assert level < 0.5 * of_sound if drives[1] == "grains" else level > 0.1 * of_sound
