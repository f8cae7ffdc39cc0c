import numpy as np
import pytest

from innerear.engine.dsp.feedback_loop import LOOP_GAIN_CEILING, FeedbackLoop

HOP, RATE = 64, 48_000


def _loop(lag: int) -> FeedbackLoop:
    loop = FeedbackLoop(1, RATE, HOP, lag * HOP, 0.1)
    loop.jump(0)  # as soon as possible
    return loop


@pytest.mark.parametrize("gain", [1.0, 3.0, 100.0])
@pytest.mark.parametrize("lag", [1, 5])
def test_a_loop_dies_away_however_much_its_filter_amplifies(gain: float, lag: int) -> None:
    loop = _loop(lag)
    rng = np.random.default_rng(0)
    inside = [np.zeros((1, HOP), np.float32)] * lag  # what is on its way through the filter
    loudness = []
    for turn in range(100 + 200 * lag):
        new = rng.standard_normal((1, HOP)).astype(np.float32) * (turn < 100)
        heard = np.clip(new + loop.read(0, HOP), -1.0, 1.0)
        inside.append(heard)
        filtered = inside[-1 - lag]
        loop.write(heard, filtered, np.float32(gain - 1.0) * filtered)
        loudness.append(float(np.abs(heard).max()))
    assert max(loudness) <= 1.0
    assert loudness[-1] < 1e-2 * loudness[99]


def test_quiet_sound_comes_back_at_the_ceiling() -> None:
    loop = _loop(4)
    heard = np.full((1, HOP), 0.5, np.float32)
    loop.write(heard, 0.25 * heard, 0.25 * heard)
    np.testing.assert_allclose(loop.read(0, HOP), LOOP_GAIN_CEILING * 0.5 * heard, rtol=1e-6)
