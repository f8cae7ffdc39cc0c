"""Dreams of a whole sound, computed in a thread of their own, a little ahead of the processor.

Where the network hears the sound as it comes in, and nothing that comes back from the output, its
dreams do not wait for the processor. They are handed over moment by moment, so that the processor
finds at each hop exactly what it would have found alone: the result is the same to the last bit.
"""

import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import Float
from ..dreaming.dream import Dream, DreamSource, MakeSource, Tape
from ..dsp.stft import FRAMES_PER_WINDOW
from ..parameter_values import Values
from .dream_bank import finite, mixed

HOPS_AHEAD = 16
"""How many hops the dreams may be ahead: a short part of what a tape keeps."""


def can_dream_ahead(values: Values) -> bool:
    """Say whether the network hears the input as it is, in one stream for all channels."""
    return (
        values.number("feedback") == 0.0
        and values.number("input_db") == 0.0
        and values.text("channel_mode") != "each"
    )


class DreamsAhead:
    """Makes the source of a processor that gets all of its sound from `through`."""

    def __init__(self, make: MakeSource) -> None:
        """Get ready.

        Args:
            make: makes a source that computes in `feed` what is due.
        """
        self._make = make

    def make(self, values: Values, sample_rate: int, n_fft: int) -> DreamSource:
        """Return the source; see `MakeSource`."""
        self._source = _SourceAhead(
            self._make(values, sample_rate, n_fft), n_fft // FRAMES_PER_WINDOW
        )
        return self._source

    def through(self, blocks: Iterable[Float]) -> Iterator[Float]:
        """Yield the blocks that are to be processed, after the network has got some more of them.

        Args:
            blocks: float32 (channels, any number of samples).
        """
        waiting: deque[Float] = deque()
        samples = 0
        for block in blocks:
            self._source.hear(block)
            waiting.append(block)
            samples += block.shape[1]
            while samples - waiting[0].shape[1] > HOPS_AHEAD * self._source.hop:
                samples -= waiting[0].shape[1]
                yield waiting.popleft()
        self._source.hear(None)
        yield from waiting


@dataclass(frozen=True)
class _Moment:
    """What a source gives at the end of a hop."""

    sound: Float
    newest: Dream
    count: int
    problem: str
    tape_end: int


class _TapeUntil:
    """A tape that goes on, as far as it went at one moment."""

    def __init__(self, tape: Tape, kept_back: int) -> None:
        self._tape = tape
        self.capacity = tape.capacity - kept_back
        self.end = tape.end

    def read_at(self, start: int, count: int) -> Float:
        return self._tape.read_at(start, count)


class _SourceAhead:
    """A source that feeds another with the sound to come, and gives its results at their time."""

    def __init__(self, source: DreamSource, hop: int) -> None:
        self.hop = hop
        self._source = source
        self.model_rate, self.tape_lag = source.model_rate, source.tape_lag
        self.update_deadline = source.update_deadline
        self._sounds: queue.SimpleQueue[Float | None] = queue.SimpleQueue()
        self._moments: queue.Queue[_Moment | Exception] = queue.Queue(HOPS_AHEAD)
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_ahead = True
        # The source is ahead by what waits, what it computes now, and what it has just given.
        self.tape = _TapeUntil(source.tape, (HOPS_AHEAD + 2) * hop)
        self._show(self._moment(np.zeros((1, 0), np.float32)))

    @property
    def newest(self) -> Dream:
        return self._now.newest

    @property
    def count(self) -> int:
        return self._now.count

    @property
    def problem(self) -> str:
        return self._now.problem

    def hear(self, block: Float | None) -> None:
        """Take sound to come, (channels, samples); None says that silence follows."""
        if self._is_ahead:  # else nobody takes it
            self._sounds.put(None if block is None else mixed(finite(block)))

    def feed(self, sound: Float, sidechain: Float | None = None) -> None:
        if not self._is_ahead:
            self._source.feed(sound, sidechain)
            self._show(self._moment(sound))
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="innerear-dreams", daemon=True)
            self._thread.start()
        moment = self._moments.get()
        if isinstance(moment, Exception):
            raise moment
        if sidechain is not None or not np.array_equal(moment.sound, sound):
            raise RuntimeError("The network heard another sound ahead than the processor fed it.")
        self._show(moment)

    def reset(self) -> None:
        """Clear all; from the first sound on, dreams come when they are due, and no earlier."""
        if self._thread is not None:
            self._stop()
            self._is_ahead = False
        self._source.reset()
        self._show(self._moment(np.zeros((1, 0), np.float32)))

    def close(self) -> None:
        self._stop()
        self._source.close()

    def _stop(self) -> None:
        self._ends.set()
        self._sounds.put(None)
        while self._thread is not None and self._thread.is_alive():
            try:  # a thread that waits for room goes on, and sees that it shall end
                self._moments.get(timeout=0.01)
            except queue.Empty:
                self._thread.join(0.01)

    def _run(self) -> None:
        try:
            for sound in self._hops():
                self._source.feed(sound)
                self._moments.put(self._moment(sound))
                if self._ends.is_set():
                    return
        except Exception as problem:  # raised where the processor feeds the sound
            self._moments.put(problem)

    def _hops(self) -> Iterator[Float]:
        waiting = np.zeros((1, 0), np.float32)
        has_ended = False
        while not self._ends.is_set():
            while waiting.shape[1] < self.hop:
                new = None if has_ended else self._sounds.get()
                has_ended = new is None
                more = np.zeros((1, self.hop), np.float32) if new is None else new
                waiting = np.concatenate((waiting, more), axis=1)
            yield waiting[:, : self.hop]
            waiting = waiting[:, self.hop :]

    def _moment(self, sound: Float) -> _Moment:
        source = self._source
        return _Moment(sound, source.newest, source.count, source.problem, source.tape.end)

    def _show(self, moment: _Moment) -> None:
        self._now = moment
        self.tape.end = moment.tape_end
