"""What judges hear is added up as on paper, and real packs tell a class from silence."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

import innerear
from innerear.engine.analysis.judging.audioset_classes import AUDIOSET_CLASSES, corresponding_class
from innerear.engine.analysis.judging.judges import (
    Judge,
    Score,
    find_judges,
    log_odds,
    mean_summary,
    rank,
    summarise,
)
from innerear.engine.dsp.computed_tones import SAMPLE_RATE, noise
from innerear.engine.errors import ModelError
from innerear.engine.packs.pack import load_pack

INSTRUMENTS = innerear.load("crnn-instruments").classes


def test_log_odds() -> None:
    np.testing.assert_allclose(log_odds([0.5, 0.75, 0.1]), [0.0, math.log(3), -math.log(9)])
    assert log_odds(0.0) == pytest.approx(math.log(1e-6 / (1 - 1e-6)))
    assert log_odds(1.0) == pytest.approx(-float(log_odds(0.0)))


def test_rank_counts_what_is_higher() -> None:
    scores = [0.2, 0.9, 0.2, 0.5]
    assert [rank(scores, index) for index in range(4)] == [3, 1, 3, 2]


def test_a_summary_is_that_of_the_pairs() -> None:
    pairs = [
        (Score(0.5, 0.4, 9), Score(0.75, 0.6, 3)),
        (Score(0.1, 0.0, 20), Score(0.5, 0.5, 2)),
        (Score(0.2, 0.1, 5), Score(0.2, 0.4, 7)),
    ]
    found = summarise(pairs)
    assert found.count == 3
    assert found.mean_before == pytest.approx(0.8 / 3)
    assert found.mean_after == pytest.approx(1.45 / 3)
    assert (found.median_before, found.median_after) == (0.2, 0.5)
    assert found.window_median_before == pytest.approx(0.5 / 3)
    assert found.window_median_after == pytest.approx(0.5)
    assert found.log_odds_gain == pytest.approx((math.log(3) + math.log(9)) / 3)
    assert (found.rank_before, found.rank_after) == (9, 3)
    other = summarise(pairs[:1])
    both = mean_summary([found, other])
    assert both.count == 4
    assert both.mean_after == pytest.approx((1.45 / 3 + 0.75) / 2)
    assert both.rank_before == 9


def test_scores_are_over_half_overlapping_windows(toy_pack: Path) -> None:
    judge = Judge(innerear.load(toy_pack))
    window, rate = judge.pack.window, judge.pack.sample_rate
    seconds = np.arange(3 * window) / rate
    tone = 0.5 * np.sin(2 * np.pi * 4000 * seconds) * (seconds < window / rate)
    scores = judge.listen(tone, rate)
    assert len(scores) == 5  # windows begin at 0, 1/2, 1, 3/2 and 2 windows
    high = scores[:, judge.pack.classes.index("High tone")]
    # All of the first window is the tone, half of the second, none of the others.
    assert log_odds(high[1]) == pytest.approx(log_odds(high[0]) / 2, rel=1e-3)
    np.testing.assert_allclose(high[2:], 0.5, atol=1e-6)
    found = judge.score(scores, "High tone")
    assert found == Score(pytest.approx(high.mean()), pytest.approx(np.median(high)), 1)
    stereo = judge.listen(np.stack((tone, tone)), rate)
    np.testing.assert_allclose(stereo, scores, atol=1e-6)


def test_any_rate_is_resampled(toy_pack: Path) -> None:
    judge = Judge(innerear.load(toy_pack))
    rate = judge.pack.sample_rate

    def heard(at: int) -> float:
        tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(at) / at)
        return judge.score(judge.listen(tone, at), "Middle tone").mean

    assert heard(44_100) == pytest.approx(heard(rate), abs=0.02)


@pytest.mark.parametrize("name", ["crnn-instruments", "wavelet-instruments"])
def test_a_real_judge_hears_noise_rather_in_noise_than_in_silence(name: str) -> None:
    judge = Judge(innerear.load(name))
    hiss = 0.1 * noise(2.0, 100, 10_000, np.random.default_rng(0))
    loud, silent = (
        judge.score(judge.listen(sound, SAMPLE_RATE), "Noise")
        for sound in (hiss, np.zeros(2 * SAMPLE_RATE))
    )
    assert loud.mean > 0.5 > silent.mean
    assert loud.rank == 1


def test_judges_have_the_class_and_took_no_part() -> None:
    judges = find_judges(["Brass", "Bell"], [load_pack("stftcnn-instruments")])
    names = [judge.name for judge in judges]
    assert "stftcnn-instruments" not in names
    assert "samplecnn-digits" not in names
    assert {"samplecnn-instruments", "crnn-instruments", "cqtcnn-instruments"} <= set(names)
    published = [judge.is_published for judge in judges]
    assert published == sorted(published)
    (chosen,) = find_judges(["Brass"], [], ["crnn-instruments"])
    assert chosen.name == "crnn-instruments"


def test_what_cannot_be_judged() -> None:
    with pytest.raises(ModelError, match="No judge has the class 'zero'"):
        find_judges(["zero"], [load_pack("samplecnn-digits")])
    with pytest.raises(ModelError, match="dreams itself"):
        find_judges(["Brass"], [load_pack("crnn-instruments")], ["crnn-instruments"])
    with pytest.raises(ModelError, match="Did you mean crnn-instruments"):
        find_judges(["Brass"], [], ["crnn"])
    judge = Judge(innerear.load("samplecnn-digits"))
    silence = judge.listen(np.zeros(16_000), 16_000)
    with pytest.raises(ModelError, match="no class that corresponds to 'Brass'"):
        judge.score(silence, "Brass")


def test_every_class_of_ours_is_in_the_table() -> None:
    assert set(AUDIOSET_CLASSES) == set(INSTRUMENTS)


def test_the_table_is_of_audioset(shared_data: Path) -> None:
    path = shared_data / "yamnet" / "yamnet_class_map.csv"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    with path.open(newline="") as file:
        names = {row["display_name"] for row in csv.DictReader(file)}
    assert set(AUDIOSET_CLASSES.values()) <= names


def test_classes_correspond_both_ways() -> None:
    audioset = ("Speech", "Brass instrument", "Synthesizer", "Electric guitar")
    assert corresponding_class("Brass", audioset) == "Brass instrument"
    assert corresponding_class("Speech", audioset) == "Speech"
    assert corresponding_class("Flute", audioset) is None
    assert corresponding_class("Brass instrument", INSTRUMENTS) == "Brass"
    assert corresponding_class("Electric guitar", INSTRUMENTS) == "Electric guitar"
    assert corresponding_class("Synthesizer", INSTRUMENTS) is None, "lead or pad"
    assert corresponding_class("Brass", INSTRUMENTS) == "Brass"


@pytest.mark.parametrize("dreams", ["crnn-instruments", "crnn-robust"])
def test_a_network_and_one_trained_on_from_it_do_not_judge_each_other(dreams: str) -> None:
    names = {each.name for each in find_judges(["Brass"], [load_pack(dreams)])}
    assert "stftcnn-robust" in names
    assert not names & {"crnn-instruments", "crnn-robust"}
