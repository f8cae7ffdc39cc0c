"""Logs a performance while it is played, so that it can be played again bit for bit.

The audio thread only appends what happened to a queue; a thread of its own writes it to the disk,
with the sound itself, which lies in shared memory. So whoever is killed, the log is whole up to
some tenths of a second before.
"""

import platform
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..._version import VERSION as PROGRAM_VERSION
from ..arrays import Float
from ..dreaming.dream import Dream
from ..dsp.ring_buffer import RingBuffer
from ..errors import InnerearError
from ..files import disk_error, write_text
from ..io.crash_safe_writer import GrowingSound, open_growing
from ..ipc.remote_source import RemoteSource
from ..ipc.shared_state import SoundMemory
from ..parameter import Value
from ..parameter_values import ParameterSet
from ..plugin.processor import Processor
from .events import (
    EVENTS_FILE,
    INPUT_FILE,
    PART_FILE,
    VERSION,
    Blocks,
    Cue,
    DreamArrived,
    Event,
    Look,
    Part,
    Prepared,
    Sourced,
    Swap,
    Until,
    Values,
    dreams_file,
    part_name,
    tape_file,
)

WRITE_SECONDS = 0.1
MARGIN_SECONDS = 0.5
"""Sound so close to being written over counts as lost."""


class PerformanceLog:
    """One log, with a part for each stream; see `events.py`."""

    def __init__(self, folder: Path) -> None:
        """Take a folder; it is made where it is missing, and what is in it stays."""
        self.folder = folder
        self.part: PartLog | None = None
        """The part that is written now."""

    def begin(self, memory: SoundMemory) -> "PartLog":
        """Begin a part, for sound that is kept in `memory`.

        Raises:
            InnerearError: it cannot be written.
        """
        self.close()
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as problem:
            raise disk_error(self.folder, problem) from problem
        number = 1
        while (self.folder / part_name(number)).exists():
            number += 1
        self.part = PartLog(self.folder / part_name(number), memory)
        return self.part

    @property
    def problem(self) -> str:
        """Why the log has ended, in words; empty while it goes on."""
        return self.part.problem if self.part is not None else ""

    def close(self) -> None:
        """Write what is left, and end."""
        if self.part is not None:
            self.part.close()
            self.part = None


