import numpy as np
import pytest

from innerear.engine.dsp.limiter import LOOP_GAIN_CEILING, Limiter, LoopGainLimiter

HOP = 64


@pytest.mark.parametrize("gain", [1.0, 3.0, 100.0])
@pytest.mark.parametrize("lag", [1, 5])
def test_a_loop_dies_away_however_much_its_filter_amplifies(gain: float, lag: int) -> None:
    loop_gain_limiter = LoopGainLimiter(memory=lag + 1)
    rng = np.random.default_rng(0)
    inside = [np.zeros((1, HOP), np.float32)] * lag  # what is on its way through the filter
    back = np.zeros((1, HOP), np.float32)
    loudness = []
    for turn in range(100 + 200 * lag):
        new = rng.standard_normal((1, HOP)).astype(np.float32) * (turn < 100)
        heard = np.clip(new + back, -1.0, 1.0)
        produced = gain * inside[-lag]
        inside.append(heard)
        back = produced * np.float32(loop_gain_limiter.gain(heard, produced))
        loudness.append(float(np.abs(heard).max()))
    assert max(loudness) <= 1.0
    assert loudness[-1] < 1e-2 * loudness[99]


def test_the_loop_gain_limiter_leaves_quiet_sound_at_its_ceiling() -> None:
    heard = np.ones((1, HOP), np.float32)
    assert LoopGainLimiter(4).gain(heard, 0.5 * heard) == LOOP_GAIN_CEILING


def test_the_limiter_never_lets_anything_through_and_leaves_the_quiet_alone() -> None:
    rng = np.random.default_rng(0)
    loud = (10 ** rng.uniform(-2, 2, (2, 5000)) * rng.choice((-1, 1), (2, 5000))).astype(np.float32)
    limiter = Limiter(48_000, 5000)
    assert limiter.process(loud, 0.9)
    assert np.abs(loud).max() <= 0.9
    quiet = rng.uniform(-0.9, 0.9, (2, 5000)).astype(np.float32)
    limiter.reset()
    before = quiet.copy()
    assert not limiter.process(quiet, 0.9)
    np.testing.assert_array_equal(quiet, before)


def test_limiting_in_blocks_is_limiting_the_whole() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 4000)).astype(np.float32)
    whole, parts = noise.copy(), noise.copy()
    Limiter(44_100, 4000).process(whole, 0.8)
    limiter = Limiter(44_100, 4000)
    for start in range(0, 4000, 37):
        limiter.process(parts[:, start : start + 37], 0.8)
    np.testing.assert_allclose(parts, whole, atol=1e-6)


def test_after_a_peak_the_limiter_lets_go() -> None:
    limiter = Limiter(48_000, 48_000)
    sound = np.full((1, 48_000), 0.5, np.float32)
    sound[0, 0] = 8.0
    limiter.process(sound, 1.0)
    assert sound[0, 1] == pytest.approx(0.5 / 8, rel=1e-2)
    assert sound[0, -1] == 0.5
    assert (np.diff(sound[0, 1:]) >= 0).all()
