"""The picture of a sound is the same however it arrives, and its numbers are right."""

import numpy as np
import pytest

from innerear.engine.dsp.overview import Overview


def overview(sound: np.ndarray, sample_rate: int, block: int, columns: int = 1200) -> Overview:
    made = Overview(sample_rate, sound.shape[1], columns)
    for start in range(0, sound.shape[1], block):
        made.add(sound[:, start : start + block])
    made.finish()
    return made


@pytest.mark.parametrize("samples", [1, 50, 5000, 200_000, 1_000_000])
def test_the_block_size_changes_nothing(samples: int) -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (2, samples)).astype(np.float32)
    whole = overview(noise, 48_000, samples, columns=200)
    parts = overview(noise, 48_000, 4097, columns=200)
    np.testing.assert_array_equal(parts.spectrogram_db, whole.spectrogram_db)
    np.testing.assert_array_equal(parts.envelope, whole.envelope)
    assert whole.spectrogram_db.shape[1] == len(whole.edges_seconds) - 1 <= 200
    assert whole.edges_seconds[-1] == pytest.approx(samples / 48_000)


def test_the_envelope_holds_every_sample() -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (1, 100_000)).astype(np.float32)
    low, high = overview(noise, 48_000, 4096, columns=100).envelope
    np.testing.assert_array_equal(low, noise.reshape(100, 1000).min(axis=1))
    np.testing.assert_array_equal(high, noise.reshape(100, 1000).max(axis=1))


@pytest.mark.parametrize("sample_rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("columns", [20, 1200])
def test_a_full_scale_sine_is_at_0_db_and_in_its_place(sample_rate: int, columns: int) -> None:
    hertz = sample_rate / 16
    seconds = np.arange(2 * sample_rate) / sample_rate
    sine = np.sin(2 * np.pi * hertz * seconds)[np.newaxis].astype(np.float32)
    made = overview(sine, sample_rate, 4096, columns)
    picture = made.spectrogram_db
    middle = picture[:, picture.shape[1] // 2]
    assert made.frequencies[middle.argmax()] == pytest.approx(hertz)
    assert middle.max() == pytest.approx(0, abs=0.1)


def test_a_click_stands_where_it_sounds() -> None:
    sound = np.zeros((1, 48_000), np.float32)
    sound[0, 30_000] = 1
    made = overview(sound, 48_000, 4096, columns=480)
    assert made.edges_seconds[made.envelope[1].argmax()] == pytest.approx(0.625)
    loud = np.flatnonzero(made.spectrogram_db.max(axis=0) > -100)
    centre = made.edges_seconds[loud].mean() + 0.5 / 480
    assert centre == pytest.approx(0.625, abs=0.003)


def test_silence_is_at_the_floor() -> None:
    made = overview(np.zeros((1, 1000), np.float32), 48_000, 128)
    assert made.spectrogram_db.max() == pytest.approx(-120, abs=1e-3)
