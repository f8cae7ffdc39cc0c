"""Dreams that are a filter of the sound: on real music, with a real pack, as they are heard."""

from typing import Any

import numpy as np
import pytest

import innerear
from innerear.engine.alignment import ALIGNMENTS
from innerear.engine.combinations import COMBINATIONS, LIVE_COMBINATIONS
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.packs.pack import Pack
from innerear.engine.plugin.processor import Processor

from .streams import music, run

NETWORK, TARGET = "stftcnn-instruments", "Singing voice"


@pytest.fixture(scope="module")
def phrase() -> np.ndarray:
    """Return three seconds of the phrase, (samples,)."""
    return np.ascontiguousarray(short_phrase().mean(axis=0)[: 3 * SAMPLE_RATE])


@pytest.fixture(scope="module")
def dreams(phrase: np.ndarray) -> dict[tuple[str, str], np.ndarray]:
    """Return the phrase by parameterisation and alignment."""
    wanted = [("waveform", "live"), *(("filter", name) for name in ALIGNMENTS)]
    return {
        (each, alignment): innerear.render(
            phrase, SAMPLE_RATE, NETWORK, target=TARGET, parameterisation=each, alignment=alignment
        )
        for each, alignment in wanted
    }


def _log_odds(sound: np.ndarray) -> float:
    heard = innerear.hear(sound, SAMPLE_RATE, NETWORK)
    score = float(heard.scores[:, heard.classes.index(TARGET)].mean())
    return float(np.log(score / (1 - score)))


