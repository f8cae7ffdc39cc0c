"""Partials that go on from hop to hop, as oscillators of continuous phase.

After McAulay & Quatieri, "Speech analysis/synthesis based on a sinusoidal representation", 1986;
with straight lines where theirs are cubic.
"""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from .partials import APART, APART_HZ, Flags, Peaks, frame_samples


class PartialTracks:
    """Slots in which partials go on from hop to hop, each an oscillator of continuous phase.

    A slot keeps its partial while there is a peak near it. Without one it fades out within a hop,
    and is free for another, which fades in. The sound's own partials follow its phases; neighbours
    run freely.
    """

    def __init__(self, slots: int, hop: int, sample_rate: int) -> None:
        """Start without partials.

        Args:
            slots: partials at once.
            hop: samples between two frames.
            sample_rate: in hertz.
        """
        self._hop, self._sample_rate = hop, sample_rate
        # From a frame's centre to its last sample, which is where the hop's straight lines end.
        self._to_end = (frame_samples(sample_rate) / 2.0 - 1.0) / sample_rate
        self.rise = np.arange(1, hop + 1, dtype=np.float32) / np.float32(hop)
        """From 0 to 1 over a hop, (hop,): how what changes from hop to hop does."""
        self.frequency = np.zeros(slots)
        """In hertz, (slots,); of a slot that is free, its last."""
        self.strength = np.zeros(slots)
        """The amplitude at the hop's end, relative to what `advance` was given, (slots,)."""
        self.own = np.zeros(slots, np.bool_)
        """Which partials are the sound's own, (slots,)."""
        self.born = np.zeros(slots, np.bool_)
        """Which slots have a new partial since the last hop, (slots,)."""
        self._phase = np.zeros(slots)

    @property
    def alive(self) -> Flags:
        """Which slots have a partial, (slots,)."""
        return self.strength > 0.0

    def advance(self, waves: Float, found: Peaks, level: float) -> None:
        """Go on by one hop.

        Args:
            waves: float32 (slots, hop), to be filled with the oscillators, as strong as their
                slots, on straight lines from hop to hop.
            found: in the frame that ends with this hop.
            level: that amplitudes are relative to; 0 counts as silence, in which all fade out.
        """
        before, seconds = self.strength, self._hop / self._sample_rate
        strength = np.zeros_like(before)
        self.born = np.zeros_like(self.own)
        end = self._phase + 2.0 * np.pi * self.frequency * seconds
        if level > 0.0 and len(found):
            slots, peaks = self._match(found)
            new = np.setdiff1d(np.arange(len(found)), peaks)
            new = new[np.lexsort((-found.amplitude[new], ~found.own[new]))]
            free = np.flatnonzero(before == 0.0)[: len(new)]
            self.born[free] = True
            slots, peaks = np.append(slots, free), np.append(peaks, new[: len(free)])
            now = found.take(peaks)
            old = np.where(self.born[slots], now.frequency, self.frequency[slots])
            turn = np.pi * (old + now.frequency) * seconds
            there = now.phase + 2.0 * np.pi * now.frequency * self._to_end
            begin = np.where(self.born[slots], there - turn, self._phase[slots])
            pull = np.remainder(there - begin - turn + np.pi, 2.0 * np.pi) - np.pi
            self._phase[slots] = begin
            end[slots] = begin + turn + np.where(now.own, pull, 0.0)
            self.frequency[slots], self.own[slots] = now.frequency, now.own
            strength[slots] = now.amplitude / level
        self.strength = strength
        run = self.rise * (end - self._phase)[:, np.newaxis].astype(np.float32)
        run += self._phase[:, np.newaxis].astype(np.float32)
        np.cos(run, out=waves)
        self._phase = np.remainder(end, 2.0 * np.pi)
        start, change = before.astype(np.float32), (strength - before).astype(np.float32)
        waves *= start[:, np.newaxis] + change[:, np.newaxis] * self.rise

    def reset(self) -> None:
        """End all partials at once."""
        for array in (self.frequency, self._phase):
            array.fill(0.0)
        self.strength = np.zeros_like(self.strength)
        self.own = np.zeros_like(self.own)
        self.born = np.zeros_like(self.own)

    def _match(self, found: Peaks) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the slots that go on, and with which peaks: each the other's nearest."""
        living = np.flatnonzero(self.alive)
        if not len(living):
            return living, living
        mine, others = self.frequency[living, np.newaxis], found.frequency
        distance = np.abs(mine - others) / np.maximum(APART * others, APART_HZ)
        distance[self.own[living, np.newaxis] != found.own] = np.inf
        nearest, mutual = distance.argmin(axis=1), distance.argmin(axis=0)
        at = np.arange(len(living))
        goes_on = (mutual[nearest] == at) & (distance[at, nearest] < 1.0)
        return living[goes_on], nearest[goes_on]