class PartLog:
    """One part: what happens to the processors of one stream."""

    def __init__(self, folder: Path, memory: SoundMemory) -> None:
        """Make the folder and begin.

        Raises:
            InnerearError: it cannot be written.
        """
        self.position = (0, 0)
        """Blocks and samples played; raised when all that happened in them is in the queue."""
        self.problem = ""
        """Why nothing is written any more, in words."""
        self._block_size = 0
        self._processors = 0
        self._sources = 0
        self._queue: deque[_Item] = deque()
        try:
            folder.mkdir()
        except OSError as problem:
            raise disk_error(folder, problem) from problem
        self._writer = _Writer(folder, memory)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="innerear-log", daemon=True)
        self._thread.start()

    def processor(
        self, parameters: ParameterSet, structural: Mapping[str, Value], block_size: int
    ) -> "LoggedSet":
        """Return the parameters for a new processor, which tell what it takes.

        Args:
            parameters: that it would have otherwise.
            structural: for which it is prepared.
            block_size: for which it is prepared.
        """
        number, self._processors = self._processors, self._processors + 1
        self.append(Prepared(processor=number, structural=dict(structural), block_size=block_size))
        return LoggedSet(parameters, self, number)

    def source(self, parameters: "LoggedSet", source: RemoteSource) -> None:
        """Take note of a processor's source from now on."""
        number, self._sources = self._sources, self._sources + 1
        self.append(
            Sourced(
                source=number,
                processor=parameters.processor,
                model_rate=source.model_rate,
                tape_lag=source.tape_lag,
                allowance=source.update_deadline,
                tape_capacity=source.tape.capacity,
            )
        )
        source.observer = _SourceObserver(self.append, number)

    def values(self, processor: int, take: int, values: dict[str, Value]) -> None:
        """Take note of parameters that have changed."""
        self.append(Values(processor=processor, take=take, sample=self.position[1], values=values))

    def cue(self, processor: int, call: int, beats: float | None) -> None:
        """Take note of a panic or a beat."""
        self.append(Cue(processor=processor, call=call, beats=beats))

    def swapped(self, processor: Processor) -> None:
        """Take note that a processor plays from the next block on; called by the audio thread."""
        parameters = processor.parameters
        if isinstance(parameters, LoggedSet):
            block, sample = self.position
            self.append(Swap(processor=parameters.processor, block=block, sample=sample))

    def began(self, samples: int) -> None:
        """Take note of a block; called by the audio thread before it."""
        if samples != self._block_size:
            self._block_size = samples
            self.append(Blocks(block=self.position[0], samples=samples))

    def played(self, samples: int) -> None:
        """Count a block; called by the audio thread after it."""
        blocks, before = self.position
        self.position = blocks + 1, before + samples

    def append(self, item: "_Item") -> None:
        """Queue something to be written, from any thread."""
        if not self.problem:
            self._queue.append(item)

    def close(self) -> None:
        """Write what is left, and end."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            ending = False
            while not ending:
                ending = self._ending.wait(WRITE_SECONDS)
                # What happened in these blocks is in the queue; what follows may be, in part.
                blocks, samples = self.position
                waiting = [self._queue.popleft() for _ in range(len(self._queue))]
                self._writer.write(waiting, Until(blocks=blocks, samples=samples))
        except (InnerearError, OSError) as problem:
            self.problem = f"The performance is no longer logged: {problem}"
        finally:
            self._queue.clear()
            self._writer.close()


class LoggedSet(ParameterSet):
    """A processor's parameters, which log what it takes of them."""

    def __init__(self, parameters: ParameterSet, log: PartLog, processor: int) -> None:
        """Read through to `parameters`."""
        super().__init__()
        self._parameters, self._log, self.processor = parameters, log, processor
        self._last: dict[str, Value] = {}
        self._takes = 0

    def as_dict(self) -> dict[str, Value]:
        """Return all values, for the processor's snapshot; what has changed is logged."""
        values = self._parameters.as_dict()
        if values != self._last:
            changed = {id: value for id, value in values.items() if value != self._last.get(id)}
            self._log.values(self.processor, self._takes, changed)
            self._last = values
        self._takes += 1
        return dict(values)

    def cue(self, call: int, beats: float | None) -> None:
        """Log a panic or a beat; see `Cue`."""
        self._log.cue(self.processor, call, beats)

    def _read(self, id: str) -> Value:
        return self._parameters[id]

    def _write(self, id: str, value: Value) -> None:
        self._parameters.set(id, value)


class LoggingProcessor(Processor):
    """A processor that hears of panics and beats only between blocks, and logs them."""

    def __init__(self, parameters: LoggedSet, **settings: Any) -> None:
        """Set up as any processor, with parameters that log."""
        self._logged = parameters
        self._cues: deque[float | None] = deque()
        self._calls = 0
        super().__init__(parameters=parameters, **settings)

    def process(self, block: Float) -> Float:
        """Process one block; see `Processor.process`."""
        while self._cues:
            beats = self._cues.popleft()
            self._logged.cue(self._calls, beats)
            if beats is None:
                super().panic()
            else:
                super().align_beat(beats)
        self._calls += 1
        return super().process(block)

    def panic(self) -> None:
        """See `Processor.panic`."""
        self._cues.append(None)

    def align_beat(self, beats: float) -> None:
        """See `Processor.align_beat`."""
        self._cues.append(beats)


@dataclass
class _TapeBegun:
    """A tape whose samples up to the end of each look are to be written."""

    source: int
    link: int
    memory: RingBuffer


@dataclass
class _NewDream:
    event: DreamArrived
    magnitude: Float


@dataclass
class _Closed:
    """A source that is not needed any more."""

    source: int


class _SourceObserver:
    """Queues what a source has to offer, whenever that has changed; on the audio thread."""

    def __init__(self, append: Callable[["_Item"], None], number: int) -> None:
        self._append, self._number = append, number
        self._feeds = self._dreams = 0
        self._link = -1
        self._dream: Dream | None = None
        self._last: tuple[int, ...] = ()

    def looked(self, source: RemoteSource) -> None:
        dream, tape, number = source.newest, source.tape, self._number
        if tape.link_number != self._link:
            self._link = tape.link_number
            self._append(_TapeBegun(number, self._link, tape.memory))
        if dream is not self._dream:
            self._dream = dream
            found = DreamArrived(
                source=number,
                dream=self._dreams,
                heard_until=dream.heard_until,
                target=dream.target,
                objective=dream.objective,
            )
            self._append(_NewDream(found, dream.magnitude))
            self._dreams += 1
        now = self._dreams - 1, source.count, self._link, tape.end - tape.origin, tape.origin
        if now != self._last:
            self._last = now
            newest, count, link, end, origin = now
            self._append(
                Look(
                    source=number,
                    feed=self._feeds,
                    dream=newest,
                    count=count,
                    link=link,
                    end=end,
                    origin=origin,
                )
            )
        self._feeds += 1

    def closed(self) -> None:
        self._append(_Closed(self._number))


