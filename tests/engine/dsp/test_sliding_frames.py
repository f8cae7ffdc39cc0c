"""Frames of a sliding window: they come back as they were, stay frames, and pass gradients back."""

import numpy as np
import pytest

from innerear.engine.dsp.sliding_frames import FRAMES_PER_HOP, SlidingFrames
from innerear.engine.dsp.stft import istft, pull_istft, stft

WINDOW, RATE = 6000, 16_000


def _noise(samples: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(samples).astype(np.float32)


@pytest.mark.parametrize("hop", [400, 551, 276])  # at 16, 22.05 and 11.025 kHz
def test_what_is_not_changed_comes_back(hop: int) -> None:
    frames, sound = SlidingFrames(WINDOW, hop, RATE), _noise(WINDOW)
    back = frames.synthesise(frames.analyse(sound))
    size = frames.size
    np.testing.assert_allclose(back[size:-size], sound[size:-size], atol=1e-5)


@pytest.mark.parametrize("hop", [400, 551, 276])
def test_a_frame_stays_one_while_the_window_slides(hop: int) -> None:
    frames, sound = SlidingFrames(WINDOW, hop, RATE, newest=3000), _noise(WINDOW + hop)
    before, after = frames.analyse(sound[:WINDOW]), frames.analyse(sound[hop:])
    np.testing.assert_allclose(after[:-FRAMES_PER_HOP], before[FRAMES_PER_HOP:], atol=1e-4)
    np.testing.assert_array_equal(
        frames.analyse(sound[hop:], FRAMES_PER_HOP), after[-FRAMES_PER_HOP:]
    )
    assert frames.starts[0] >= WINDOW - 3000
    assert frames.starts[-1] == WINDOW - frames.size


def test_the_gradient_passes_back_as_differences_say() -> None:
    frames = SlidingFrames(WINDOW, 400, RATE, newest=2000)
    chance = np.random.default_rng(1)
    gradient = _noise(WINDOW)
    shape = frames.analyse(gradient).shape
    change = (chance.standard_normal(shape) + 1j * chance.standard_normal(shape)).astype("c8")
    rise = float(gradient @ frames.synthesise(change))
    change[:, [0, -1]] = change[:, [0, -1]].real  # as a real sound has it
    told = float((np.conj(frames.pull(gradient)) * change).real.sum())
    assert told == pytest.approx(rise, rel=1e-4)


def test_the_gradient_of_a_whole_sound_passes_back_too() -> None:
    chance = np.random.default_rng(2)
    gradient = _noise(WINDOW)
    shape = stft(gradient, 512).shape
    change = (chance.standard_normal(shape) + 1j * chance.standard_normal(shape)).astype("c8")
    change[:, [0, -1]] = change[:, [0, -1]].real
    rise = float(gradient @ istft(change, WINDOW))
    told = float((np.conj(pull_istft(gradient, 512)) * change).real.sum())
    assert told == pytest.approx(rise, rel=1e-4)
