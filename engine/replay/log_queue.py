"""What happened in a performance, on its way from the audio thread to the thread that writes it."""

from collections import deque
from dataclasses import dataclass
from itertools import count

from ..arrays import Float
from ..dsp.ring_buffer import RingBuffer
from .events import DreamArrived, Event


@dataclass
class TapeOpened:
    """A source has a new tape, of which each `SourceState` says how much is to be written."""

    source: int
    connection: int
    tape: RingBuffer


@dataclass
class DreamWithSpectrum:
    """A dream arrived; its spectrum, (bins,), goes to a file of its own."""

    event: DreamArrived
    spectrum: Float


@dataclass
class SourceClosed:
    """A source is not needed any more."""

    source: int


Entry = Event | TapeOpened | DreamWithSpectrum | SourceClosed


class LogQueue:
    """Takes entries from any thread without waiting, and counts what was played.

    Attributes:
        position: blocks and samples played; raised when all entries of them are in the queue.
        is_open: whether entries are still taken.
    """

    def __init__(self) -> None:
        """Start empty, at the first block."""
        self.position = (0, 0)
        self.is_open = True
        self._entries: deque[Entry] = deque()
        self._processors, self._sources = count(), count()

    def next_processor(self) -> int:
        """Return the number for a processor that is being prepared."""
        return next(self._processors)

    def next_source(self) -> int:
        """Return the number for a new source."""
        return next(self._sources)

    def append(self, entry: Entry) -> None:
        """Add an entry; it is dropped where the queue is closed."""
        if self.is_open:
            self._entries.append(entry)

    def take(self) -> list[Entry]:
        """Remove and return all entries. Called by the writing thread alone."""
        return [self._entries.popleft() for _ in range(len(self._entries))]

    def close(self) -> None:
        """Take no more entries, and drop those that are left."""
        self.is_open = False
        self._entries.clear()