_Item = Event | _TapeBegun | _NewDream | _Closed


@dataclass
class _OpenTape:
    memory: RingBuffer
    file: IO[bytes]
    written: int = 0


@dataclass
class _Writer:
    """Writes one part's files; each line of events only after what it speaks of."""

    folder: Path
    memory: SoundMemory
    _input_end: int = field(default=0, init=False)
    _tapes: dict[tuple[int, int], _OpenTape] = field(default_factory=dict, init=False)
    _dreams: dict[int, IO[bytes]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        memory = self.memory
        part = Part(
            version=VERSION,
            sample_rate=memory.sample_rate,
            channels=memory.channels,
            made_by=PROGRAM_VERSION,
            machine=this_machine(),
        )
        write_text(self.folder / PART_FILE, part.model_dump_json(indent=2) + "\n")
        self._input: GrowingSound = open_growing(
            self.folder / INPUT_FILE, memory.sample_rate, memory.channels
        )
        self._events = self._open(EVENTS_FILE)

    def write(self, waiting: list[_Item], until: Until) -> None:
        """Write what happened up to `until`, and some of what followed.

        Raises:
            InnerearError: the disk is full, or was too slow.
            OSError: it is gone.
        """
        lines = []
        for item in waiting:
            if isinstance(item, _TapeBegun):
                at = item.source, item.link
                self._close_tapes(item.source)  # its network was replaced
                self._tapes[at] = _OpenTape(item.memory, self._open(tape_file(*at)))
                continue
            if isinstance(item, _Closed):
                self._close_source(item.source)
                continue
            if isinstance(item, _NewDream):
                self._write_dream(item)
                event: Event = item.event
            else:
                event = item
            if isinstance(event, Look):
                self._write_tape(self._tapes[event.source, event.link], event.end)
            lines.append(event.model_dump_json())
        self._write_input(until.samples)
        lines.append(until.model_dump_json())
        self._events.write("".join(f"{line}\n" for line in lines).encode())

    def close(self) -> None:
        self._input.close()
        for file in (self._events, *self._dreams.values(), *(t.file for t in self._tapes.values())):
            file.close()

    def _close_tapes(self, source: int) -> None:
        for at in [at for at in self._tapes if at[0] == source]:
            self._tapes.pop(at).file.close()

    def _close_source(self, source: int) -> None:
        self._close_tapes(source)
        if source in self._dreams:
            self._dreams.pop(source).close()

    def _open(self, name: str) -> IO[bytes]:
        return (self.folder / name).open("xb", buffering=0)

    def _write_dream(self, dream: _NewDream) -> None:
        source = dream.event.source
        if source not in self._dreams:
            self._dreams[source] = self._open(dreams_file(source))
        self._dreams[source].write(dream.magnitude.astype("<f4").tobytes())

    def _write_tape(self, tape: _OpenTape, end: int) -> None:
        sound = self._read(tape.memory, tape.written, end)
        tape.file.write(sound.astype("<f4").tobytes())
        tape.written = end

    def _write_input(self, end: int) -> None:
        if end > self._input_end:
            self._input.write(self._read(self.memory.input, self._input_end, end))
            self._input_end = end

    def _read(self, ring_buffer: RingBuffer, start: int, end: int) -> Float:
        margin = round(MARGIN_SECONDS * self.memory.sample_rate)
        sound = ring_buffer.read_at(start, end - start).copy() if end > start else None
        if ring_buffer.end - start > ring_buffer.capacity - margin:
            raise InnerearError("the disk is too slow.")
        return np.zeros((1, 0), np.float32) if sound is None else sound


def this_machine() -> str:
    """Return the processor, the system and the libraries that decide how numbers are rounded."""
    parts = (
        platform.processor() or platform.machine(),
        platform.system(),
        f"Python {platform.python_version()}",
        f"numpy {np.__version__}",
    )
    return " ".join(parts)
