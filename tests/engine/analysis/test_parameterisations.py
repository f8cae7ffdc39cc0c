"""Every parameterisation and transform passes gradients back as differences say it should."""

from collections.abc import Callable

import numpy as np
import pytest

from innerear.engine.analysis.a_weighting import Ear, a_weighting
from innerear.engine.analysis.initial_noise import LEVEL, STARTS, Start, at_level, generators_for
from innerear.engine.analysis.parameterisations import PARAMETERISATIONS, Shape, mean_magnitudes
from innerear.engine.analysis.transforms import FrequencyMask, Gain, Jitter, Noise, Transform, apply

RATE = 8000
SHAPES = (Shape(1600, RATE), Shape(1601, RATE))


def drawn() -> list[np.random.Generator]:
    return generators_for(["one", "two"], 5, 0)


def slope(function: Callable[[np.ndarray], float], at: np.ndarray, along: np.ndarray) -> float:
    step = 1e-2
    return (function(at + step * along) - function(at - step * along)) / (2 * step)


@pytest.mark.parametrize("shape", SHAPES, ids=["even", "odd"])
@pytest.mark.parametrize("bursts", [False, True])
@pytest.mark.parametrize("name", PARAMETERISATIONS)
def test_gradients_of_parameters(name: str, bursts: bool, shape: Shape) -> None:
    parameterisation, start = PARAMETERISATIONS[name], Start(-0.5, bursts)
    parameters = parameterisation.begin(shape, start, drawn())
    wanted = np.random.default_rng(1).standard_normal((2, shape.samples)).astype(np.float32)
    _, pull = parameterisation.sound(shape, start, parameters, drawn())
    gradient = pull(wanted).astype(np.float64)
    assert gradient.shape == parameters.shape
    along = np.random.default_rng(2).standard_normal(parameters.shape)

    def value(at: np.ndarray) -> float:
        sound, _ = parameterisation.sound(shape, start, at.astype(np.float32), drawn())
        return float((sound.astype(np.float64) * wanted).sum())

    assert slope(value, parameters, along) == pytest.approx(
        float((gradient * along).sum()), rel=0.01
    )


@pytest.mark.parametrize("name", ["spectrum", "waveform"])
def test_parameters_begin_as_the_noise_and_about_1(name: str) -> None:
    parameterisation = PARAMETERISATIONS[name]
    for start in STARTS:
        parameters = parameterisation.begin(SHAPES[0], start, drawn())
        sound, _ = parameterisation.sound(SHAPES[0], start, parameters, drawn())
        noise = start.noise(drawn(), 1600)
        np.testing.assert_allclose(at_level(sound), noise, atol=1e-5)
        assert 0.3 < np.sqrt(np.mean(parameters**2)) < 3


def test_a_gain_over_frequency_filters() -> None:
    seconds = np.arange(1600) / RATE
    tones = [np.sin(2 * np.pi * hertz * seconds) for hertz in (100, 2000)]
    gain = (np.linspace(0, RATE / 2, 801) > 1000).astype(np.float32)
    waveform = PARAMETERISATIONS["waveform"]
    filtered = waveform.weigh(SHAPES[0], np.float32([tones[0] + tones[1]]), gain)
    np.testing.assert_allclose(filtered[0], tones[1], atol=1e-5)


def test_starting_noise_has_its_colour_and_level() -> None:
    generators = generators_for([str(number) for number in range(8)], 0, 0)
    for start in STARTS:
        noise = start.noise(generators, 8192)
        np.testing.assert_allclose(np.sqrt(np.mean(noise**2, axis=1)), LEVEL, rtol=1e-4)
        power = np.square(np.abs(np.fft.rfft(noise))).mean(axis=0)
        octave = power[1024:2048].mean() / power[2048:4096].mean()
        tolerance = 2 if start.bursts else 1
        assert 10 * np.log10(octave) == pytest.approx(-6.02 * start.tilt, abs=tolerance)
        assert (np.mean(noise == 0) > 0.5) == start.bursts


TRANSFORMS: list[Transform] = [Jitter(20.0), Gain(12.0), Noise(-20.0), FrequencyMask(1.0)]


@pytest.mark.parametrize(
    "transforms", [*([each] for each in TRANSFORMS), TRANSFORMS], ids=lambda each: str(len(each))
)
def test_gradients_of_transforms(transforms: list[Transform]) -> None:
    generator = np.random.default_rng(1)
    sound, wanted, along = generator.standard_normal((3, 2, 1600)).astype(np.float32)
    heard, pull = apply(transforms, sound, RATE, drawn())
    assert not np.allclose(heard, sound)
    gradient = pull(wanted).astype(np.float64)

    def value(at: np.ndarray) -> float:
        changed, _ = apply(transforms, at.astype(np.float32), RATE, drawn())
        return float((changed.astype(np.float64) * wanted).sum())

    assert slope(value, sound, along) == pytest.approx(float((gradient * along).sum()), rel=0.01)


def test_what_transforms_do() -> None:
    sound = np.random.default_rng(0).standard_normal((2, 1600)).astype(np.float32)
    moved, _ = Jitter(20.0)(sound, RATE, drawn())
    for before, after in zip(sound, moved, strict=True):
        np.testing.assert_allclose(np.sort(after), np.sort(before))
    louder, _ = Gain(12.0)(sound, RATE, drawn())
    ratio = louder[:, :1] / sound[:, :1]
    np.testing.assert_allclose(louder, ratio * sound, rtol=1e-5)
    assert (np.abs(20 * np.log10(ratio)) <= 12).all()
    assert ratio[0, 0] != ratio[1, 0]
    noisy, _ = Noise(-20.0)(sound, RATE, drawn())
    assert np.std(noisy - sound) == pytest.approx(0.1 * LEVEL, rel=0.05)
    masked, _ = FrequencyMask(1.0)(sound, RATE, drawn())
    gone = np.abs(np.fft.rfft(masked)) < 1e-3
    assert 2 < gone.sum() < 0.7 * gone.size


def test_a_weighting_is_the_standard_s() -> None:
    # IEC 61672-1, table 3: nominally 31.5, 100, 1000, 4000 and 8000 Hz.
    hertz = 1000 * 10 ** (np.array([-15, -10, 0, 6, 9]) / 10)
    decibels = 20 * np.log10(a_weighting(hertz))
    np.testing.assert_allclose(decibels, [-39.4, -19.1, 0.0, 1.0, -1.1], atol=0.06)


def test_the_ear_keeps_what_it_hears() -> None:
    gain = Ear(0.1).gain(801, 16_000)
    assert gain[:4].max() == 0.0  # to 30 Hz
    assert gain[100] == pytest.approx(1.0)  # 1 kHz
    assert 0.9 < gain[5] < 0.92  # 50 Hz
    assert Ear(0.0).gain(801, 16_000)[4:].min() == 1.0


def test_the_magnitudes_of_a_tone() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(4096) / RATE).astype(np.float32)
    found = mean_magnitudes(np.stack([tone, np.zeros_like(tone)]))
    assert found.shape == (2, 513)
    assert found[0].argmax() == 128
    assert found[0].max() == 1.0
    assert not found[1].any()
    assert mean_magnitudes(tone[np.newaxis, :100]).shape == (1, 513)
