import numpy as np
import pytest

from innerear.engine.dsp.feedback_loop import LOOP_GAIN_CEILING, SILENCE, FeedbackLoop

HOP, RATE = 64, 48_000


def _loop(lag: int) -> FeedbackLoop:
    loop = FeedbackLoop(1, RATE, HOP, lag * HOP, 0.1)
    loop.jump(0)  # as soon as possible
    return loop


@pytest.mark.parametrize("gain", [1.0, 1.5, 3.0, 100.0])
@pytest.mark.parametrize("lag", [0, 1, 5, 30])
def test_a_loop_dies_away_however_much_its_filter_amplifies(gain: float, lag: int) -> None:
    loop = _loop(lag)
    rng = np.random.default_rng(0)
    inside = [np.zeros((1, HOP), np.float32)] * lag  # what is on its way through the filter
    energies, loudest, energy = [], 0.0, np.zeros(2)
    for turn in range(100 + 170 * (lag + 1)):
        new = rng.standard_normal((1, HOP)).astype(np.float32) * (turn < 100)
        heard = np.clip(new + loop.read(0, HOP), -1.0, 1.0)
        inside.append(heard)
        filtered = inside[-1 - lag]
        loop.write(heard, filtered, np.float32(gain - 1.0) * filtered)
        loudest = max(loudest, float(np.abs(heard).max()))
        energies.append(float(np.square(heard, dtype=np.float64).sum()))
        written = loop.read(0, HOP) / LOOP_GAIN_CEILING  # its delay is one hop
        energy += energies[-1], np.square(written, dtype=np.float64).sum()
        assert energy[1] < energy[0] * (1.0 + 1e-6)  # what goes in comes out once
    rounds = np.array(energies[100:]).reshape(170, lag + 1).sum(axis=1)
    assert loudest <= 1.0
    assert rounds[-1] < 1e-5 * rounds[0]


def test_quiet_sound_comes_back_at_the_ceiling() -> None:
    loop = _loop(4)
    heard = np.full((1, HOP), 0.5, np.float32)
    for _ in range(4):
        loop.write(heard, np.zeros_like(heard), np.zeros_like(heard))
    loop.write(heard, 0.25 * heard, 0.25 * heard)
    np.testing.assert_allclose(loop.read(0, HOP), LOOP_GAIN_CEILING * 0.5 * heard, rtol=1e-6)


def test_an_echo_ends_in_silence() -> None:
    loop = _loop(0)
    heard = np.full((1, HOP), 0.5, np.float32)
    turns = 0
    while heard.any():
        assert np.abs(heard).min() >= 0.5 * SILENCE
        loop.write(heard, heard, np.zeros_like(heard))
        heard, turns = loop.read(0, HOP) * np.float32(0.5), turns + 1
    assert 20 < turns < 40


@pytest.mark.parametrize("lag", [0, 3, 30])
@pytest.mark.parametrize("apart", [5, 12, 20, 31])
def test_strikes_come_back_alike_however_near_and_however_late_the_filter_is(
    lag: int, apart: int
) -> None:
    loop = FeedbackLoop(1, RATE, HOP, lag * HOP, 1.0)
    loop.jump(100 * HOP)
    inside = [np.zeros((1, HOP), np.float32)] * lag
    peaks = []
    for turn in range(350):
        new = np.full((1, HOP), 0.5 * (turn in (10, 10 + apart)), np.float32)
        heard = new + loop.read(0, HOP)
        inside.append(heard)
        filtered = inside[-1 - lag]
        loop.write(heard, filtered, np.zeros_like(filtered))
        loop.advance(100 * HOP)
        peaks.append(float(heard.max()))
    echoes = np.array(peaks)[[110, 110 + apart, 210, 210 + apart, 310, 310 + apart]]
    np.testing.assert_allclose(
        echoes, 0.5 * LOOP_GAIN_CEILING ** np.array([1, 1, 2, 2, 3, 3]), 1e-5
    )
