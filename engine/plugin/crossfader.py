"""Exchanges the processor that plays for another without a click."""

from collections import deque
from typing import Protocol

import numpy as np

from ..arrays import Float
from .processor import Processor

FADE_SECONDS = 0.03
MAX_WAIT_SECONDS = 1.5
"""The fade to a new processor starts after this time even if it has no dream yet."""


class CrossfadeObserver(Protocol):
    """Is called by the audio thread when a processor or a block begins or ends."""

    def swapped(self, processor: Processor) -> None:
        """A processor gets every block from the next one on."""

    def began(self, samples: int) -> None:
        """A block of `samples` samples begins."""

    def played(self, samples: int) -> None:
        """The block has been processed."""


class Crossfader:
    """Plays one processor, and fades to another once that one is ready.

    Only the audio thread calls `process`, and one other thread at a time `swap`; any thread may
    call the other methods. No method waits.
    """

    def __init__(self, processor: Processor, observer: CrossfadeObserver | None = None) -> None:
        """Play a prepared processor; call `observer` at each block and swap."""
        self.processor = processor
        """The processor that is heard; after a swap the old one, until the fade has ended."""
        self.newest = processor
        """The processor that was passed last, whether it is heard already or not."""
        self.retired: deque[Processor] = deque()
        """Processors that are no longer used; another thread closes them."""
        self._waiting: deque[Processor] = deque()
        """The processor that comes next, if any."""
        self._incoming: _Incoming | None = None
        self._observer = observer
        if observer is not None:
            observer.swapped(processor)

    @property
    def latency_samples(self) -> int:
        """The latency of the processor that is heard, in samples."""
        return self.processor.latency_samples

    def swap(self, processor: Processor) -> None:
        """Fade to another prepared processor, of the same rate and channels.

        At the next block it takes over the content of the delays, and gets every block from then
        on. The fade starts when its own delays are full and it has its first dream.
        """
        self.newest = processor
        if (overtaken := self._next()) is not None:  # only the newest matters
            self.retired.append(overtaken)
        self._waiting.append(processor)

    def process(self, block: Float, sidechain: Float | None = None) -> Float:
        """Process one block, of any size; see `Processor.process`."""
        if self._incoming is None and self._waiting and (processor := self._next()) is not None:
            self._incoming = self._begin(processor)
        if self._observer is not None:
            self._observer.began(block.shape[1])
        out = self.processor.process(block, sidechain)
        self.added = self.processor.added
        if self._incoming is not None and self._incoming.fade(block, sidechain, out, self.added):
            self.retired.append(self.processor)
            self.processor, self._incoming = self._incoming.processor, None
        if self._observer is not None:
            self._observer.played(block.shape[1])
        return out

    def clear(self) -> None:
        """Fade out dream and feedback quickly; the dry sound goes on. See `Processor.clear`."""
        for processor in self._all():
            processor.clear()

    def align_beat(self, beats: float) -> None:
        """Set the present position in the music; see `Processor.align_beat`."""
        for processor in self._all():
            processor.align_beat(beats)

    def close(self) -> None:
        """Close every processor; `process` may not be called any more."""
        for processor in {*self._all(), *self.retired}:
            processor.close()

    def _next(self) -> Processor | None:
        """Take the processor that waits; the audio thread and another may do so at once."""
        try:
            return self._waiting.popleft()
        except IndexError:
            return None

    def _begin(self, processor: Processor) -> "_Incoming":
        processor.adopt(self.processor)
        if self._observer is not None:
            self._observer.swapped(processor)
        return _Incoming(processor)

    def _all(self) -> list[Processor]:
        coming = self._incoming
        return [self.processor, *self._waiting, *([coming.processor] if coming is not None else [])]


class _Incoming:
    """A processor that gets every block already, before and during the fade to it."""

    def __init__(self, processor: Processor) -> None:
        self.processor = processor
        rate = processor.sample_rate
        self._needed = processor.settling_samples
        self._max_wait = self._needed + round(MAX_WAIT_SECONDS * rate)
        self._fade = round(FADE_SECONDS * rate)
        self._fed = self._faded = 0

    def fade(self, block: Float, sidechain: Float | None, out: Float, added: Float) -> bool:
        """Process a block, and fade from the old processor's sound; return whether that is done.

        Args:
            block, sidechain: the input; see `Processor.process`.
            out, added: what the old processor made of it, the shape of `block`; changed in place.
        """
        ready = self._fed >= self._needed and self.processor.dreams_count > 0
        mine = self.processor.process(block, sidechain)
        count = block.shape[1]
        self._fed += count
        if not ready and self._fed < self._max_wait:
            return False
        # Both are one sound, more or less, so their amplitudes add up to 1; and what lies between
        # two samples below full scale is below it too.
        rise = (self._faded + np.arange(1, count + 1)) / self._fade
        risen = np.minimum(rise, 1.0).astype(np.float32)
        out += (mine - out) * risen
        added += (self.processor.added - added) * risen
        self._faded += count
        return self._faded >= self._fade
