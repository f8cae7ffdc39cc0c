"""Windows hold all of a sound, and what is stitched shows no trace of their borders."""

import numpy as np
import pytest

from innerear.engine.dsp.windows import (
    Stitcher,
    cut_windows,
    relative_levels,
    window_count,
)

from ..references.dreamsound import faded_average

WINDOW, HOP = 40, 10


@pytest.mark.parametrize("samples", [1, 39, 40, 41, 50, 51, 137])
def test_windows_hold_all_of_a_sound_and_then_silence(samples: int) -> None:
    sound = np.arange(1, samples + 1, dtype=np.float32)
    windows = cut_windows(sound, WINDOW, HOP)
    assert windows.shape == (window_count(samples, WINDOW, HOP), WINDOW)
    padded = np.concatenate((sound, np.zeros(WINDOW + HOP, np.float32)))
    for number, window in enumerate(windows):
        np.testing.assert_array_equal(window, padded[number * HOP : number * HOP + WINDOW])
    reached = (len(windows) - 1) * HOP + WINDOW
    assert reached >= samples
    assert len(windows) == 1 or reached - HOP < samples  # no window of silence alone


@pytest.mark.parametrize("hop", [3, 10, 40])
@pytest.mark.parametrize("samples", [1, 40, 137])
def test_all_samples_are_held_by_equally_many_windows(samples: int, hop: int) -> None:
    """In a sound between silences, every window that holds some of the sound is cut."""
    sound = np.arange(1, samples + 1, dtype=np.float32)
    stitcher = Stitcher(samples, WINDOW, hop)
    windows = stitcher.cut(sound)
    padded = np.pad(sound, 3 * WINDOW)
    first = 3 * WINDOW - (-(-WINDOW // hop) - 1) * hop
    starts = [at for at in range(first % hop, 5 * WINDOW + samples, hop) if (at - first) % hop == 0]
    holding = [padded[at : at + WINDOW] for at in starts if padded[at : at + WINDOW].any()]
    np.testing.assert_array_equal(windows, holding)
    np.testing.assert_array_equal(windows[stitcher.inside], cut_windows(sound, WINDOW, hop))


@pytest.mark.parametrize("hop", [3, 10])
@pytest.mark.parametrize("samples", [1, 40, 137])
def test_stitched_is_the_faded_average(samples: int, hop: int) -> None:
    stitcher = Stitcher(samples, WINDOW, hop)
    pieces = np.random.default_rng(0).standard_normal((stitcher.count, WINDOW)).astype(np.float32)
    starts = [(number - stitcher.inside.start) * hop for number in range(stitcher.count)]
    expected = faded_average(list(zip(starts, pieces, strict=True)), samples)
    np.testing.assert_allclose(stitcher.stitch(pieces), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("samples", [40, 55, 1003])
def test_where_windows_agree_the_result_is_what_they_say(samples: int) -> None:
    sound = np.sin(np.arange(samples)).astype(np.float32)
    stitcher = Stitcher(samples, WINDOW, HOP)
    np.testing.assert_allclose(stitcher.stitch(stitcher.cut(sound)), sound, atol=1e-6)


@pytest.mark.parametrize("hop", [10, 13])
def test_where_windows_are_random_the_ends_are_no_louder_than_the_middle(hop: int) -> None:
    """The mean of few is larger than that of many: so all samples have to be held by as many."""
    generator = np.random.default_rng(0)
    stitcher = Stitcher(600, WINDOW, hop)
    stitched = [
        stitcher.stitch(generator.standard_normal((stitcher.count, WINDOW), np.float32))
        for _ in range(4000)
    ]
    level = np.std(stitched, axis=0)[: 600 - 600 % hop].reshape(-1, hop).mean(axis=1)
    np.testing.assert_allclose(level, level.mean(), rtol=0.03)


def test_levels_are_relative_to_the_loudest_window() -> None:
    windows = np.array([[0, 0, 0, 0], [1, -1, 1, -1], [2, 2, -2, -2], [2, 0, 0, 0]], np.float32)
    np.testing.assert_allclose(relative_levels(windows), [0, 0.5, 1, 0.5])
    np.testing.assert_array_equal(relative_levels(np.zeros((3, 4), np.float32)), np.ones(3))


def test_where_windows_disagree_no_border_is_a_step() -> None:
    """Windows that say +1 and -1 in turn: the result goes to and fro, smoothly."""
    stitcher = Stitcher(8000, 1600, 400)
    pieces = np.ones((stitcher.count, 1600), np.float32)
    pieces[::2] *= -1
    steps = np.abs(np.diff(stitcher.stitch(pieces)[1600:-1600]))
    assert steps.max() < 0.01
