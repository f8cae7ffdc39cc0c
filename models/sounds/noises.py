"""Noise of many colours, for the class that is no instrument."""

import numpy as np
from numpy.typing import NDArray


def coloured(
    sample_rate: int, samples: int, tilt: float, low: float, high: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return noise with a sloping spectrum between two frequencies.

    Args:
        sample_rate: in hertz.
        samples: length.
        tilt: exponent of the amplitude over frequency: 0 white, -0.5 pink, -1 brown.
        low, high: edges of the band in hertz.
        rng: makes the noise.

    Returns:
        float32 [samples], peak 1.
    """
    frequency = np.fft.rfftfreq(samples, 1 / sample_rate)
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    spectrum *= np.maximum(frequency, 20.0) ** tilt
    # Slopes of 24 dB per octave, so that a band has no ringing edge.
    ratio = np.maximum(frequency, 1.0)
    spectrum /= np.sqrt(1 + (low / ratio) ** 8) * np.sqrt(1 + (ratio / high) ** 8)
    noise = np.fft.irfft(spectrum, samples)
    result: NDArray[np.float32] = (noise / (np.abs(noise).max() + 1e-12)).astype(np.float32)
    return result


def noises(
    sample_rate: int, samples: int, count: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return steady, swelling and crackling noises.

    Returns:
        float32 [count, samples].
    """
    sounds = np.zeros((count, samples), dtype=np.float32)
    time = np.arange(samples) / sample_rate
    for index in range(count):
        low = 20.0 if index % 2 else 10 ** rng.uniform(1.3, 3.0)
        high = sample_rate / 2 if index % 3 else min(low * 2 ** rng.uniform(2, 6), sample_rate / 2)
        noise = coloured(sample_rate, samples, rng.uniform(-1.0, 0.2), low, high, rng)
        kind = index % 4
        if kind == 2:
            noise *= 0.6 + 0.4 * np.sin(2 * np.pi * rng.uniform(0.2, 3) * time + rng.uniform(0, 6))
        elif kind == 3:
            steps = rng.uniform(0.02, 1, samples // 400 + 2) ** 2
            noise *= np.interp(np.arange(samples) / 400, np.arange(len(steps)), steps)
        sounds[index] = noise
    return sounds
