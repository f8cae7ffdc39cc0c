"""What the audio callback plays: a processor that can be exchanged for another without a click."""

from collections import deque
from typing import Protocol

import numpy as np

from ..arrays import Float
from .processor import Processor

FADE_SECONDS = 0.03
PATIENCE_SECONDS = 1.5
"""How long a new processor may take to its first dream before it is heard without one."""


class CrossfadeObserver(Protocol):
    """Takes note of what the audio thread does."""

    def swapped(self, processor: Processor) -> None:
        """A processor hears all from the next block on."""

    def began(self, samples: int) -> None:
        """A block of so many samples begins."""

    def played(self, samples: int) -> None:
        """It is done."""


class Crossfader:
    """Plays one processor, and fades to another once that one is as far.

    The audio thread alone calls `process`; any thread may call the rest. Nobody waits.
    """

    def __init__(self, processor: Processor, observer: CrossfadeObserver | None = None) -> None:
        """Play a prepared processor; tell `observer` what happens."""
        self.processor = processor
        """The one that is heard; after a swap, until the fade has ended, still the old one."""
        self.newest = processor
        """The one that was given last, heard already or not."""
        self.retired: deque[Processor] = deque()
        """Those that are not needed any more, for another thread to close."""
        self._given: deque[Processor] = deque()
        self._coming: _Coming | None = None
        self._observer = observer
        if observer is not None:
            observer.swapped(processor)

    @property
    def latency_samples(self) -> int:
        """Of what is heard."""
        return self.processor.latency_samples

    def swap(self, processor: Processor) -> None:
        """Fade to another prepared processor, of the same rate and channels.

        At the next block it takes over what is in the delays, and hears all from then on; it is
        heard itself when its own delays are full and its first dream is there.
        """
        self.newest = processor
        self._given.append(processor)

    def process(self, block: Float) -> Float:
        """Process one block, of any size; see `Processor.process`."""
        if self._coming is None and self._given:
            self._coming = self._welcome()
        if self._observer is not None:
            self._observer.began(block.shape[1])
        out = self.processor.process(block)
        self.added = self.processor.added
        if self._coming is not None and self._coming.fade(block, out, self.added):
            self.retired.append(self.processor)
            self.processor, self._coming = self._coming.processor, None
        if self._observer is not None:
            self._observer.played(block.shape[1])
        return out

    def panic(self) -> None:
        """Let all that sounds die quickly; the sound itself goes on."""
        for processor in self._all():
            processor.panic()

    def align_beat(self, beats: float) -> None:
        """Say where the music is now; see `Processor.align_beat`."""
        for processor in self._all():
            processor.align_beat(beats)

    def close(self) -> None:
        """Close every processor; nothing may be processed any more."""
        for processor in {*self._all(), *self.retired}:
            processor.close()

    def _welcome(self) -> "_Coming":
        processor = self._given.popleft()
        while self._given:  # several at once: only the newest matters
            self.retired.append(processor)
            processor = self._given.popleft()
        processor.adopt(self.processor)
        if self._observer is not None:
            self._observer.swapped(processor)
        return _Coming(processor)

    def _all(self) -> list[Processor]:
        coming = self._coming
        return [self.processor, *self._given, *([coming.processor] if coming is not None else [])]


class _Coming:
    """A processor that hears all already, and is not heard yet, or just begins to be."""

    def __init__(self, processor: Processor) -> None:
        self.processor = processor
        rate = processor.sample_rate
        self._needed = processor.settling_samples
        self._patience = self._needed + round(PATIENCE_SECONDS * rate)
        self._fade = round(FADE_SECONDS * rate)
        self._fed = self._faded = 0

    def fade(self, block: Float, out: Float, added: Float) -> bool:
        """Process a block beside the old one; fade its sound over, and say if that is done.

        Args:
            block: that goes in.
            out, added: of the old one, the shape of `block`; changed in place.
        """
        ready = self._fed >= self._needed and self.processor.dreams_count > 0
        mine = self.processor.process(block)
        count = block.shape[1]
        self._fed += count
        if not ready and self._fed < self._patience:
            return False
        # Both are one sound, more or less, so their amplitudes add up to 1; and what lies between
        # two samples below full scale is below it too.
        rise = (self._faded + np.arange(1, count + 1)) / self._fade
        risen = np.minimum(rise, 1.0).astype(np.float32)
        out += (mine - out) * risen
        added += (self.processor.added - added) * risen
        self._faded += count
        return self._faded >= self._fade
