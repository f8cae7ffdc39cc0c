"""The feedback loop: what came out, kept for as long as the delay, with a bounded gain."""

import math

import numpy as np

from ..arrays import Float
from .limiter import LoopGainLimiter
from .ring_buffer import RingBuffer

FADE_SECONDS = 0.02
"""How long a change of the delay takes: a cross-fade, which neither clicks nor bends the pitch."""


class FeedbackLoop:
    """Takes what each hop produced and gives it back one period later."""

    def __init__(
        self, channels: int, sample_rate: int, hop: int, lag: int, longest_seconds: float
    ) -> None:
        """Allocate a loop.

        Args:
            channels: of the sound.
            sample_rate: in hertz.
            hop: samples in each call of `write`.
            lag: samples by which what is written is behind the sound that goes into the loop.
            longest_seconds: the longest period.
        """
        self._hop, self._lag = hop, lag
        self._past = RingBuffer(channels, math.ceil(longest_seconds * sample_rate) + 2 * hop)
        # The filter's memory: its lag, and the window that smears what goes in, of four hops.
        self._loop_gain_limiter = LoopGainLimiter(lag // hop + 9)
        self._fade_hops = math.ceil(FADE_SECONDS * sample_rate / hop)
        self._fade = np.linspace(1.0, 0.0, self._fade_hops * hop, dtype=np.float32)
        self._delay = self._old_delay = hop
        self._faded = self._fade_hops

    def read(self, start: int, stop: int) -> Float:
        """Return what comes back during the samples `start` to `stop` of the present hop."""
        position = self._past.end + start
        returned = self._past.read_at(position - self._delay, stop - start)
        if self._faded == self._fade_hops:
            return returned
        before = self._past.read_at(position - self._old_delay, stop - start)
        at = self._faded * self._hop
        return returned + (before - returned) * self._fade[at + start : at + stop]

    def write(self, heard: Float, produced: Float) -> None:
        """End a hop.

        Args:
            heard: what went into the filter, (channels, hop).
            produced: what came out, the same shape; is changed in place.
        """
        produced *= np.float32(self._loop_gain_limiter.gain(heard, produced))
        np.clip(produced, -1.0, 1.0, out=produced)
        self._past.write(produced)

    def turn(self, period: int) -> None:
        """Move on by a hop, towards a period in samples, or the shortest possible."""
        if self._faded < self._fade_hops:
            self._faded += 1
        delay = self._delay_for(period)
        if self._faded == self._fade_hops and delay != self._delay:
            self._old_delay, self._delay, self._faded = self._delay, delay, 0

    def jump(self, period: int) -> None:
        """Have this period at once."""
        self._delay = self._old_delay = self._delay_for(period)
        self._faded = self._fade_hops

    def adopt(self, other: "FeedbackLoop") -> None:
        """Take over what another loop of as many channels would still give back."""
        count = min(other._delay, self._past.capacity)
        self._past.write(other._past.read(count))

    def reset(self) -> None:
        """Silence the loop; its period stays."""
        self._past.reset()
        self._loop_gain_limiter.reset()

    def _delay_for(self, period: int) -> int:
        return max(period - self._lag, self._hop)
