"""The sounds that dreams are judged on are what their docstrings say, and always the same."""

import numpy as np
import pytest

from innerear.engine.analysis.judging.sound_measures import measure_sound
from innerear.engine.arrays import Float
from innerear.engine.dsp.computed_tones import SAMPLE_RATE, hertz, plucked
from innerear.engine.dsp.judged_sounds import (
    CHANGE_SECONDS,
    CHANGES,
    MUSICAL_SECONDS,
    changing_sounds,
    musical_sounds,
)

MUSICAL, CHANGING = musical_sounds(), changing_sounds()


@pytest.mark.parametrize(
    ("sounds", "seconds"), [(MUSICAL, MUSICAL_SECONDS), (CHANGING, CHANGES * CHANGE_SECONDS)]
)
def test_they_begin_after_silence_stop_before_the_end_and_fit(
    sounds: dict[str, Float], seconds: float
) -> None:
    assert len(sounds) == 10
    for name, sound in sounds.items():
        assert sound.dtype == np.float32
        assert sound.shape == (1, round(seconds * SAMPLE_RATE)), name
        assert np.isfinite(sound).all()
        assert 0.1 < np.abs(sound).max() <= 0.9 + 1e-6
        assert not sound[:, : round(0.2 * SAMPLE_RATE)].any()
        assert not sound[:, -round(0.39 * SAMPLE_RATE) :].any()
        found = measure_sound(sound, sound, SAMPLE_RATE)
        assert found.onset_db == 0.0, name
        assert found.tail_db is not None, name


def test_always_the_same_samples_and_no_two_alike() -> None:
    for name, sound in musical_sounds().items():
        np.testing.assert_array_equal(sound, MUSICAL[name])
    for name, sound in changing_sounds().items():
        np.testing.assert_array_equal(sound, CHANGING[name])
    for sounds in (MUSICAL, CHANGING):
        likeness = np.corrcoef(np.concatenate(list(sounds.values())))
        assert np.abs(likeness - np.eye(10)).max() < 0.9


def test_the_kinds_follow_one_another_every_second_and_a_half() -> None:
    piece = round(CHANGE_SECONDS * SAMPLE_RATE)
    for name, sound in CHANGING.items():
        flat = {}
        for place, kind in enumerate(name.split(", ")):
            spectrum = np.abs(np.fft.rfft(sound[0, place * piece : (place + 1) * piece])) ** 2
            high = spectrum[round(6000 * CHANGE_SECONDS) :].sum()
            flat[kind] = high / spectrum.sum()
        assert max(flat, key=lambda kind: flat[kind]) == "noise" or "noise" not in flat, name


def test_a_plucked_string_has_its_pitch_and_fades() -> None:
    tone = plucked(57, 1.0, np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(tone))
    harmonic = np.argmax(spectrum) / hertz(57)  # bins of 1 Hz
    assert harmonic == pytest.approx(round(harmonic), abs=0.02)
    assert np.abs(tone[-4410:]).max() < 0.5 * np.abs(tone[:4410]).max()
