"""The noise that an ascent starts from: coloured, steady or in bursts, drawn from a seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, rfft

from ..arrays import Float

Generators = Sequence[np.random.Generator]
"""One for each waveform of a batch, so that no waveform depends on the others."""

LEVEL = 0.1
"""Root mean square of every sound, before and after each step: loudness gains nothing."""
BURST_SAMPLES = 400
BURST_SHARE = 0.1


@dataclass(frozen=True)
class Start:
    """A kind of noise.

    Attributes:
        tilt: exponent of frequency in the amplitude; negative for a falling spectrum.
        bursts: whether the noise sounds for about a tenth of the time only, in short pieces.
    """

    tilt: float
    bursts: bool

    def noise(self, generators: Generators, samples: int) -> Float:
        """Draw noise at `LEVEL`, float32 [batch, samples]."""
        spectrum = rfft(white_noise(generators, samples))
        # The slope is flat below a hundredth of the axis, which limits the rumble.
        frequency = np.maximum(np.arange(spectrum.shape[1]), max(1, spectrum.shape[1] // 100))
        noise = irfft(spectrum * np.float32(frequency) ** np.float32(self.tilt), samples)
        if self.bursts:
            noise *= burst_gate(generators, samples)
        return at_level(np.asarray(noise, np.float32))


STARTS = (
    Start(-0.5, False),
    Start(0.0, False),
    Start(-0.5, True),
    Start(-1.0, True),
    Start(0.0, True),
    Start(-1.5, False),
)
"""Tried one after the other, for the units that are inactive on those before."""


def generators_for(names: Sequence[str], seed: int, attempt: int) -> list[np.random.Generator]:
    """Return a random generator for each name, which depends on nothing else in the batch."""
    return [
        np.random.default_rng([seed, attempt, *name.encode("utf-8", "surrogatepass")])
        for name in names
    ]


def white_noise(generators: Generators, samples: int) -> Float:
    """Return float32 [batch, samples] of normal noise with variance 1."""
    return np.stack([each.standard_normal(samples, np.float32) for each in generators])


def burst_gate(generators: Generators, samples: int) -> Float:
    """Return float32 [batch, samples]: 1 for about a tenth of the time, in pieces, else 0."""
    pieces = samples // BURST_SAMPLES + 1
    on = np.stack([each.random(pieces) < BURST_SHARE for each in generators])
    on[:, 0] = True  # at least one burst
    return np.repeat(on, BURST_SAMPLES, axis=1)[:, :samples].astype(np.float32)


def at_level(waveform: Float) -> Float:
    """Scale each waveform [batch, samples] to the root mean square `LEVEL`; not silence."""
    power = np.mean(np.square(waveform), axis=1, keepdims=True)
    scale = np.float32(LEVEL) / np.maximum(np.sqrt(power), np.float32(1e-9))
    return np.asarray(waveform * scale, np.float32)
