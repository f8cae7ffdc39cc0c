"""Windows hold all of a sound, and what is stitched shows no trace of their borders."""

import numpy as np
import pytest

from innerear.engine.dsp.windows import Stitcher, cut_windows, window_count

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


@pytest.mark.parametrize("hop", [3, 10])
@pytest.mark.parametrize("samples", [1, 40, 137])
def test_stitched_is_the_faded_average(samples: int, hop: int) -> None:
    count = window_count(samples, WINDOW, hop)
    pieces = np.random.default_rng(0).standard_normal((count, WINDOW)).astype(np.float32)
    expected = faded_average([(n * hop, piece) for n, piece in enumerate(pieces)], samples)
    np.testing.assert_allclose(
        Stitcher(samples, WINDOW, hop).stitch(pieces), expected, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("samples", [40, 55, 1003])
def test_where_windows_agree_the_result_is_what_they_say(samples: int) -> None:
    sound = np.sin(np.arange(samples)).astype(np.float32)
    stitched = Stitcher(samples, WINDOW, HOP).stitch(cut_windows(sound, WINDOW, HOP))
    np.testing.assert_allclose(stitched, sound, atol=1e-6)


def test_where_windows_disagree_no_border_is_a_step() -> None:
    """Windows that say +1 and -1 in turn: the result goes to and fro, smoothly."""
    stitcher = Stitcher(8000, 1600, 400)
    pieces = np.ones((stitcher.count, 1600), np.float32)
    pieces[::2] *= -1
    steps = np.abs(np.diff(stitcher.stitch(pieces)[1600:-1600]))
    assert steps.max() < 0.01
