import numpy as np
import pytest

from innerear.engine.dsp.gradient_shaping import GradientShaping, local_level

RATE, WINDOW = 16_000, 16_000


def _slope_db_per_octave(signal: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(signal)) ** 2
    low, high = power[900:1100].mean(), power[3600:4400].mean()
    return 10 * np.log10(high / low) / 2


@pytest.mark.parametrize(("colour", "slope"), [(0.0, 0.0), (0.5, -3.0), (1.0, -6.0)])
def test_colour_tilts_the_spectrum(colour: float, slope: float) -> None:
    noise, flat = np.random.default_rng(0).standard_normal((2, WINDOW)).astype(np.float32)
    shaped = GradientShaping(WINDOW, RATE).shape(noise, flat, WINDOW, colour, None)
    assert _slope_db_per_octave(shaped) == pytest.approx(slope, abs=0.5)
    assert shaped.std() == pytest.approx(1.0, rel=0.1)


def test_colour_follows_the_sounds_own_spectrum() -> None:
    noise = np.random.default_rng(0).standard_normal(WINDOW).astype(np.float32)
    tone = np.sin(2 * np.pi * 1000 * np.arange(WINDOW) / RATE).astype(np.float32)
    shares = []
    for colour in (0.0, 0.5, 1.0):
        shaped = GradientShaping(WINDOW, RATE).shape(noise, tone, 8000, colour, None)[:7000]
        power = np.abs(np.fft.rfft(shaped * np.hanning(7000))) ** 2
        near = np.abs(np.fft.rfftfreq(7000, 1 / RATE) - 1000) < 100
        shares.append(power[near].sum() / power.sum())
    assert shares[0] < 0.05 < shares[1] < shares[2]
    assert shares[2] > 0.9


def test_the_dream_is_as_loud_as_the_sound_around_it() -> None:
    noise = np.random.default_rng(0).standard_normal(WINDOW).astype(np.float32)
    sound = np.where(np.arange(WINDOW) < 8000, 0.5, 0.0).astype(np.float32)
    shaped = GradientShaping(WINDOW, RATE).shape(noise, sound, WINDOW, 0.0, None)
    assert shaped[:7000].std() == pytest.approx(0.5, rel=0.05)
    assert not shaped[-7000:].any()


def test_the_gate_leaves_only_what_the_sound_has() -> None:
    noise = np.random.default_rng(0).standard_normal(WINDOW).astype(np.float32)
    tone = np.sin(2 * np.pi * 1000 * np.arange(WINDOW) / RATE).astype(np.float32)
    shaped = GradientShaping(WINDOW, RATE).shape(noise, tone, 8000, 0.0, -40.0)
    # The very newest frame is cut off by the present, and so has no clear pitch yet.
    power = np.abs(np.fft.rfft(shaped[:7000] * np.hanning(7000))) ** 2
    hertz = np.fft.rfftfreq(7000, 1 / RATE)
    assert power[np.abs(hertz - 1000) < 100].sum() > 0.95 * power.sum()


@pytest.mark.parametrize("gradient", [np.zeros(WINDOW), np.full(WINDOW, 3.0)])
def test_a_gradient_that_says_nothing_changes_nothing(gradient: np.ndarray) -> None:
    shaped = GradientShaping(WINDOW, RATE).shape(
        gradient.astype(np.float32), np.ones(WINDOW, np.float32), 4000, 0.5, None
    )
    np.testing.assert_allclose(shaped, 0.0, atol=1e-6)


def test_the_size_of_a_gradient_does_not_matter() -> None:
    noise = np.random.default_rng(0).standard_normal(WINDOW).astype(np.float32)
    sound = np.ones(WINDOW, np.float32)
    gradient_shaping = GradientShaping(WINDOW, RATE)
    faint = gradient_shaping.shape(noise * 1e-20, sound, 4000, 0.5, None)
    np.testing.assert_allclose(
        faint, gradient_shaping.shape(noise, sound, 4000, 0.5, None), atol=1e-4
    )


def test_the_local_level_is_the_root_mean_square_around_each_sample() -> None:
    noise = np.random.default_rng(0).standard_normal(50).astype(np.float32)
    found = local_level(noise, 11)
    for at in range(50):
        around = noise[max(0, at - 5) : at + 6]
        assert found[at] == pytest.approx(np.sqrt(np.mean(around**2)), rel=1e-5)


def test_after_silence_the_dream_is_as_loud_as_the_sound_and_no_louder() -> None:
    """Over the silence there is hardly a direction, which must not make up for it."""
    noise = np.random.default_rng(0).standard_normal(WINDOW).astype(np.float32)
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(WINDOW) / RATE).astype(np.float32)
    begins = WINDOW - 800
    gradient, sound = noise.copy(), tone.copy()
    gradient[:begins] *= 1e-3
    sound[:begins] = 1e-4 * noise[::-1][:begins]
    shaped = GradientShaping(WINDOW, RATE).shape(gradient, sound, 4000, 0.5, None)
    assert 0.3 < shaped[-800:].std() / sound[-800:].std() < 1.6
    assert shaped[:-2000].std() < 1e-3
