"""Reads a performance log, which may come from anybody, and believes nothing unchecked."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from ..arrays import Float
from ..errors import InnerearError
from ..io.audio_files import SoundReader
from ..parameter import Value
from ..parameters import PARAMETERS, find_parameter
from .events import (
    EVENTS,
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

LONGEST_LINE = 262_144
_STRUCTURAL = {id for id, parameter in PARAMETERS.items() if parameter.structural}


@dataclass
class LoggedSource:
    """What is known of a source of dreams.

    Attributes:
        about: its lags and rate.
        dreams: in the order in which they were found.
        looks: what it had to offer, by the frame from which on.
        magnitudes: (dreams, bins).
        tapes: link -> the waveform of its finished dreams.
    """

    about: Sourced
    dreams: list[DreamArrived] = field(default_factory=list)
    looks: dict[int, Look] = field(default_factory=dict)
    magnitudes: Float = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    tapes: dict[int, Float] = field(default_factory=dict)


@dataclass
class LoggedProcessor:
    """What is known of a processor.

    Attributes:
        about: for what it was prepared.
        sources: of its dreams, in order.
        values: what changed, by the count of takes.
        cues: panics (None) and beats, by the count of its blocks.
    """

    about: Prepared
    sources: list[LoggedSource] = field(default_factory=list)
    values: dict[int, dict[str, Value]] = field(default_factory=dict)
    cues: dict[int, list[float | None]] = field(default_factory=dict)


class LoggedPart:
    """One part of a log, checked.

    Attributes:
        part: what it is about.
        processors: by number.
        swaps: block -> the processor that begins to play there.
        until: how much was played.
        changes: how often a parameter was turned.
    """

    def __init__(self, folder: Path, number: int = 1) -> None:
        """Read a part of the log in `folder`.

        Raises:
            InnerearError: there is none, or it cannot be what an instrument has written.
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
        self.processors: dict[int, LoggedProcessor] = {}
        self.swaps: dict[int, int] = {}
        self.until = Until(blocks=0, samples=0)
        self.changes = 0
        self._sources: dict[int, LoggedSource] = {}
        self._sizes: list[Blocks] = []
        takers: dict[type, Callable[..., None]] = {
            Prepared: self._prepared,
            Sourced: self._sourced,
            Values: self._values,
            Swap: self._swap,
            Cue: self._cue,
            Blocks: self._blocks,
            DreamArrived: self._found,
            Look: self._look,
            Until: self._until,
        }
        for line, event in self._events():
            try:
                takers[type(event)](event)
            except (InnerearError, KeyError, IndexError) as problem:
                raise self._wrong(f"{EVENTS_FILE}, line {line}: {problem}") from problem
        self._check()

    def sizes(self) -> Iterator[int]:
        """Yield the length of each block."""
        changes = iter([*self._sizes, None])
        following, size = next(changes), 0
        for block in range(self.until.blocks):
            while following is not None and following.block <= block:
                size, following = following.samples, next(changes)
            yield size

    def input(self) -> SoundReader:
        """Open the sound that came in, as it was, numbers or not."""
        return SoundReader(self._file(INPUT_FILE), finite=False)

    def _events(self) -> Iterator[tuple[int, Event]]:
        with self._file(EVENTS_FILE).open("rb") as file:
            number = 0
            while text := file.readline(LONGEST_LINE):
                number += 1
                if not text.endswith(b"\n"):
                    if len(text) == LONGEST_LINE:
                        raise self._wrong(f"{EVENTS_FILE}, line {number} is too long")
                    return  # it was being written when the program was killed
                try:
                    yield number, EVENTS.validate_python(json.loads(text))
                except ValidationError as problem:
                    error = problem.errors()[0]
                    where = ".".join(str(part) for part in error["loc"])
                    said = f"{EVENTS_FILE}, line {number}: {where}: {error['msg']}"
                    raise self._wrong(said) from problem
                except (ValueError, RecursionError) as problem:
                    raise self._wrong(f"{EVENTS_FILE}, line {number} is no JSON") from problem

    def _prepared(self, event: Prepared) -> None:
        if event.processor != len(self.processors):
            raise InnerearError("processors have to be numbered in order")
        if set(event.structural) != _STRUCTURAL:
            raise InnerearError(f"structural has to name {', '.join(sorted(_STRUCTURAL))}")
        _check_values(event.structural)
        self.processors[event.processor] = LoggedProcessor(event)

    def _sourced(self, event: Sourced) -> None:
        if event.source != len(self._sources):
            raise InnerearError("sources have to be numbered in order")
        self._sources[event.source] = source = LoggedSource(event)
        self._processor(event.processor).sources.append(source)

    def _values(self, event: Values) -> None:
        _check_values(event.values)
        processor = self._processor(event.processor)
        if event.take == 0 and set(event.values) != set(PARAMETERS):
            raise InnerearError("the first values have to be of all parameters")
        processor.values[event.take] = event.values
        self.changes += len(event.values) if event.take > 0 else 0

    def _swap(self, event: Swap) -> None:
        self._processor(event.processor)
        self.swaps[event.block] = event.processor

    def _cue(self, event: Cue) -> None:
        self._processor(event.processor).cues.setdefault(event.call, []).append(event.beats)

    def _blocks(self, event: Blocks) -> None:
        if self._sizes and event.block <= self._sizes[-1].block:
            raise InnerearError("blocks have to come in order")
        self._sizes.append(event)

    def _found(self, event: DreamArrived) -> None:
        source = self._source(event.source)
        if event.dream != len(source.dreams):
            raise InnerearError("dreams have to be numbered in order")
        source.dreams.append(event)

    def _look(self, event: Look) -> None:
        source = self._source(event.source)
        if event.dream >= len(source.dreams):
            raise InnerearError(f"there is no dream {event.dream}")
        source.looks[event.feed] = event

    def _until(self, event: Until) -> None:
        self.until = event

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
        if self.until.blocks == 0:
            raise self._wrong("nothing was played in it")
        if 0 not in self.swaps or not self._sizes or self._sizes[0].block != 0:
            raise self._wrong("its beginning is missing")
        if sum(self.sizes()) != self.until.samples:
            raise self._wrong("its blocks are not as long as its sound")
        for processor in self.processors.values():
            self._open_sources(processor)
        for number in self.swaps.values():
            processor = self.processors[number]
            each = processor.about.structural["channel_mode"] == "each"
            if len(processor.sources) != (self.part.channels if each else 1):
                raise self._wrong(f"processor {number} has too few or too many sources of dreams")
            if 0 not in processor.values:
                raise self._wrong(f"the values of processor {number} are missing")
        with self.input() as sound:
            form = sound.sample_rate, sound.channels
            if form != (self.part.sample_rate, self.part.channels):
                raise self._wrong(f"{INPUT_FILE} has another rate or number of channels")
            if sound.samples < self.until.samples:
                raise self._wrong(f"{INPUT_FILE} is too short")

    def _open_sources(self, processor: LoggedProcessor) -> None:
        bins = int(processor.about.structural["n_fft"]) // 2 + 1
        for source in processor.sources:
            number = source.about.source
            if source.dreams:
                numbers = self._numbers(dreams_file(number), len(source.dreams) * bins)
                source.magnitudes = numbers.reshape(-1, bins)
            ends: dict[int, int] = {}
            for look in source.looks.values():
                ends[look.link] = max(look.end, ends.get(look.link, 0))
            for link, end in ends.items():
                source.tapes[link] = self._numbers(tape_file(number, link), end)

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
            data = json.loads(text)
            version = data.get("version") if isinstance(data, dict) else None
            if version != VERSION:
                raise self._wrong(f"it has version {version!r}; this program reads {VERSION}")
            return Part.model_validate(data)
        except ValidationError as problem:
            error = problem.errors()[0]
            raise self._wrong(f"{PART_FILE}: {error['loc'][0]}: {error['msg']}") from problem
        except (ValueError, RecursionError) as problem:
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
