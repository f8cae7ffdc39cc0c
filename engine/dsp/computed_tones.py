"""Computed tones and strokes that musical phrases are made of, each (samples,) in float64."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

SAMPLE_RATE = 44_100

Samples = NDArray[np.float64]


def time_axis(seconds: float) -> Samples:
    """Return the time of each sample, in seconds."""
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def hertz(note: float) -> float:
    """Return the frequency of a MIDI note."""
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def faded(tone: Samples, attack: float = 0.004, release: float = 0.01) -> Samples:
    """Return a tone that rises at its start and falls at its end, in seconds, without a click."""
    time = np.arange(len(tone)) / SAMPLE_RATE
    left = len(tone) / SAMPLE_RATE - time
    return np.asarray(tone * np.clip(np.minimum(time / attack, left / release), 0.0, 1.0))


def partials(frequency: Samples | float, seconds: float, amplitudes: dict[float, float]) -> Samples:
    """Return a sum of sines.

    Args:
        frequency: of the fundamental in hertz, one or one for each sample.
        seconds: how long.
        amplitudes: multiple of the fundamental -> amplitude; those above 16 kHz are left out.
    """
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(frequency, len(time_axis(seconds)))) / SAMPLE_RATE
    highest = 16_000 / float(np.max(frequency))
    terms = [level * np.sin(order * phase) for order, level in amplitudes.items()]
    kept = [term for term, order in zip(terms, amplitudes, strict=True) if order < highest]
    return np.asarray(np.sum(kept, axis=0))


def plucked(note: float, seconds: float, generator: np.random.Generator) -> Samples:
    """Return a plucked string (Karplus and Strong, 1983): noise in a loop that averages."""
    period = round(SAMPLE_RATE / hertz(note))
    excitation = np.zeros(len(time_axis(seconds)))
    excitation[:period] = generator.uniform(-1, 1, min(period, len(excitation)))
    loop = np.zeros(period + 2)
    loop[0], loop[period], loop[period + 1] = 1.0, -0.498, -0.498
    return faded(np.asarray(lfilter([1.0], loop, excitation)), 0.001)


def fm_bell(note: float, seconds: float) -> Samples:
    """Return a bell by frequency modulation (Chowning, 1973), ratio 1.4, fading index."""
    time, carrier = time_axis(seconds), hertz(note)
    index = 5.0 * np.exp(-time * 2.0)
    tone = np.sin(2 * np.pi * carrier * time + index * np.sin(2 * np.pi * 1.4 * carrier * time))
    return faded(np.asarray(tone * np.exp(-time * 2.5)), 0.002)


def saw(frequency: Samples | float, seconds: float, falls: float = 1.0) -> Samples:
    """Return harmonics that fall by 1 / order to the power `falls`."""
    return partials(frequency, seconds, {order: order**-falls for order in range(1, 40)})


def resonances(tone: Samples, formants: tuple[tuple[float, float, float], ...]) -> Samples:
    """Return a tone through parallel resonances, each its frequency, width (Hz) and gain."""
    found = np.zeros_like(tone)
    for frequency, width, gain in formants:
        radius = np.exp(-np.pi * width / SAMPLE_RATE)
        angle = 2 * np.pi * frequency / SAMPLE_RATE
        feedback = [1.0, -2 * radius * np.cos(angle), radius**2]
        found += gain * lfilter([1 - radius], feedback, tone)
    return found


def noise(seconds: float, low: float, high: float, generator: np.random.Generator) -> Samples:
    """Return noise between two frequencies in hertz."""
    white = generator.standard_normal(len(time_axis(seconds)))
    band = butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(band, white))


def kick(generator: np.random.Generator) -> Samples:
    """Return a kick drum: a sine that falls from 160 to 50 Hz, and a click."""
    time = time_axis(0.3)
    phase = 2 * np.pi * np.cumsum(50 + 110 * np.exp(-time * 35)) / SAMPLE_RATE
    click = noise(0.3, 1000, 6000, generator) * np.exp(-time * 400)
    return faded(np.sin(phase) * np.exp(-time * 12) + 0.3 * click, 0.001)


def snare(generator: np.random.Generator) -> Samples:
    """Return a snare drum: noise over two short tones."""
    time = time_axis(0.22)
    tones = partials(185.0, 0.22, {1.0: 0.6, 1.78: 0.4}) * np.exp(-time * 30)
    return faded(tones + 0.7 * noise(0.22, 800, 9000, generator) * np.exp(-time * 18), 0.001)


def hi_hat(generator: np.random.Generator) -> Samples:
    """Return a closed hi-hat: a short burst of high noise."""
    return faded(noise(0.07, 6000, 15_000, generator) * np.exp(-time_axis(0.07) * 60), 0.001)
