"""A processor whose values, clears and beats are logged, with the blocks where they take effect."""

from collections import deque
from typing import Any

from ..arrays import Float
from ..ipc.remote_source import RemoteSource
from ..parameter import Value
from ..parameter_values import Values, structural_values
from ..plugin.processor import Processor
from .events import Cue, Moment, Prepared, ValuesTaken
from .log_queue import LogQueue
from .source_log import SourceLog


class ProcessorLog:
    """A `ProcessorObserver` that logs the values that a processor takes.

    Attributes:
        number: the processor's number in the log; a new one each time that it is prepared.
    """

    def __init__(self, queue: LogQueue) -> None:
        """Log into `queue`."""
        self.number = -1
        self._queue = queue
        self._calls = 0
        self._last: dict[str, Value] = {}

    def prepared(self, values: Values, block_size: int | None) -> None:
        """Log all values, and for what the processor is prepared."""
        self.number, self._calls, self._last = self._queue.next_processor(), 0, {}
        structural = structural_values(values)
        self._queue.append(
            Prepared(processor=self.number, structural=structural, block_size=block_size)
        )
        self._append(values.as_dict(), "prepare")

    def reset(self, values: Values) -> None:
        """Log a reset, with the values that have changed."""
        self._append(values.as_dict(), "reset")

    def block(self, values: Values) -> None:
        """Log the values that have changed before a block, and count the block."""
        now = values.as_dict()
        if now != self._last:
            self._append(now, "block")
        self._calls += 1

    def cue(self, beats: float | None) -> None:
        """Log a clear (None) or a beat before the next block."""
        self._queue.append(Cue(processor=self.number, call=self._calls, beats=beats))

    def add_source(self, source: RemoteSource) -> None:
        """Log what a source of the processor, which is being prepared, has to offer."""
        source.observer = SourceLog(self._queue, self.number, source)

    def _append(self, now: dict[str, Value], moment: Moment) -> None:
        changed = {id: value for id, value in now.items() if value != self._last.get(id)}
        self._last = now
        self._queue.append(
            ValuesTaken(
                processor=self.number,
                moment=moment,
                call=self._calls,
                sample=self._queue.position[1],
                values=changed,
            )
        )


class LoggingProcessor(Processor):
    """A processor that logs clears and beats, and lets them take effect when a block begins."""

    def __init__(self, log: ProcessorLog, **settings: Any) -> None:
        """Set up as any processor; see `Processor`."""
        super().__init__(**settings)
        self.observer = self._log = log
        self._cues: deque[float | None] = deque()

    def process(self, block: Float, sidechain: Float | None = None) -> Float:
        """Process one block; see `Processor.process`."""
        while self._cues:
            beats = self._cues.popleft()
            self._log.cue(beats)
            if beats is None:
                super().clear()
            else:
                super().align_beat(beats)
        return super().process(block, sidechain)

    def clear(self) -> None:
        """See `Processor.clear`."""
        self._cues.append(None)

    def align_beat(self, beats: float) -> None:
        """See `Processor.align_beat`."""
        self._cues.append(beats)
