"""Units as onset detectors: peaks, their score, and where the answer is known."""

import os
from pathlib import Path

import numpy as np
import pytest

import innerear
from innerear.engine.analysis.onsets import (
    activations_over_time,
    find_peaks,
    level_over_time,
    rank_onsets,
    read_onsets,
    score_onsets,
)
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, onset_seconds, short_phrase
from innerear.engine.errors import InnerearError, ModelError, ParameterError


def most_pairs(peaks: np.ndarray, onsets: np.ndarray) -> int:
    """Return how many pairs within 50 ms there can be."""
    from scipy.optimize import linear_sum_assignment

    near = np.abs(peaks[:, None] - onsets[None]) <= 0.05
    rows, columns = linear_sum_assignment(-near.astype(int))
    return int(near[rows, columns].sum())


def test_as_many_peaks_belong_to_onsets_as_can() -> None:
    generator = np.random.default_rng(0)
    for _ in range(200):
        peaks = np.sort(generator.uniform(0, 1, generator.integers(1, 12)))
        onsets = np.sort(generator.uniform(0, 1, generator.integers(1, 12)))
        precision, recall, f = score_onsets(peaks, onsets)
        pairs = most_pairs(peaks, onsets)
        assert precision == pytest.approx(pairs / len(peaks))
        assert recall == pytest.approx(pairs / len(onsets))
        assert f == pytest.approx(2 * pairs / (len(peaks) + len(onsets)))


def test_scores_known_on_paper() -> None:
    assert score_onsets([0.1, 0.5, 0.9], [0.12, 0.45, 2.0]) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert score_onsets([1.0, 1.01, 1.02], [1.0]) == pytest.approx((1 / 3, 1, 0.5))
    assert score_onsets([1.05], [1.0]) == (1, 1, 1)
    assert score_onsets([1.051], [1.0]) == (0, 0, 0)
    assert score_onsets([], [1.0]) == (0, 0, 0)


def test_peaks_are_found_where_they_stand_out() -> None:
    activation = np.zeros(200)
    for at, height in ((20, 1.0), (60, 0.5), (62, 0.4), (120, 0.05), (199, 0.8)):
        activation[at] = height
    np.testing.assert_allclose(find_peaks(activation), [0.2, 0.6, 1.99])
    assert len(find_peaks(np.full(50, 3.0))) == 0


def test_a_first_layer_unit_hears_every_stroke_of_the_phrase() -> None:
    pack = innerear.load("stftcnn-instruments")
    activations = activations_over_time(short_phrase(), SAMPLE_RATE, pack, "conv1")
    assert activations.shape == (12, 951)
    ranked = rank_onsets(activations, onset_seconds())
    assert ranked[0].f > 0.9
    assert [each.f for each in ranked] == sorted((each.f for each in ranked), reverse=True)
    (level,) = rank_onsets(level_over_time(short_phrase(), SAMPLE_RATE), onset_seconds())
    assert ranked[0].f > level.f
    # The same peaks against onsets a tenth of a second off are none.
    precision, recall, _ = score_onsets(ranked[0].peaks, onset_seconds() + 0.12)
    assert max(precision, recall) < 0.1


@pytest.mark.parametrize("layer", ["conv1", "conv4", "output"])
def test_a_click_stands_where_it_is(layer: str) -> None:
    pack = innerear.load("stftcnn-instruments")
    sound = np.zeros((1, 64_000), np.float32)
    sound[0, 32_000:32_200] = 0.5
    activations = activations_over_time(sound, 16_000, pack, layer)
    change = np.abs(activations - np.median(activations, axis=1, keepdims=True)).sum(axis=0)
    middle = (change * np.arange(len(change))).sum() / change.sum() * 0.01
    # Deep units see a second: what they do lies around the click, not at it.
    assert abs(middle - 2.0) < (0.03 if layer == "conv1" else 0.4)


def test_the_level_is_that_of_the_sound() -> None:
    sound = np.zeros((1, 16_000), np.float32)
    sound[0, 8000:] = 0.5
    level = level_over_time(sound, 16_000)[0]
    assert level.shape == (101,)
    assert not level[:48].any()
    np.testing.assert_allclose(level[53:99], 0.5, rtol=1e-5)


def test_onsets_are_read_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "onsets.txt"
    path.write_text("# beats\n1.5 snare\n\n0.5\n2,label\n0.5\n")
    np.testing.assert_array_equal(read_onsets(path), [0.5, 1.5, 2.0])
    for text, words in (
        ("", "holds no onset"),
        ("0.5\nnow\n", "line 2, 'now'"),
        ("-1\n", "not a time"),
        ("nan\n", "not a time"),
        ("\xff", "line 1"),
    ):
        path.write_text(text)
        with pytest.raises(InnerearError, match=words):
            read_onsets(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InnerearError, match="not a text file"):
        read_onsets(path)
    path.write_bytes(b"#" * 10_000_001)
    with pytest.raises(InnerearError, match="no list of onsets: it is longer than"):
        read_onsets(path)
    with pytest.raises(InnerearError, match="no such file"):
        read_onsets(tmp_path / "none.txt")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_no_list_of_onsets(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InnerearError, match="no list of onsets: it is no file"):
        read_onsets(tmp_path / "pipe")


def test_what_cannot_be_is_refused() -> None:
    pack = innerear.load("stftcnn-instruments")
    with pytest.raises(ModelError, match="no layer"):
        activations_over_time(np.zeros((1, 100), np.float32), 16_000, pack, "conv9")
    for bad, words in ((np.zeros((1, 0)), "not empty"), (np.full((1, 10), np.nan), "NaN")):
        with pytest.raises(ParameterError, match=words):
            activations_over_time(np.asarray(bad, np.float32), 16_000, pack, "conv1")
    short = activations_over_time(np.zeros((2, 50), np.float32), 16_000, pack, "conv1")
    assert short.shape == (12, 1)
