"""The feedback loop: a delay of the output, with a bounded gain."""

import math

import numpy as np

from ..arrays import Float
from ..kernel.binding import bind
from ..kernel.loop import close_loop
from .ring_buffer import RingBuffer

LOOP_GAIN_CEILING = 0.95
SILENCE = 1e-9
"""A magnitude, -180 dB, at which an echo ends. Else it would fall for half a minute, to numbers so
small that processors take a hundred times as long over them; and what a network computes of them is
smaller still."""
MEMORY_HOPS = 9
"""Over how many hops energies are compared."""
SMEARED_HOPS = 2
"""By how many of them a filter's output may be earlier than its lag."""
FADE_SECONDS = 0.02
"""How long a change of the delay takes: a cross-fade, which neither clicks nor bends the pitch."""


class FeedbackLoop:
    """Delays the output of each hop by one period, with a loop gain below 1.

    What goes into the filter inside the loop may come out once: its output may not contain more
    energy than its input. The gain is the square root of (energy in / energy out) of some hops, at
    most 1, and lower where energy would come out twice; times `LOOP_GAIN_CEILING`. So each round of
    the loop loses at least 0.45 dB, and a loop decays when its input has ended.
    """

    _silence = SILENCE

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
        self._behind, self._smeared, self._memory = self._remembered(lag, hop)
        self._energies = np.zeros((2, self._behind + self._smeared + self._memory))
        self._at = np.zeros(1, np.int64)
        self._unspent = np.zeros(1)
        self._close = bind(close_loop, *self._past.arrays, self._energies, self._at, self._unspent)
        self._fade_hops = math.ceil(FADE_SECONDS * sample_rate / hop)
        self._fade = np.linspace(1.0, 0.0, self._fade_hops * hop, dtype=np.float32)
        self._delay = self._old_delay = hop
        self._faded = self._fade_hops

    def read(self, start: int, stop: int) -> Float:
        """Return the feedback for the samples `start` to `stop` of the present hop."""
        position = self._past.end + start
        returned = self._past.read_at(position - self._delay, stop - start)
        if self._faded == self._fade_hops:
            return returned
        before = self._past.read_at(position - self._old_delay, stop - start)
        at = self._faded * self._hop
        return returned + (before - returned) * self._fade[at + start : at + stop]

    def write(self, heard: Float, filtered: Float, change: Float) -> None:
        """End a hop.

        Args:
            heard: the input of the filter, (channels, hop).
            filtered: the part of its output that is the sound, the same shape.
            change: the other part.
        """
        self._close(
            heard, filtered, change, LOOP_GAIN_CEILING, self._silence, self._behind, self._smeared
        )

    def advance(self, period: int) -> None:
        """Begin the next hop, and fade to a period in samples, or to the shortest possible."""
        if self._faded < self._fade_hops:
            self._faded += 1
        delay = self._delay_for(period)
        if self._faded == self._fade_hops and delay != self._delay:
            self._old_delay, self._delay, self._faded = self._delay, delay, 0

    def jump(self, period: int) -> None:
        """Set the period at once, without a fade."""
        self._delay = self._old_delay = self._delay_for(period)
        self._faded = self._fade_hops

    def adopt(self, other: "FeedbackLoop", heard: RingBuffer, unfinished: int) -> None:
        """Take over the content of another loop with as many channels; echoes keep their time.

        What this loop would hold already, and the other, whose filter lags more, does not yet, is
        taken from the filter's input.

        Args:
            other: the loop that is replaced.
            heard: the input of the other's filter, up to now.
            unfinished: samples of it since the other's last hop.
        """
        missing = other._lag + unfinished - self._lag
        count = min(other._delay, self._past.capacity) - max(0, -missing)
        if count > 0:
            self._past.write(other._past.read(count, max(0, -missing)))
        if missing > 0:
            count = min(missing, self._past.capacity)
            self._past.write(LOOP_GAIN_CEILING * heard.read(count, self._lag))
        # Else what comes out of the filter next would seem to come from nothing, and be silenced.
        columns = self._energies.shape[1]
        known = min(columns, *(each.capacity // self._hop for each in (heard, self._past)))
        self._note(0, heard, known, 1.0)
        self._note(1, self._past, known - columns + self._memory, LOOP_GAIN_CEILING)
        self._at[0] = 0
        self._unspent[0] = np.inf  # which stands for all of the last hops

    def reset(self) -> None:
        """Clear the loop; its period stays. What is on its way through the filter has no echo."""
        self._past.reset()
        self._energies.fill(0.0)
        self._unspent.fill(0.0)

    def _remembered(self, lag: int, hop: int) -> tuple[int, int, int]:
        """Return how late the output is at least, how much later it may be, and what is compared.

        All in hops. The filter's window, of four, brings some of what goes in out before its lag.
        """
        hops = math.ceil(lag / hop)
        smeared = min(SMEARED_HOPS, hops)
        return hops - smeared, smeared, MEMORY_HOPS

    def _note(self, row: int, sound: RingBuffer, hops: int, gain: float) -> None:
        """Set the energies of the last hops to those of a sound, without a gain."""
        if hops > 0:
            last = sound.read(hops * self._hop).reshape(-1, hops, self._hop)
            self._energies[row, -hops:] = np.einsum("chn,chn->h", last, last) / gain**2

    def _delay_for(self, period: int) -> int:
        return max(period - self._lag, self._hop)
