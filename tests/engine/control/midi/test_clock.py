"""Tempo and beats, with clocks that jitter, stop and stumble."""

import numpy as np
import pytest

from innerear.engine.control.midi.clock import PULSES_PER_BEAT, BeatClock


def play(clock: BeatClock, times: np.ndarray) -> list[float]:
    """Send pulses; return the tempi that were told."""
    told = [clock.pulse(float(time)) for time in times]
    return [tempo for tempo in told if tempo is not None]


def pulses(tempo_bpm: float, beats: float, start: float = 10.0) -> np.ndarray:
    return start + np.arange(round(beats * PULSES_PER_BEAT)) * 60 / tempo_bpm / PULSES_PER_BEAT


@pytest.mark.parametrize("tempo_bpm", [30, 61.7, 120, 174, 300])
def test_an_even_clock(tempo_bpm: float) -> None:
    clock = BeatClock()
    play(clock, pulses(tempo_bpm, 3))
    assert clock.tempo_bpm == pytest.approx(tempo_bpm, rel=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_jitter_and_late_pulses_hardly_move_tempo_and_beat(seed: int) -> None:
    random = np.random.default_rng(seed)
    exact = pulses(128, 64)
    heard = exact + random.uniform(0, 0.004, len(exact))  # 4 ms: a poor USB port
    heard[random.integers(0, len(exact), 20)] += 0.012  # and some worse
    heard = np.maximum.accumulate(heard)
    clock = BeatClock()
    clock.start(9.99)
    errors = []
    for n, time in enumerate(heard):
        clock.pulse(float(time))
        if n >= 2 * PULSES_PER_BEAT:
            assert clock.tempo_bpm == pytest.approx(128, rel=0.005)
            # The mean lateness of a pulse is a constant that nobody can know.
            errors.append(clock.beats_at(exact[n] + 0.002) - n / PULSES_PER_BEAT)
    assert np.abs(errors).max() < 0.01


def test_a_steady_tempo_is_not_told_again_and_again() -> None:
    clock = BeatClock()
    random = np.random.default_rng(0)
    times = pulses(140, 34) + random.uniform(0, 0.001, 34 * PULSES_PER_BEAT)
    settling, steady = np.split(times, [2 * PULSES_PER_BEAT])
    assert len(play(clock, settling)) >= 1
    assert len(play(clock, steady)) <= 4  # in 32 beats


def test_a_new_tempo_is_there_within_two_beats() -> None:
    clock = BeatClock()
    first = pulses(120, 8)
    play(clock, first)
    play(clock, pulses(90, 2, start=first[-1] + 60 / 90 / PULSES_PER_BEAT))
    assert clock.tempo_bpm == pytest.approx(90, rel=5e-3)


def test_the_pulse_after_start_is_beat_0() -> None:
    clock = BeatClock()
    clock.start(9.9)
    assert clock.running
    times = pulses(100, 4)
    play(clock, times)
    assert clock.beats_at(times[0]) == pytest.approx(0, abs=1e-6)
    assert clock.beats_at(times[48]) == pytest.approx(2, abs=1e-6)
    clock.stop()
    assert not clock.running
    assert clock.beats_at(times[-1] + 60) == pytest.approx(95 / 24 + 100, abs=1e-6)


def test_a_clock_that_was_gone_goes_on_where_we_are() -> None:
    clock = BeatClock()
    clock.start(9.9)
    times = pulses(120, 4)
    play(clock, times)
    play(clock, pulses(120, 4, start=20.0))  # beat 20 by our own count
    assert clock.beats_at(20.0) == pytest.approx(20, abs=1e-6)
    assert clock.tempo_bpm == pytest.approx(120, rel=1e-3)


def test_pulses_all_at_once_change_nothing() -> None:
    clock = BeatClock(100)
    assert play(clock, np.full(60, 5.0)) == []
    assert clock.tempo_bpm == 100


def test_two_taps_give_a_tempo_and_a_beat() -> None:
    clock = BeatClock()
    assert clock.tap(1.0) is None
    assert clock.tap(1.4) == pytest.approx(150)
    assert clock.beats_at(1.4) % 1 == pytest.approx(0)
    assert clock.beats_at(1.8) - clock.beats_at(1.4) == pytest.approx(1)


def test_one_bad_tap_among_many_hardly_counts() -> None:
    clock = BeatClock()
    for time in (0.0, 0.5, 1.0, 1.62, 2.0, 2.5, 3.0):
        tempo = clock.tap(time)
    assert tempo == pytest.approx(120)


def test_taps_are_forgotten_after_two_seconds() -> None:
    clock = BeatClock()
    clock.tap(0.0)
    clock.tap(0.5)
    assert clock.tap(2.6) is None
    assert clock.tempo_bpm == pytest.approx(120)
    assert clock.tap(3.6) == pytest.approx(60)


def test_taps_too_fast_for_a_knob_are_halved() -> None:
    clock = BeatClock()
    clock.tap(0.0)
    assert clock.tap(0.1) == pytest.approx(300)


def test_another_tempo_goes_on_from_the_same_beat() -> None:
    clock = BeatClock(120)
    clock.set_tempo(60, 10.0)
    assert clock.beats_at(10.0) == pytest.approx(20)
    assert clock.beats_at(11.0) == pytest.approx(21)
