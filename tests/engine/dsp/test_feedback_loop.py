import numpy as np
import pytest

from innerear.engine.dsp.feedback_loop import LOOP_GAIN_CEILING, SILENCE, FeedbackLoop
from innerear.engine.dsp.ring_buffer import RingBuffer

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


@pytest.mark.parametrize("before", [(64, 0), (64, 3), (64, 30), (1024, 0), (1024, 3)], ids=str)
@pytest.mark.parametrize("after", [(64, 0), (64, 3), (64, 30), (1024, 0), (1024, 3)], ids=str)
def test_a_steady_sound_keeps_its_level_over_a_change(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    """Of hop and lag, in hops. What the filter has not heard is silent, and only that."""
    rng = np.random.default_rng(0)
    sound = 0.1 * rng.standard_normal((1, 36 * 1024)).astype(np.float32)
    loops = [FeedbackLoop(1, RATE, hop, lag * hop, 1.0) for hop, lag in (before, after)]
    inputs = [RingBuffer(1, (10 + lag) * hop) for hop, lag in (before, after)]

    def play(which: int, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        loop, heard, (hop, lag) = loops[which], inputs[which], (before, after)[which]
        loop.jump(8000)
        filtered = []
        for at in range(start, stop, hop):
            heard.write(sound[:, at : at + hop])
            filtered.append(heard.read(hop, lag * hop).copy())
            loop.write(sound[:, at : at + hop], filtered[-1], np.zeros_like(filtered[-1]))
        return np.concatenate(filtered, axis=1), loop._past.read(stop - start)

    play(0, 0, 24 * 1024)
    inputs[1].write(inputs[0].read(min(each.capacity for each in inputs)))
    loops[1].adopt(loops[0], inputs[0], 0)
    filtered, written = play(1, 24 * 1024, 36 * 1024)
    powers = [np.square(each).reshape(12, 1024).mean(axis=1) for each in (filtered, written)]
    assert powers[0][2:].all()
    np.testing.assert_allclose(powers[1], LOOP_GAIN_CEILING**2 * powers[0], rtol=0.15)


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
@pytest.mark.parametrize("apart", [1, 5, 7, 8, 9, 10, 11, 12, 20, 31])
@pytest.mark.parametrize("second", [0.5, 0.05])
def test_strikes_come_back_alike_however_near_and_however_late_the_filter_is(
    lag: int, apart: int, second: float
) -> None:
    loop = FeedbackLoop(1, RATE, HOP, lag * HOP, 1.0)
    loop.jump(100 * HOP)
    inside = [np.zeros((1, HOP), np.float32)] * lag
    peaks = []
    for turn in range(350):
        new = np.full((1, HOP), {10: 0.5, 10 + apart: second}.get(turn, 0.0), np.float32)
        heard = new + loop.read(0, HOP)
        inside.append(heard)
        filtered = inside[-1 - lag]
        loop.write(heard, filtered, np.zeros_like(filtered))
        loop.advance(100 * HOP)
        peaks.append(float(heard.max()))
    echoes = np.array(peaks)[[110, 110 + apart, 210, 210 + apart, 310, 310 + apart]]
    expected = [level * LOOP_GAIN_CEILING**turn for turn in (1, 2, 3) for level in (0.5, second)]
    np.testing.assert_allclose(echoes, expected, 1e-5)


@pytest.mark.parametrize("lag", [0, 1, 3, 30, 30.5])
@pytest.mark.parametrize("hertz", [41.0, 110.0])
def test_a_steady_low_tone_comes_back_as_it_is(lag: float, hertz: float) -> None:
    samples = round(lag * HOP)
    tone = 0.3 * np.sin(2 * np.pi * hertz * np.arange(300 * HOP) / RATE).astype(np.float32)
    late = np.concatenate((np.zeros(samples, np.float32), tone))
    loop = FeedbackLoop(1, RATE, HOP, samples, 0.5)
    for at in range(0, 300 * HOP, HOP):
        heard, filtered = (each[np.newaxis, at : at + HOP] for each in (tone, late))
        loop.write(heard, filtered, np.zeros_like(filtered))
    rest = loop._past.read(50 * HOP)[0] / LOOP_GAIN_CEILING - late[250 * HOP : 300 * HOP]
    assert np.sqrt(np.mean(rest**2)) < 0.2 * 10 ** (-40 / 20)