def _levels_db(sound: np.ndarray, seconds: float) -> np.ndarray:
    size = round(seconds * SAMPLE_RATE)
    pieces = sound[: len(sound) // size * size].reshape(-1, size)
    return np.asarray(20 * np.log10(np.sqrt(np.mean(pieces**2, axis=1)) + 1e-9))


@pytest.mark.soak
def test_the_network_hears_its_target_at_once_where_a_waveforms_magnitudes_did_not_do(
    phrase: np.ndarray, dreams: dict[tuple[str, str], np.ndarray]
) -> None:
    before = _log_odds(phrase)
    assert _log_odds(dreams["waveform", "live"]) < before + 1.0
    assert _log_odds(dreams["filter", "live"]) > before + 2.0
    assert _log_odds(dreams["filter", "zero-latency"]) > before + 2.0
    assert _log_odds(dreams["filter", "aligned"]) > before + 4.0


@pytest.mark.parametrize("alignment", ["live", "zero-latency", "aligned"])
def test_each_second_is_as_loud_as_it_was(
    phrase: np.ndarray, dreams: dict[tuple[str, str], np.ndarray], alignment: str
) -> None:
    after, before = (_levels_db(each, 1.0) for each in (dreams["filter", alignment], phrase))
    assert np.abs(after - before).max() < 1.5


@pytest.mark.parametrize("alignment", ["live", "zero-latency", "aligned"])
def test_no_burst_when_a_sound_starts_and_none_after_it_stops(
    phrase: np.ndarray, alignment: str
) -> None:
    chance = np.random.default_rng(0)
    quiet = (1e-4 * chance.standard_normal(SAMPLE_RATE // 2)).astype(np.float32)
    loud = phrase[: SAMPLE_RATE // 2]
    sound = np.concatenate([quiet, loud, quiet])
    out = innerear.render(
        sound, SAMPLE_RATE, NETWORK, target=TARGET, alignment=alignment, lookahead_ms=100
    )
    assert np.abs(out).max() < np.abs(sound).max() * 10 ** (3 / 20)
    before, after = (_levels_db(each, 0.05) for each in (sound, out))
    assert np.abs(before - after)[before < -60].size > 10
    stopped = 20 + 3  # pieces of 50 ms: 150 ms after the sound stops
    assert (after[stopped:] < before[stopped:] + 3.0).all()
    assert (after[:8] < before[:8] + 3.0).all()


@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize(
    "changes", [{"step": 0.0}, {"range_db": 0.0, "parameterisation": "filter"}]
)
def test_without_step_or_range_no_bit_changes(
    phrase: np.ndarray, alignment: str, changes: dict[str, Any]
) -> None:
    sound = phrase[: SAMPLE_RATE // 2]
    out = innerear.render(
        sound, SAMPLE_RATE, NETWORK, target=TARGET, alignment=alignment, **changes
    )
    np.testing.assert_array_equal(out, sound)


def test_it_has_no_latency_where_there_is_to_be_none() -> None:
    processor = Processor(NETWORK, target=TARGET, alignment="zero-latency")
    processor.prepare(SAMPLE_RATE, 128, 2)
    assert processor.latency_samples == 0


def test_the_wider_the_range_the_more_is_heard(phrase: np.ndarray) -> None:
    sound = phrase[:SAMPLE_RATE]
    sizes = [
        float(
            np.square(
                innerear.render(sound, SAMPLE_RATE, NETWORK, target=TARGET, range_db=range_db)
                - sound
            ).sum()
        )
        for range_db in (3.0, 12.0, 24.0)
    ]
    assert sizes[0] < sizes[1] < sizes[2]


def test_each_channel_stays_as_loud_as_it_is(phrase: np.ndarray) -> None:
    sound = np.stack([phrase[:SAMPLE_RATE], 0.1 * phrase[SAMPLE_RATE : 2 * SAMPLE_RATE]])
    for mode in ("mix", "each"):
        out = innerear.render(sound, SAMPLE_RATE, NETWORK, target=TARGET, channel_mode=mode)
        for after, before in zip(out, sound, strict=True):
            assert abs(_levels_db(after, 1.0) - _levels_db(before, 1.0)).max() < 1.5


@pytest.mark.parametrize("combine", LIVE_COMBINATIONS)
def test_a_combination_that_makes_no_sense_says_so(pack: Pack, combine: str) -> None:
    processor = Processor(pack, combine=combine, target="Middle tone")
    run(processor, music(16_000, 0.2, 1), 16_000, 128)
    assert bool(processor.status.problem) != COMBINATIONS[combine].takes_filter
    assert (combine in processor.status.problem) != COMBINATIONS[combine].takes_filter
    processor.parameters.set("combine", "add")
    processor.process(music(16_000, 0.1, 1)[:, :1280])
    assert processor.status.problem == ""


@pytest.mark.parametrize("alignment", ["live", "zero-latency"])
def test_freeze_holds_the_filter_and_a_late_one_fades(pack: Pack, alignment: str) -> None:
    """A frozen filter goes on shaping the sound; held back, it changes less and less."""
    rate = 16_000
    settings: dict[str, Any] = {"target": "Middle tone", "alignment": alignment, "n_fft": 256}
    noise = (0.1 * np.random.default_rng(0).standard_normal((1, rate))).astype(np.float32)
    processor = Processor(pack, **settings)
    processor.prepare(rate, 100, 1)
    for at in range(0, rate // 2, 100):
        processor.process(noise[:, at : at + 100])
    processor.parameters.set("freeze", True)
    processor.parameters.set("target", "Low tone")
    changes = []
    for at in range(rate // 2, rate, 100):
        out = processor.process(noise[:, at : at + 100])
        changes.append(float(np.square(processor.added).sum()) / float(np.square(out).sum()))
    assert min(changes[5:]) > 0.01
    early, late = np.mean(changes[5:25]), np.mean(changes[-20:])
    assert late == pytest.approx(early, rel=0.5)


def test_a_drive_without_gradient_is_as_it_was_in_each_parameterisation() -> None:
    sound = music(16_000, 1.0, 1)
    found = [
        innerear.render(
            sound, 16_000, "samplecnn-instruments", drive="track", parameterisation=each
        )
        for each in ("filter", "waveform")
    ]
    assert (found[0] != sound).any()
    np.testing.assert_array_equal(found[0], found[1])
