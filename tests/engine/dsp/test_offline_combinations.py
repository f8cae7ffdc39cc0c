"""The seven combinations against their definitions, written out in float64."""

import numpy as np
import pytest

from innerear.engine.combinations import OFFLINE_COMBINATIONS
from innerear.engine.dsp.spectral_combinations import OfflineCombination
from innerear.engine.dsp.stft import WholeStft
from innerear.engine.errors import ParameterError

from ..references import dreamsound

WIN_LENGTH = 256
LEVEL = 0.07
SAMPLES = 1500


def _signals() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a sound of few partials, a noise with a standard deviation of 1, and a third sound."""
    rng = np.random.default_rng(5)
    time = np.arange(SAMPLES) / 16_000
    sound = 0.2 * np.sin(2 * np.pi * 700 * time) * np.exp(-20 * time)
    sound += 0.05 * np.sin(2 * np.pi * 2900 * time) + 1e-4 * rng.standard_normal(SAMPLES)
    gradient = np.convolve(rng.standard_normal(SAMPLES), [1, 0.8, 0.5, 0.1], "same")
    gradient /= gradient.std()
    third = 0.3 * np.sign(np.sin(2 * np.pi * 410 * time)) + 1e-4 * rng.standard_normal(SAMPLES)
    return tuple(signal.astype(np.float32) for signal in (sound, gradient, third))  # type: ignore[return-value]


@pytest.mark.parametrize("threshold_db", [-50.0, -20.0])
@pytest.mark.parametrize("step", [0.1, 1.0, 1.5])
@pytest.mark.parametrize("name", OFFLINE_COMBINATIONS)
def test_each_combination_is_its_definition(name: str, step: float, threshold_db: float) -> None:
    sound, gradient, third = _signals()
    combine = OfflineCombination(name, SAMPLES, WIN_LENGTH, threshold_db, third)
    found = combine(sound, gradient, step, LEVEL)
    expected = dreamsound.combined(
        name,
        *(signal.astype(np.float64) for signal in (sound, gradient)),
        step=step,
        threshold=10 ** (threshold_db / 20),
        level=LEVEL,
        win_length=WIN_LENGTH,
        third=third.astype(np.float64),
    )
    assert np.linalg.norm(found - expected) < 1e-4 * np.linalg.norm(expected)
    change = expected - sound
    assert np.linalg.norm(found - sound - change) < 1e-4 * np.linalg.norm(change)


@pytest.mark.parametrize("win_length", [256, 2048, 4096])
@pytest.mark.parametrize("samples", [1, 100, 5000, 60_000])
def test_what_is_not_filtered_comes_back(samples: int, win_length: int) -> None:
    sound = np.random.default_rng(0).standard_normal(samples).astype(np.float32)
    stft = WholeStft(samples, win_length)
    back = stft.filter(lambda spectra: spectra, stft.of(sound))
    np.testing.assert_allclose(back, sound, atol=1e-5)


@pytest.mark.parametrize("name", OFFLINE_COMBINATIONS)
def test_a_step_of_zero_changes_nothing_exactly(name: str) -> None:
    sound, gradient, third = _signals()
    combine = OfflineCombination(name, SAMPLES, target=third)
    np.testing.assert_array_equal(combine(sound, gradient, 0.0, LEVEL), sound)


@pytest.mark.parametrize("name", OFFLINE_COMBINATIONS)
def test_a_knob_means_the_same_at_every_loudness(name: str) -> None:
    sound, gradient, third = _signals()
    loud = OfflineCombination(name, SAMPLES, target=third)(sound, gradient, 0.5, LEVEL)
    quiet = OfflineCombination(name, SAMPLES, target=third * np.float32(1e-3))(
        sound * np.float32(1e-3), gradient, 0.5, LEVEL * 1e-3
    )
    np.testing.assert_allclose(quiet * 1e3, loud, atol=1e-5)


@pytest.mark.parametrize("name", OFFLINE_COMBINATIONS)
@pytest.mark.parametrize("win_length", [512, 1024, 4096])
def test_a_step_is_as_loud_with_every_window(name: str, win_length: int) -> None:
    sound, gradient, third = _signals()
    silence = np.zeros_like(sound)
    step = OfflineCombination(name, SAMPLES, win_length, target=third)
    start = silence if name in ("add", "filter", "target") else sound
    made = step(start, gradient, 1.0, LEVEL) - (sound if name == "gate" else 0.0)
    assert made.std() == pytest.approx(LEVEL, rel=1e-3)


@pytest.mark.parametrize("name", OFFLINE_COMBINATIONS)
def test_silence_stays_finite(name: str) -> None:
    sound, gradient, third = _signals()
    silence = np.zeros_like(sound)
    combine = OfflineCombination(name, SAMPLES, target=third)
    deaf = OfflineCombination(name, SAMPLES, target=silence)
    assert np.isfinite(deaf(sound, gradient, 1.0, LEVEL)).all()
    assert np.isfinite(combine(silence, gradient, 1.0, LEVEL)).all()
    assert np.isfinite(combine(sound, silence, 1.0, LEVEL)).all()
    assert not combine(silence, gradient, 1.0, 0.0).any()


def test_target_needs_a_third_sound() -> None:
    with pytest.raises(ParameterError, match="--target-sound"):
        OfflineCombination("target", SAMPLES)
