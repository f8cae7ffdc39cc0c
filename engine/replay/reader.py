"""Reads a performance log, which may come from anybody, and checks everything in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from ..arrays import Float
from ..errors import InnerearError
from ..files import parse_json
from ..former_defaults import former_defaults
from ..io.audio_files import SoundReader
from ..parameter import Value
from ..parameters import PARAMETERS, find_parameter
from .events import (
    EVENTS,
    EVENTS_FILE,
    INPUT_FILE,
    PART_FILE,
    VERSION,
    BlockSizeChanged,
    Cue,
    DreamArrived,
    Event,
    Part,
    Prepared,
    SourceAdded,
    SourceState,
    Swapped,
    ValuesTaken,
    Written,
    dreams_file,
    part_name,
    tape_file,
)
from .version1 import read_event as read_event_of_version_1

LONGEST_LINE = 262_144
_DEFAULTS = {id: parameter.default for id, parameter in PARAMETERS.items()}
_STRUCTURAL = {id for id, parameter in PARAMETERS.items() if parameter.structural}
_READ_EVENT: dict[int, Callable[[object], Event]] = {
    1: read_event_of_version_1,
    **dict.fromkeys(range(2, VERSION + 1), EVENTS.validate_python),
}
"""Version of the format -> what makes an event of plain data, or raises ValidationError."""


@dataclass
class LoggedSource:
    """What a log says about a source of dreams.

    Attributes:
        about: its lags and rate.
        dreams: in the order in which they arrived.
        states: number of calls of `feed` before -> what it had to offer from there on.
        spectra: (dreams, bins).
        tapes: connection -> the waveform of its finished dreams.
    """

    about: SourceAdded
    dreams: list[DreamArrived] = field(default_factory=list)
    states: dict[int, SourceState] = field(default_factory=dict)
    spectra: Float = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    tapes: dict[int, Float] = field(default_factory=dict)


@dataclass
class LoggedProcessor:
    """What a log says about a processor. A call is the number of calls of `process` before.

    Attributes:
        about: what it was prepared for.
        structural: the structural values that it was prepared for, by parameter id.
        sources: of its dreams, in order.
        prepared: the values of all parameters when it was prepared; empty where the log has none.
        resets: call -> the values that had changed when it was reset before.
        blocks: call -> the values that had changed when its block began.
        cues: call -> clears (None) and beats at the beginning of its block.
    """

    about: Prepared
    structural: dict[str, Value]
    sources: list[LoggedSource] = field(default_factory=list)
    prepared: dict[str, Value] = field(default_factory=dict)
    resets: dict[int, dict[str, Value]] = field(default_factory=dict)
    blocks: dict[int, dict[str, Value]] = field(default_factory=dict)
    cues: dict[int, list[float | None]] = field(default_factory=dict)


class LoggedPart:
    """One part of a log, checked.

    Attributes:
        part: what it is a log of.
        processors: by number.
        swaps: block -> the processor that begins to process the input there.
        played: how much was played.
        changes: how often a parameter changed.
    """

    def __init__(self, folder: Path, number: int = 1) -> None:
        """Read a part of the log in `folder`.

        Raises:
            InnerearError: there is none, or it cannot have been written by an audio server.
        """
        self._folder = folder / part_name(number)
        if not self._folder.is_dir():
            parts = count_parts(folder)
            raise InnerearError(
                f"{folder} has no part {number}: it has {parts}"
                if parts
                else f"{folder} is no performance log: it has no folder {part_name(1)}"
            )
        self.part = self._read_part()
        former = former_defaults(self.part.version)
        self._defaults: Mapping[str, Value] = {**_DEFAULTS, **former}
        self.processors: dict[int, LoggedProcessor] = {}
        self.swaps: dict[int, int] = {}
        self.played = Written(blocks=0, samples=0)
        self.changes = 0
        self._sources: dict[int, LoggedSource] = {}
        self._sizes: list[BlockSizeChanged] = []
        handlers: dict[type, Callable[..., None]] = {
            Prepared: self._add_processor,
            SourceAdded: self._add_source,
            ValuesTaken: self._add_values,
            Swapped: self._add_swap,
            Cue: self._add_cue,
            BlockSizeChanged: self._add_block_size,
            DreamArrived: self._add_dream,
            SourceState: self._add_state,
            Written: self._add_written,
        }
        for line, event in self._events():
            try:
                handlers[type(event)](event)
            except (InnerearError, KeyError, IndexError) as problem:
                raise self._wrong(f"{EVENTS_FILE}, line {line}: {problem}") from problem
        self._check()

    def sizes(self) -> Iterator[int]:
        """Yield the length of each block."""
        changes = iter([*self._sizes, None])
        following, size = next(changes), 0
        for block in range(self.played.blocks):
            while following is not None and following.block <= block:
                size, following = following.samples, next(changes)
            yield size

    def _samples(self) -> int:
        """Return how long all blocks are together, however many a log says there are."""
        ends = [*(change.block for change in self._sizes[1:]), self.played.blocks]
        return sum(
            change.samples * max(0, min(end, self.played.blocks) - change.block)
            for change, end in zip(self._sizes, ends, strict=True)
        )

    def input(self) -> SoundReader:
        """Open the input as it was, NaN included."""
        return SoundReader(self._file(INPUT_FILE), finite=False)

    def _events(self) -> Iterator[tuple[int, Event]]:
        """Yield each event with the number of its line, from 1."""
        read_event = _READ_EVENT[self.part.version]
        with self._file(EVENTS_FILE).open("rb") as file:
            number = 0
            while text := file.readline(LONGEST_LINE):
                number += 1
                if not text.endswith(b"\n"):
                    if len(text) == LONGEST_LINE:
                        raise self._wrong(f"{EVENTS_FILE}, line {number} is too long")
                    return  # it was being written when the program was killed
                try:
                    yield number, read_event(parse_json(text))
                except ValidationError as problem:
                    error = problem.errors()[0]
                    where = ".".join(str(part) for part in error["loc"])
                    message = f"{EVENTS_FILE}, line {number}: {where}: {error['msg']}"
                    raise self._wrong(message) from problem
                except ValueError as problem:
                    raise self._wrong(f"{EVENTS_FILE}, line {number} is no JSON") from problem

    def _add_processor(self, event: Prepared) -> None:
        if event.processor != len(self.processors):
            raise InnerearError("processors have to be numbered in order")
        if unknown := set(event.structural) - _STRUCTURAL:
            raise InnerearError(f"structural cannot have {', '.join(sorted(unknown))}")
        _check_values(event.structural)
        # What this log's program did not have yet is as it was.
        structural = {id: self._defaults[id] for id in _STRUCTURAL} | event.structural
        self.processors[event.processor] = LoggedProcessor(event, structural)

    def _add_source(self, event: SourceAdded) -> None:
        if event.source != len(self._sources):
            raise InnerearError("sources have to be numbered in order")
        self._sources[event.source] = source = LoggedSource(event)
        self._processor(event.processor).sources.append(source)

    def _add_values(self, event: ValuesTaken) -> None:
        _check_values(event.values)
        processor = self._processor(event.processor)
        if event.moment == "prepare" and not processor.prepared:
            processor.prepared = {**self._defaults, **event.values}
            return
        self.changes += len(event.values)
        if event.moment == "prepare":
            processor.prepared |= event.values
        else:
            changes = processor.resets if event.moment == "reset" else processor.blocks
            changes[event.call] = event.values

    def _add_swap(self, event: Swapped) -> None:
        self._processor(event.processor)
        self.swaps[event.block] = event.processor

    def _add_cue(self, event: Cue) -> None:
        self._processor(event.processor).cues.setdefault(event.call, []).append(event.beats)

    def _add_block_size(self, event: BlockSizeChanged) -> None:
        if self._sizes and event.block <= self._sizes[-1].block:
            raise InnerearError("blocks have to come in order")
        self._sizes.append(event)

    def _add_dream(self, event: DreamArrived) -> None:
        source = self._source(event.source)
        if event.dream != len(source.dreams):
            raise InnerearError("dreams have to be numbered in order")
        source.dreams.append(event)

    def _add_state(self, event: SourceState) -> None:
        source = self._source(event.source)
        if event.dream >= len(source.dreams):
            raise InnerearError(f"there is no dream {event.dream}")
        source.states[event.feed] = event

    def _add_written(self, event: Written) -> None:
        self.played = event

    def _processor(self, number: int) -> LoggedProcessor:
        if number not in self.processors:
            raise InnerearError(f"there is no processor {number}")
        return self.processors[number]

    def _source(self, number: int) -> LoggedSource:
        if number not in self._sources:
            raise InnerearError(f"there is no source {number}")
        return self._sources[number]

    def _check(self) -> None:
        """Check what only the whole log shows, and open the files beside it."""
        if self.played.blocks == 0:
            raise self._wrong("nothing was played in it")
        if 0 not in self.swaps or not self._sizes or self._sizes[0].block != 0:
            raise self._wrong("its beginning is missing")
        if self._samples() != self.played.samples:
            raise self._wrong("its blocks are not as long as its sound")
        for processor in self.processors.values():
            self._open_sources(processor)
        for number in self.swaps.values():
            processor = self.processors[number]
            each = processor.structural["channel_mode"] == "each"
            if len(processor.sources) != (self.part.channels if each else 1):
                raise self._wrong(f"processor {number} has too few or too many sources of dreams")
            if not processor.prepared:
                raise self._wrong(f"the values of processor {number} are missing")
        with self.input() as sound:
            form = sound.sample_rate, sound.channels
            if form != (self.part.sample_rate, self.part.channels):
                raise self._wrong(f"{INPUT_FILE} has another rate or number of channels")
            if sound.samples < self.played.samples:
                raise self._wrong(f"{INPUT_FILE} is too short")

    def _open_sources(self, processor: LoggedProcessor) -> None:
        bins = int(processor.structural["n_fft"]) // 2 + 1
        for source in processor.sources:
            number = source.about.source
            if source.dreams:
                numbers = self._numbers(dreams_file(number), len(source.dreams) * bins)
                source.spectra = numbers.reshape(-1, bins)
            ends: dict[int, int] = {}
            for state in source.states.values():
                ends[state.connection] = max(state.end, ends.get(state.connection, 0))
            for connection, end in ends.items():
                source.tapes[connection] = self._numbers(tape_file(number, connection), end)

    def _numbers(self, name: str, count: int) -> Float:
        """Return the first numbers of a file."""
        path = self._file(name)
        if path.stat().st_size < 4 * count:
            raise self._wrong(f"{name} is too short")
        if count == 0:
            return np.zeros(0, np.float32)
        return np.memmap(path, "<f4", "r", shape=(count,))

    def _file(self, name: str) -> Path:
        path = self._folder / name
        if path.is_symlink() or not path.is_file():
            raise self._wrong(f"{name} is missing")
        return path

    def _read_part(self) -> Part:
        with self._file(PART_FILE).open("rb") as file:
            text = file.read(LONGEST_LINE)
        try:
            data = parse_json(text)
            version = data.get("version") if isinstance(data, dict) else None
            if version not in _READ_EVENT:
                raise self._wrong(f"it has version {version!r}; this program reads 1 to {VERSION}")
            return Part.model_validate(data)
        except ValidationError as problem:
            error = problem.errors()[0]
            raise self._wrong(f"{PART_FILE}: {error['loc'][0]}: {error['msg']}") from problem
        except ValueError as problem:
            raise self._wrong(f"{PART_FILE} is no JSON") from problem

    def _wrong(self, what: str) -> InnerearError:
        return InnerearError(f"{self._folder} cannot be replayed: {what}")


def count_parts(folder: Path) -> int:
    """Return how many parts a log has."""
    number = 0
    while (folder / part_name(number + 1)).is_dir():
        number += 1
    return number


def _check_values(values: dict[str, Value]) -> None:
    for id, value in values.items():
        if find_parameter(id).check(value) != value:
            raise InnerearError(f"{id} cannot be {value!r}")
