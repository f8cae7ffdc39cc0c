"""Writes the files of one part of a performance log."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from ..._version import VERSION as PROGRAM_VERSION
from ..arrays import Float
from ..dsp.ring_buffer import RingBuffer
from ..errors import InnerearError
from ..files import write_text
from ..io.crash_safe_writer import GrowingSound, open_growing
from ..ipc.shared_state import SoundMemory
from .events import (
    EVENTS_FILE,
    INPUT_FILE,
    PART_FILE,
    VERSION,
    Event,
    Part,
    SourceState,
    Written,
    dreams_file,
    tape_file,
)
from .log_queue import DreamWithSpectrum, Entry, SourceClosed, TapeOpened
from .machine import this_machine

MARGIN_SECONDS = 0.5
"""Sound that will be written over within this time counts as lost."""


@dataclass
class _Tape:
    memory: RingBuffer
    file: IO[bytes]
    written: int = 0


class PartWriter:
    """Writes entries, and the sound that they are about; each line of events after its data."""

    def __init__(self, folder: Path, memory: SoundMemory) -> None:
        """Make the files.

        Args:
            folder: of the part, empty.
            memory: where the input is kept for some seconds.

        Raises:
            InnerearError: the disk is full or refuses.
            OSError: likewise.
        """
        self._folder, self._memory = folder, memory
        self._input_end = 0
        self._tapes: dict[tuple[int, int], _Tape] = {}
        self._dreams: dict[int, IO[bytes]] = {}
        part = Part(
            version=VERSION,
            sample_rate=memory.sample_rate,
            channels=memory.channels,
            made_by=PROGRAM_VERSION,
            machine=this_machine(),
        )
        write_text(folder / PART_FILE, part.model_dump_json(indent=2) + "\n")
        self._input: GrowingSound = open_growing(
            folder / INPUT_FILE, memory.sample_rate, memory.channels
        )
        self._events = self._open(EVENTS_FILE)

    def write(self, entries: list[Entry], written: Written) -> None:
        """Write entries and the input.

        Args:
            entries: all of the blocks up to `written`, and some of later ones.
            written: how much was played.

        Raises:
            InnerearError: the disk is full, or was too slow.
            OSError: it is gone.
        """
        lines = [event.model_dump_json() for entry in entries if (event := self._write(entry))]
        self._write_input(written.samples)
        lines.append(written.model_dump_json())
        self._events.write("".join(f"{line}\n" for line in lines).encode())

    def close(self) -> None:
        """Close all files."""
        self._input.close()
        tapes = (tape.file for tape in self._tapes.values())
        for file in (self._events, *self._dreams.values(), *tapes):
            file.close()

    def _write(self, entry: Entry) -> Event | None:
        """Write the data of an entry; return its event, where it has one."""
        if isinstance(entry, TapeOpened):
            at = entry.source, entry.connection
            self._close_tapes(entry.source)  # its network was replaced
            self._tapes[at] = _Tape(entry.tape, self._open(tape_file(*at)))
            return None
        if isinstance(entry, SourceClosed):
            self._close_tapes(entry.source)
            if entry.source in self._dreams:
                self._dreams.pop(entry.source).close()
            return None
        if isinstance(entry, DreamWithSpectrum):
            self._write_dream(entry)
            return entry.event
        if isinstance(entry, SourceState):
            self._write_tape(self._tapes[entry.source, entry.connection], entry.end)
        return entry

    def _close_tapes(self, source: int) -> None:
        for at in [at for at in self._tapes if at[0] == source]:
            self._tapes.pop(at).file.close()

    def _open(self, name: str) -> IO[bytes]:
        return (self._folder / name).open("xb", buffering=0)

    def _write_dream(self, dream: DreamWithSpectrum) -> None:
        source = dream.event.source
        if source not in self._dreams:
            self._dreams[source] = self._open(dreams_file(source))
        self._dreams[source].write(dream.spectrum.astype("<f4").tobytes())

    def _write_tape(self, tape: _Tape, end: int) -> None:
        sound = self._read(tape.memory, tape.written, end)
        tape.file.write(sound.astype("<f4").tobytes())
        tape.written = end

    def _write_input(self, end: int) -> None:
        if end > self._input_end:
            self._input.write(self._read(self._memory.input, self._input_end, end))
            self._input_end = end

    def _read(self, ring_buffer: RingBuffer, start: int, end: int) -> Float:
        margin = round(MARGIN_SECONDS * self._memory.sample_rate)
        sound = ring_buffer.read_at(start, end - start).copy() if end > start else None
        if ring_buffer.end - start > ring_buffer.capacity - margin:
            raise InnerearError("the disk is too slow.")
        return np.zeros((1, 0), np.float32) if sound is None else sound
