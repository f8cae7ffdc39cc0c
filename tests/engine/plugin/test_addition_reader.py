"""What is added to a filtered sound, as it is heard: in time, below the sound, gone with it."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.packs.network import Gradient
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.parameterisations import MOST_ADDED
from innerear.engine.plugin.processor import Processor

from ...thinning import each_once, thinned
from .streams import run

RATE, HOP = 16_000, 400
LOOKAHEAD = 250
ADDED_HZ, SOUND_HZ = 1250.0, 250.0
SETTINGS: dict[str, Any] = {
    "parameterisation": "filter+waveform", "lookahead_ms": LOOKAHEAD, "range_db": 0, "n_fft": 256,
    "target": "Flute",
}  # fmt: skip


@pytest.fixture(scope="module")
def network() -> Pack:
    return load_pack("crnn-instruments")


class _EndlessTone:
    """Its gradient is a tone that runs through the stream, in phase from update to update."""

    def __init__(self, pack: Pack, ahead: int) -> None:
        self.sample_rate, self.window = pack.sample_rate, pack.window
        self.layers, self.classes = pack.layers, pack.classes
        self.ahead, self.updates = ahead, 0

    def gradient(self, waveform: np.ndarray, directions: Mapping[str, Any], rule: str) -> Gradient:
        if directions:  # the first call asks what is active
            self.updates += 1
        at = self.updates * HOP + self.ahead + np.arange(-self.window, 0)
        gradient = np.sin(2 * np.pi * ADDED_HZ * at / RATE).astype(np.float32)
        return Gradient(
            0.0,
            gradient,
            {name: np.ones(layer.units, np.float32) for name, layer in self.layers.items()},
        )


def _processor(pack: Pack, alignment: str, **changes: Any) -> Processor:
    ahead = 0 if ALIGNMENTS[alignment].reads_waveform else LOOKAHEAD * RATE // 1000
    settings = {**SETTINGS, "alignment": alignment, **changes}
    return Processor(pack, dreamer=_EndlessTone(pack, ahead), **settings)


def _tone(hertz: float, samples: int) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE)).astype(np.float32)


def _amplitude(sound: np.ndarray, hertz: float, first: int = 0) -> complex:
    """Return the amplitude and phase of a tone, for which sample 0 is `first`."""
    at = first + np.arange(len(sound))
    turned = sound * np.exp(-2j * np.pi * hertz * at / RATE)
    return complex(2j * np.mean(turned))


@pytest.mark.parametrize("alignment", ["live", "zero-latency", "aligned"])
def test_it_is_heard_in_time_and_6_db_below_the_sound(network: Pack, alignment: str) -> None:
    processor = _processor(network, alignment)
    sound = _tone(SOUND_HZ, 2 * RATE)[np.newaxis]
    out = run(processor, sound, RATE, 64)[0]  # in time with the sound: the latency is taken off
    steady = slice(RATE, RATE + 12_800)
    added = _amplitude(out[steady], ADDED_HZ, RATE)
    own = _amplitude(out[steady], SOUND_HZ, RATE)
    assert abs(np.angle(added)) < 0.1  # 1.3 ms would be half a turn away
    assert abs(added) / abs(own) == pytest.approx(MOST_ADDED, rel=0.2)


@pytest.mark.parametrize("alignment", ["live", "zero-latency"])
def test_it_ends_with_the_sound(network: Pack, alignment: str) -> None:
    silence = np.zeros(RATE, np.float32)
    sound = np.concatenate((_tone(SOUND_HZ, RATE), silence))[np.newaxis]
    out = run(_processor(network, alignment), sound, RATE, 64)[0]
    after = out[RATE + 800 : RATE + 2400]  # 50 to 150 ms after the sound stops
    assert np.abs(after).max() < 1e-3


def test_each_channel_gets_as_much_as_it_is_loud(network: Pack) -> None:
    left = _tone(SOUND_HZ, RATE)
    sound = np.stack((left, 0.1 * left, np.zeros_like(left)))
    out = run(_processor(network, "live"), sound, RATE, 64)[:, RATE // 2 :]
    levels = [abs(_amplitude(channel, ADDED_HZ)) for channel in out]
    assert levels[0] > 0.05
    assert levels[1] == pytest.approx(0.1 * levels[0], rel=0.01)
    assert levels[2] == 0.0


@pytest.mark.parametrize("alignment", ["live", "zero-latency"])
def test_what_is_frozen_goes_on_at_its_frequencies_with_the_sound(
    network: Pack, alignment: str
) -> None:
    processor = _processor(network, alignment)
    processor.prepare(RATE, 64, 1)
    sound = _tone(SOUND_HZ, 3 * RATE)
    sound[2 * RATE :] *= 0.1
    changes = []
    for at in range(0, 3 * RATE, 64):
        if at == RATE:
            processor.parameters.set("freeze", True)
        processor.process(sound[np.newaxis, at : at + 64])
        changes.append(processor.added[0].copy())
    added = np.concatenate(changes)
    before, frozen, quiet = (added[at : at + 6400] for at in (8000, 24_000, 40_000))
    assert np.std(frozen) == pytest.approx(np.std(before), rel=0.3)
    assert np.std(quiet) == pytest.approx(0.1 * np.std(frozen), rel=0.1)
    strongest = np.argmax(np.abs(np.fft.rfft(frozen * np.hanning(6400)))) * RATE / 6400
    assert strongest == pytest.approx(ADDED_HZ, abs=RATE / 256)  # within one bin


@pytest.mark.parametrize("changes", [{"step": 0.0}, {"mix": 0.0}])
def test_without_a_step_nothing_is_added(network: Pack, changes: dict[str, Any]) -> None:
    sound = _tone(SOUND_HZ, RATE)[np.newaxis]
    out = run(_processor(network, "live", **changes), sound, RATE, 64)
    np.testing.assert_array_equal(out, sound)


def test_a_drive_without_a_gradient_adds_nothing(network: Pack) -> None:
    sound = _tone(SOUND_HZ, RATE)[np.newaxis]
    outs = [
        run(_processor(network, "live", drive="track", parameterisation=name), sound, RATE, 64)
        for name in ("filter", "filter+waveform")
    ]
    np.testing.assert_array_equal(outs[0], outs[1])


def test_a_network_that_hears_too_little_at_once_has_the_filter_alone(pack: Pack) -> None:
    sound = _tone(SOUND_HZ, RATE)[np.newaxis]
    outs = [
        run(Processor(pack, target="Low tone", parameterisation=name), sound, RATE, 64)
        for name in ("filter", "filter+waveform")
    ]
    np.testing.assert_array_equal(outs[0], outs[1])
    assert np.abs(outs[0] - sound).max() > 0.01


COMBINATIONS = ("add", "gate", "filter", "flip", "gradient")


@pytest.mark.parametrize(
    ("alignment", "combination"),
    thinned(itertools.product(ALIGNMENTS, COMBINATIONS), each_once(ALIGNMENTS, COMBINATIONS)),
)
def test_every_combination_stays_finite_and_says_nothing(
    network: Pack, alignment: str, combination: str
) -> None:
    processor = _processor(network, alignment, combine=combination, range_db=18, feedback=0.5)
    out = run(processor, _tone(SOUND_HZ, RATE)[np.newaxis], RATE, 64)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1.0
    assert processor.status.problem == ""


def test_a_clear_takes_it_away_and_it_comes_back(network: Pack) -> None:
    processor = _processor(network, "live")
    processor.prepare(RATE, 64, 1)
    sound = _tone(SOUND_HZ, 2 * RATE)
    outs = []
    for at in range(0, 2 * RATE, 64):
        if at == RATE:
            processor.clear()
        outs.append(processor.process(sound[np.newaxis, at : at + 64])[0])
    out = np.concatenate(outs)
    late = processor.latency_samples
    assert abs(_amplitude(out[RATE + 400 + late : RATE + 720 + late], ADDED_HZ)) < 1e-3
    assert abs(_amplitude(out[-6400:], ADDED_HZ)) > 0.05
