import numpy as np
import pytest

from innerear.engine.dsp.level_match import (
    MOST_DEVIATION,
    MOST_GAIN,
    MOST_PEAK,
    MOST_SLOW_GAIN,
    LevelMatch,
    share_within_peak,
)

RATE, HOP = 16_000, 128


def _noise(hops: int, channels: int = 2, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((hops, channels, HOP))).astype(np.float32)


@pytest.mark.parametrize("gain", [0.7, 1.4])
def test_a_filter_that_changes_the_level_is_evened_out(gain: float) -> None:
    match = LevelMatch(2, HOP, RATE)
    for sound in _noise(600):
        match.follow(sound, match.gain * np.float32(gain) * sound)
    # What the first hops were off by is forgotten within seconds.
    np.testing.assert_allclose(match.gain, 1.0 / gain, rtol=2e-3)


def test_what_the_fast_correction_is_too_slow_for_is_evened_out_over_a_second() -> None:
    match = LevelMatch(1, HOP, RATE)
    energy = np.zeros(2)
    for number, noise in enumerate(_noise(1000, 1)):
        is_hit = number % 60 == 0  # twice a second, louder than all else, and filtered otherwise
        sound = noise if is_hit else 0.05 * noise
        filtered = match.gain * np.float32(1.5 if is_hit else 0.7) * sound
        match.follow(sound, filtered)
        if number >= 500:
            energy += [np.square(sound).sum(), np.square(filtered).sum()]
    assert abs(10 * np.log10(energy[1] / energy[0])) < 1.5


def test_no_correction_is_beyond_its_limits() -> None:
    match = LevelMatch(1, HOP, RATE)
    for sound in _noise(100, 1):
        match.follow(sound, 0.01 * sound)
    assert match.gain == pytest.approx(MOST_GAIN * MOST_SLOW_GAIN)
    match.reset()
    assert match.gain == 1.0


def test_what_is_unchanged_or_silent_stays_exactly_so() -> None:
    match = LevelMatch(2, HOP, RATE)
    for sound in (*_noise(20), np.zeros((2, HOP), np.float32)):
        np.testing.assert_array_equal(match.within_peaks(sound, sound.copy()), sound)
        match.follow(sound, sound)
    np.testing.assert_array_equal(match.gain, np.ones((2, 1)))


def test_peaks_stay_near_those_of_the_sound_whatever_the_pieces() -> None:
    sound = _noise(8, 1).transpose(1, 0, 2).reshape(1, -1)
    change = np.where(np.arange(sound.size) % 50 == 0, 3.0, 0.05 * np.sign(sound))
    filtered = np.asarray(sound + change, np.float32)
    found = []
    for size in (HOP, 32):
        match = LevelMatch(1, HOP, RATE)
        pieces = [
            match.within_peaks(sound[:, at : at + size], filtered[:, at : at + size].copy())
            for at in range(0, sound.size, size)
        ]
        found.append(np.concatenate(pieces, axis=1))
    assert np.abs(found[0]).max() <= 1.0001 * MOST_PEAK * np.abs(sound).max()
    np.testing.assert_allclose(found[1], found[0], atol=1e-6)


def test_a_mix_of_a_peaky_filter_keeps_within_the_peak() -> None:
    sound = _noise(1)[0]
    filtered = sound.copy()
    filtered[0, 7] = 1.0
    share = share_within_peak(sound, filtered - sound)
    mixed = sound + share * (filtered - sound)
    assert share[1] == 1.0
    assert np.abs(mixed[0]).max() <= 1.0001 * MOST_PEAK * np.abs(sound[0]).max()
    assert 0.0 < share[0, 0] < 0.5


@pytest.mark.parametrize(("gain", "heard"), [(3.0, MOST_DEVIATION), (1.05, 1.05), (0.8, 0.891)])
def test_a_filter_that_suits_a_new_sound_badly_is_evened_out_at_once(
    gain: float, heard: float
) -> None:
    match = LevelMatch(1, HOP, RATE)
    silence = np.zeros((1, HOP), np.float32)
    match.evened(silence, silence.copy())
    sound = _noise(1, 1)[0]
    filtered = match.evened(sound, np.float32(gain) * sound)
    # The first sample, too: what is found is not a moment late.
    np.testing.assert_allclose(filtered, heard * sound, rtol=2e-3)


def test_what_is_evened_out_does_not_depend_on_the_pieces() -> None:
    sound = _noise(8, 1).transpose(1, 0, 2).reshape(1, -1)
    filtered = np.asarray(sound + 3.0 * np.roll(sound, 5), np.float32)
    found = []
    for size in (HOP, 32):
        match = LevelMatch(1, HOP, RATE)
        pieces = [
            match.evened(sound[:, at : at + size], filtered[:, at : at + size].copy())
            for at in range(0, sound.size, size)
        ]
        found.append(np.concatenate(pieces, axis=1))
    np.testing.assert_allclose(found[1], found[0], atol=1e-5)
