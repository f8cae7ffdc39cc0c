"""The shipped network's dreams are real: it hears them itself, and so would a person."""

import itertools

import numpy as np
import pytest

import innerear
from innerear.engine.analysis.judging.sound_measures import flatness
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.dsp.resample import Resampler
from innerear.engine.packs.pack import Pack
from innerear.models.studies.measure_dreams import measure_rise

from ...thinning import each_once, thinned

RATE = 16_000
TARGETS = [
    "Brass", "Flute", "Speech", "Piano", "Snare drum", "Noise", "Bell", "Strings", "Organ",
    "Kick drum",
]  # fmt: skip
ALIGNED = ("live", "echo", "aligned")
DRIVES = ("gradient", "deconv", "guided", "track")
LAYERS = ("conv1", "conv4", "conv8", "conv3:0.3,conv6")
UNITS = ("auto", "energy", "3")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return innerear.load("samplecnn-instruments")


@pytest.fixture(scope="module")
def phrase() -> np.ndarray:
    mono = short_phrase().mean(axis=0)[: 3 * SAMPLE_RATE]
    return Resampler(SAMPLE_RATE, RATE).process(mono)[np.newaxis]


@pytest.mark.parametrize("targets", thinned([TARGETS, TARGETS[:3]], []), ids=len)
def test_a_target_is_heard_where_it_was_not_and_more_with_more_lookahead(
    pack: Pack, phrase: np.ndarray, targets: list[str]
) -> None:
    """Of a waveform: a filter uses its range within some updates."""
    shallow, deep, deepest = (
        measure_rise(
            pack, phrase, RATE, targets, lookahead_ms=lookahead, parameterisation="waveform"
        )
        for lookahead in (50, 250, 500)
    )
    assert sum(rise.after > rise.before for rise in deep) >= 0.9 * len(targets)
    assert min(rise.correlation for rise in deep) > 0.5
    assert np.mean([rise.after - rise.before for rise in deep]) > 0.3
    assert sum(b.after > a.after for a, b in zip(shallow, deep, strict=True)) >= 0.9 * len(targets)
    assert np.mean([rise.after for rise in deepest]) > np.mean([rise.after for rise in deep])


@pytest.mark.parametrize(
    ("alignment", "drive"),
    thinned(itertools.product(ALIGNED, DRIVES), each_once(ALIGNED, DRIVES)),
)
def test_the_defaults_are_audible_and_no_hiss(
    pack: Pack, phrase: np.ndarray, alignment: str, drive: str
) -> None:
    change = innerear.render(phrase, RATE, pack, alignment=alignment, drive=drive) - phrase
    relative = 10 * np.log10(np.mean(change**2) / np.mean(phrase**2))
    assert -15 < relative < 6
    # White noise is near 0.56. Of what waits for its dream, the network's plain gradient has 0.153
    # since its level is compared where the sound is (below 0.15 before).
    assert flatness(change) < 0.16


@pytest.mark.parametrize(
    ("layer", "target"),
    thinned(itertools.product(LAYERS, UNITS), each_once(LAYERS, UNITS)),
)
def test_every_layer_can_be_dreamt(pack: Pack, phrase: np.ndarray, layer: str, target: str) -> None:
    short = phrase[:, 8000:24_000]
    change = innerear.render(short, RATE, pack, layer=layer, target=target) - short
    assert np.isfinite(change).all()
    if target != "3":  # a unit that is not active has no gradient
        assert np.abs(change).max() > 1e-3
