"""Peaks of a spectrum as partials, and their neighbours."""

import numpy as np
import pytest

from innerear.engine.dsp.partials import (
    LOWEST_HZ,
    find_partials,
    frame_samples,
    spectral_peaks,
    with_neighbours,
)

RATE = 16_000
FRAME = frame_samples(RATE)


def _tones(*tones: tuple[float, float, float], samples: int = FRAME) -> np.ndarray:
    """Return the sum of (frequency, amplitude, phase in the middle)."""
    time = (np.arange(samples) - samples // 2) / RATE
    parts = [level * np.cos(2 * np.pi * hertz * time + phase) for hertz, level, phase in tones]
    return np.sum(parts, axis=0).astype(np.float32)


def test_a_frame_lasts_as_long_at_every_rate() -> None:
    assert frame_samples(16_000) == 1024
    assert frame_samples(8_000) == 512
    assert frame_samples(44_100) in (2048, 4096)


@pytest.mark.parametrize("shift", [0.0, 3.3, 7.9, 11.0])
def test_the_sinusoids_of_a_sum_are_found(shift: float) -> None:
    tones = [(220.0 + shift, 0.5, 0.3), (553.0 - shift, 0.2, 2.0), (1490.0, 0.1, 4.0)]
    tones.append((4000.0 + 2 * shift, 0.02, 5.5))
    found = spectral_peaks(_tones(*tones), RATE)
    assert found.own.all()
    np.testing.assert_allclose(found.frequency, [hertz for hertz, _, _ in tones], atol=1.0)
    np.testing.assert_allclose(found.amplitude, [level for _, level, _ in tones], rtol=0.05)
    away = np.angle(np.exp(1j * (found.phase - [phase for _, _, phase in tones])))
    assert np.abs(away).max() < 0.15


def test_close_partials_of_a_low_tone_are_found() -> None:
    tones = [(110.0 * number, 0.5 / number, 0.7 * number) for number in range(1, 11)]
    found = spectral_peaks(_tones(*tones), RATE)
    np.testing.assert_allclose(found.frequency, [hertz for hertz, _, _ in tones], atol=2.0)


def test_the_strongest_are_kept() -> None:
    tones = [(400.0 * number, 0.1 * number, 0.0) for number in range(1, 9)]
    found = spectral_peaks(_tones(*tones), RATE, most=3)
    np.testing.assert_allclose(found.frequency, [2400.0, 2800.0, 3200.0], atol=1.0)


def test_noise_has_few_partials_and_silence_none() -> None:
    noise = np.random.default_rng(0).standard_normal((40, FRAME)).astype(np.float32)
    # Of 512 bins, a third are higher than both of their neighbours.
    assert np.mean([len(spectral_peaks(frame, RATE)) for frame in noise]) < 6.0
    for nothing in (0.0, np.nan, np.inf):
        assert len(find_partials(np.full(FRAME, nothing, np.float32), RATE)) == 0


def test_neighbours_are_where_the_sound_has_nothing() -> None:
    found = find_partials(_tones((400.0, 0.5, 0.0), (1000.0, 0.25, 0.0)), RATE)
    np.testing.assert_allclose(found.frequency[found.own], [400.0, 1000.0], atol=1.0)
    others = [200.0, 500.0, 600.0, 700.0, 800.0, 1500.0, 2000.0]
    np.testing.assert_allclose(found.frequency[~found.own], others, atol=2.0)
    assert (np.diff(found.frequency) > 0).all()
    parent = found.amplitude[found.own]
    assert found.amplitude[~found.own].max() <= 0.5 * parent.max()


def test_harmonics_need_no_neighbours_where_they_are_themselves() -> None:
    tones = [(200.0 * number, 0.5, 0.0) for number in range(1, 7)]
    found = find_partials(_tones(*tones), RATE)
    apart = np.abs(found.frequency[~found.own, np.newaxis] - found.frequency[found.own])
    assert apart.min() > 12.0


def test_neighbours_are_within_what_the_network_hears() -> None:
    found = find_partials(_tones((70.0, 0.5, 0.0), (7000.0, 0.5, 0.0)), RATE)
    assert found.frequency.min() >= LOWEST_HZ
    assert found.frequency.max() < RATE / 2


def test_no_partials_have_no_neighbours() -> None:
    nothing = spectral_peaks(np.zeros(FRAME, np.float32), RATE)
    assert len(with_neighbours(nothing, RATE)) == 0
