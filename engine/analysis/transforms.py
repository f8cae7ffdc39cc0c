"""Random changes of the sound at each step of an ascent: the result has to be robust to them.

A transform returns the changed sounds and a function that passes a gradient back through the
change. After the transformations of images in Lucid (Olah and others, "Feature Visualization",
2017), and SpecAugment's frequency masking (Park and others, 2019).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.fft import irfft, rfft

from ..arrays import Float
from .a_weighting import LOWEST_HZ
from .initial_noise import LEVEL, Generators, white_noise

Pull = Callable[[Float], Float]
"""Maps the gradient with respect to an output to the gradient with respect to the input."""


class Transform(Protocol):
    """A random change of sounds."""

    def __call__(
        self, sound: Float, sample_rate: int, generators: Generators
    ) -> tuple[Float, Pull]:
        """Return the changed sounds [batch, samples], and how gradients pass back."""
        ...


def apply(
    transforms: Sequence[Transform], sound: Float, sample_rate: int, generators: Generators
) -> tuple[Float, Pull]:
    """Apply one transform after the other; see `Transform`."""
    pulls = []
    for transform in transforms:
        sound, pull = transform(sound, sample_rate, generators)
        pulls.append(pull)

    def pull_all(gradient: Float) -> Float:
        for each in reversed(pulls):
            gradient = each(gradient)
        return gradient

    return sound, pull_all


@dataclass(frozen=True)
class Jitter:
    """Rolls the sound in its window, so that its position does not matter.

    Attributes:
        milliseconds: largest shift, to either side.
    """

    milliseconds: float

    def __call__(
        self, sound: Float, sample_rate: int, generators: Generators
    ) -> tuple[Float, Pull]:
        """Roll each sound; see `Transform`."""
        most = round(self.milliseconds * sample_rate / 1000)
        shifts = [int(each.integers(-most, most + 1)) for each in generators]

        def roll(rows: Float, sign: int) -> Float:
            pairs = zip(rows, shifts, strict=True)
            return np.stack([np.roll(row, sign * shift) for row, shift in pairs])

        return roll(sound, 1), lambda gradient: roll(gradient, -1)


@dataclass(frozen=True)
class Gain:
    """Makes the sound louder or softer.

    Attributes:
        decibels: largest change, up or down.
    """

    decibels: float

    def __call__(
        self, sound: Float, sample_rate: int, generators: Generators
    ) -> tuple[Float, Pull]:
        """Scale each sound; see `Transform`."""
        drawn = [each.uniform(-self.decibels, self.decibels) for each in generators]
        gain: Float = np.power(10.0, np.array(drawn) / 20).astype(np.float32)[:, np.newaxis]
        return sound * gain, lambda gradient: gradient * gain


@dataclass(frozen=True)
class Noise:
    """Adds white noise.

    Attributes:
        decibels: its level, relative to the sound's.
    """

    decibels: float

    def __call__(
        self, sound: Float, sample_rate: int, generators: Generators
    ) -> tuple[Float, Pull]:
        """Add to each sound; see `Transform`."""
        level = np.float32(LEVEL * 10 ** (self.decibels / 20))
        return sound + level * white_noise(generators, sound.shape[1]), lambda gradient: gradient


@dataclass(frozen=True)
class FrequencyMask:
    """Removes one band, so that no single band can carry the whole activation.

    Attributes:
        octaves: how wide the band is.
    """

    octaves: float

    def __call__(
        self, sound: Float, sample_rate: int, generators: Generators
    ) -> tuple[Float, Pull]:
        """Remove a band from each sound; see `Transform`."""
        samples = sound.shape[1]
        hertz = np.fft.rfftfreq(samples, 1 / sample_rate)
        span = np.log2(sample_rate / 2 / LOWEST_HZ)
        low = np.array([LOWEST_HZ * 2 ** each.uniform(-self.octaves, span) for each in generators])
        inside = (hertz >= low[:, np.newaxis]) & (hertz < low[:, np.newaxis] * 2**self.octaves)
        keep = (~inside).astype(np.float32)

        def mask(rows: Float) -> Float:
            return np.asarray(irfft(rfft(rows) * keep, samples), np.float32)

        return mask(sound), mask
