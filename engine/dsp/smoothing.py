"""Smooth changes of a parameter's value, so that they do not click."""

import math

import numpy as np

from ..arrays import Float

TIME_CONSTANT_SECONDS = 0.005
CLOSE_ENOUGH = 1e-4


def is_always(gain: Float | np.float32, value: float) -> bool:
    """Return whether a gain, as the classes here give it, is one number, and this one.

    Much faster than NumPy's `all`, which counts in an audio callback.
    """
    return gain.ndim == 0 and gain == value


def pace(sample_rate: int, hop: int) -> float:
    """Return the share of its way that a `Smoother` goes in a hop."""
    return 1.0 - math.exp(-hop / (TIME_CONSTANT_SECONDS * sample_rate))


class Smoother:
    """Approaches its target exponentially, hop by hop, on straight lines in between."""

    def __init__(self, value: float, sample_rate: int, hop: int) -> None:
        """Start at `value`; `advance` will be called once each `hop` samples."""
        self._pace = pace(sample_rate, hop)
        self._positions = np.arange(1, hop + 1, dtype=np.float32) / np.float32(hop)
        self._from = self._to = value

    def advance(self, target: float) -> None:
        """Begin the next hop, moving towards `target`; arrives there exactly in the end."""
        self._from = self._to
        self._to += self._pace * (target - self._to)
        if abs(target - self._to) < CLOSE_ENOUGH:
            self._to = target

    def jump(self, value: float) -> None:
        """Set the value at once."""
        self._from = self._to = value

    def values(self, start: int, stop: int) -> Float | np.float32:
        """Return the values of the hop's samples `start` to `stop`; one number where constant."""
        if self._from == self._to:
            return np.float32(self._to)
        line = np.float32(self._from) + np.float32(self._to - self._from) * self._positions
        return line[start:stop]


class Fade:
    """A gain of 1 that can be faded to 0 on a straight line, beginning at any sample."""

    def __init__(self, samples: int) -> None:
        """Take `samples` samples for the fade."""
        self._step = 1.0 / samples
        self.gain = 1.0
        self.falling = False

    def values(self, count: int) -> Float | np.float32:
        """Return the next `count` values; one number where constant."""
        if not self.falling:
            return np.float32(self.gain)
        line = self.gain - self._step * np.arange(1, count + 1)
        self.gain = max(0.0, float(line[-1]))
        return np.asarray(np.maximum(line, 0.0), np.float32)

    def restore(self) -> None:
        """Set the gain back to 1."""
        self.gain, self.falling = 1.0, False


class Gate:
    """A gain that closes to 0 and opens to 1 on straight lines, beginning at any sample."""

    def __init__(self, closing: int, opening: int) -> None:
        """Start open; take `closing` samples to close, and `opening` to open."""
        self._closing, self._opening = 1.0 / closing, 1.0 / opening
        self.gain = 1.0

    def values(self, count: int, is_open: bool) -> Float | np.float32:
        """Return the next `count` values on the way to open or closed; one number if constant."""
        if self.gain == is_open:
            return np.float32(self.gain)
        step = self._opening if is_open else -self._closing
        line = np.clip(self.gain + step * np.arange(1, count + 1), 0.0, 1.0)
        self.gain = float(line[-1])
        return np.asarray(line, np.float32)

    def jump(self, is_open: bool) -> None:
        """Open or close at once."""
        self.gain = float(is_open)
