"""Smooth changes of a parameter's value, so that they do not click."""

import math

TIME_CONSTANT_SECONDS = 0.005
CLOSE_ENOUGH = 1e-4


def pace(sample_rate: int, hop: int) -> float:
    """Return the share of its way that a `Smoother` goes in a hop."""
    return 1.0 - math.exp(-hop / (TIME_CONSTANT_SECONDS * sample_rate))


class Smoother:
    """Approaches its target exponentially, hop by hop, on straight lines in between.

    The stages of `engine/kernel/` draw the lines.
    """

    def __init__(self, value: float, sample_rate: int, hop: int) -> None:
        """Start at `value`; `advance` will be called once each `hop` samples."""
        self._pace = pace(sample_rate, hop)
        self.before = self.after = value
        """The values at the beginning and at the end of the present hop."""

    def advance(self, target: float) -> None:
        """Begin the next hop, moving towards `target`; arrives there exactly in the end."""
        self.before = self.after
        self.after += self._pace * (target - self.after)
        if abs(target - self.after) < CLOSE_ENOUGH:
            self.after = target

    def jump(self, value: float) -> None:
        """Set the value at once."""
        self.before = self.after = value


class Fade:
    """A gain of 1 that can be faded to 0 on a straight line, beginning at any sample."""

    def __init__(self, samples: int) -> None:
        """Take `samples` samples for the fade."""
        self._step = 1.0 / samples
        self.gain = 1.0
        self.falling = False

    def take(self, count: int) -> tuple[float, float]:
        """Go on by `count` samples; return the gain before them, and its step at each."""
        gain, step = self.gain, -self._step if self.falling else 0.0
        self.gain = max(0.0, gain + step * count)
        return gain, step

    def restore(self) -> None:
        """Set the gain back to 1."""
        self.gain, self.falling = 1.0, False


class Gate:
    """A gain that closes to 0 and opens to 1 on straight lines, beginning at any sample."""

    def __init__(self, closing: int, opening: int) -> None:
        """Start open; take `closing` samples to close, and `opening` to open."""
        self._closing, self._opening = 1.0 / closing, 1.0 / opening
        self.gain = 1.0

    def take(self, count: int, is_open: bool) -> tuple[float, float]:
        """Go on by `count` samples to open or closed; return the gain before, and its step."""
        gain = self.gain
        if gain == is_open:
            return gain, 0.0
        step = self._opening if is_open else -self._closing
        self.gain = min(max(gain + step * count, 0.0), 1.0)
        return gain, step

    def jump(self, is_open: bool) -> None:
        """Open or close at once."""
        self.gain = float(is_open)
