"""The combinations against their definitions, written out bin by bin."""

import cmath
import math

import numpy as np
import pytest

from innerear.engine.combinations import LIVE_COMBINATIONS
from innerear.engine.dsp.spectral_combinations import combine

BINS = 33
THRESHOLD_DB = -20.0
THRESHOLD = 0.1


def _spectra() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    sound, dream = (
        (rng.standard_normal((2, BINS)) + 1j * rng.standard_normal((2, BINS)))
        * rng.uniform(0, 1, (2, BINS)) ** 4
        for _ in range(2)
    )
    return sound.astype(np.complex64), dream.astype(np.complex64)


def _rms(values: list[complex]) -> float:
    return math.sqrt(sum(abs(value) ** 2 for value in values) / len(values))


def _expected(name: str, sound: list[complex], dream: list[complex], step: float) -> list[complex]:
    """Return the dreamed sound, X plus the change."""
    peak_x, peak_y = max(map(abs, sound)), max(map(abs, dream))
    level_x, level_y = _rms(sound), _rms(dream)
    r = [abs(y) / peak_y for y in dream]
    q = [abs(x) / peak_x for x in sound]
    kept = [y if r_ > THRESHOLD else 0 for y, r_ in zip(dream, r, strict=True)]
    blend = min(step, 1.0)

    def instead(replacement: list[complex]) -> list[complex]:
        return [(1 - blend) * x + step * z for x, z in zip(sound, replacement, strict=True)]

    if name == "add":
        return [x + step * y for x, y in zip(sound, kept, strict=True)]
    if name == "filter":
        return [x + step * r_**2 * y for x, y, r_ in zip(sound, kept, r, strict=True)]
    if name == "gate":
        return [
            x + step * (y if q_ > THRESHOLD else 0)
            for x, y, q_ in zip(sound, dream, q, strict=True)
        ]
    if name == "flip":
        return instead(
            [
                y * level_x / level_y + (q_**2 if q_ > THRESHOLD else 0) * x
                for x, y, q_ in zip(sound, dream, q, strict=True)
            ]
        )
    if name == "gradient":
        return instead([y * level_x / _rms(kept) for y in kept])
    masked = [
        abs(x) * (r_**0.125 if r_ > THRESHOLD else 0) * cmath.exp(1j * cmath.phase(x))
        for x, r_ in zip(sound, r, strict=True)
    ]
    return instead([z * level_x / _rms(masked) for z in masked])


@pytest.mark.parametrize("step", [0.3, 1.0, 1.7])
@pytest.mark.parametrize("name", LIVE_COMBINATIONS)
def test_each_combination_is_its_definition(name: str, step: float) -> None:
    sound, dream = _spectra()
    dreamed = sound + combine(name, sound, dream, step, THRESHOLD_DB)
    for channel in range(2):
        expected = _expected(name, sound[channel].tolist(), dream[channel].tolist(), step)
        np.testing.assert_allclose(dreamed[channel], expected, atol=1e-5)


@pytest.mark.parametrize("name", LIVE_COMBINATIONS)
def test_a_step_of_zero_changes_nothing_exactly(name: str) -> None:
    sound, dream = _spectra()
    assert not combine(name, sound, dream, 0.0, THRESHOLD_DB).any()


@pytest.mark.parametrize("name", LIVE_COMBINATIONS)
def test_a_knob_means_the_same_at_every_loudness(name: str) -> None:
    sound, dream = _spectra()
    quiet = combine(name, sound * 1e-3, dream * 1e-3, 0.8, THRESHOLD_DB)
    np.testing.assert_allclose(
        quiet * 1e3, combine(name, sound, dream, 0.8, THRESHOLD_DB), rtol=1e-3, atol=1e-5
    )


@pytest.mark.parametrize("name", LIVE_COMBINATIONS)
def test_silence_stays_finite(name: str) -> None:
    silence = np.zeros((1, BINS), np.complex64)
    sound, dream = (spectrum[:1] for spectrum in _spectra())
    assert np.isfinite(combine(name, silence, silence, 1.0, THRESHOLD_DB)).all()
    assert np.isfinite(combine(name, silence, dream, 1.0, THRESHOLD_DB)).all()
    assert np.isfinite(combine(name, sound, silence, 1.0, THRESHOLD_DB)).all()
