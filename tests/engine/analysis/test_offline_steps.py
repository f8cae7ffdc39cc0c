"""Offline dreams in the filter of each frame: heard, bounded, as loud as before, and refused."""

import numpy as np
import pytest

import innerear
from innerear.engine.analysis.dream_settings import DREAM_SETTINGS, dream_settings
from innerear.engine.analysis.offline_steps import FilterSteps
from innerear.engine.combinations import COMBINATIONS, OFFLINE_COMBINATIONS
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from innerear.engine.errors import ParameterError

NETWORK, TARGET = "stftcnn-instruments", "Singing voice"


@pytest.fixture(scope="module")
def phrase() -> np.ndarray:
    """Return two seconds of the phrase, float32 (2, samples)."""
    return short_phrase()[:, : 2 * SAMPLE_RATE]


def _score(sound: np.ndarray, network: str) -> float:
    heard = innerear.hear(sound, SAMPLE_RATE, network)
    return float(heard.scores[:, heard.classes.index(TARGET)].mean())


def test_a_whole_sound_passes_a_filter_for_each_frame(phrase: np.ndarray) -> None:
    dreamed = innerear.dream(
        phrase, SAMPLE_RATE, NETWORK, target=TARGET, parameterisation="filter", combine="add"
    )
    assert _score(phrase, NETWORK) < 0.1
    assert _score(dreamed, NETWORK) > 0.9
    for unseen in ("crnn-instruments", "cqtcnn-instruments"):  # which took no part
        assert _score(dreamed, unseen) > _score(phrase, unseen)
    for after, before in zip(dreamed, phrase, strict=True):
        assert abs(20 * np.log10(after.std() / before.std())) < 1.5
    assert np.abs(dreamed).max() < np.abs(phrase).max() * 10 ** (3 / 20)


def test_no_range_or_no_sound_is_no_change(phrase: np.ndarray) -> None:
    short = phrase[:, : SAMPLE_RATE // 2]
    for sound, range_db in ((short, 0.0), (np.zeros_like(short), 12.0)):
        same = innerear.dream(
            sound, SAMPLE_RATE, NETWORK, target=TARGET, steps=2,
            parameterisation="filter", combine="add", range_db=range_db,
        )  # fmt: skip
        np.testing.assert_array_equal(same, sound)


@pytest.mark.parametrize("combine", OFFLINE_COMBINATIONS)
def test_a_combination_that_makes_no_sense_is_refused(phrase: np.ndarray, combine: str) -> None:
    sound = phrase[:, : SAMPLE_RATE // 4]

    def dreamed() -> np.ndarray:
        return innerear.dream(
            sound, SAMPLE_RATE, NETWORK, target=TARGET, steps=2, combine=combine,
            parameterisation="filter",
        )  # fmt: skip

    if COMBINATIONS[combine].takes_filter:
        assert np.isfinite(dreamed()).all()
        assert (dreamed() != sound).any()
    else:
        with pytest.raises(ParameterError, match=f"combine '{combine}' makes no sense"):
            dreamed()


def test_the_paper_is_the_default() -> None:
    assert DREAM_SETTINGS["parameterisation"].default == "waveform"


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000])
def test_a_network_of_any_rate_filters(rate: int) -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (2, rate // 4)).astype(np.float32)
    steps = FilterSteps(sound, rate, dream_settings(combine="add"), None)
    np.testing.assert_allclose(steps.heard(), sound.mean(axis=0), atol=1e-5)
