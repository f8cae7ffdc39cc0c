"""Records what an audio server plays, from the sound memory that it shares."""

import itertools
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from ..arrays import Float
from ..dsp.ring_buffer import RingBuffer
from ..errors import AudioFileError, DeviceError
from ..io.crash_safe_writer import GrowingSound, check_growing, open_growing
from ..ipc.shared_state import SoundMemory

POLL_SECONDS = 0.1
PIECE_SECONDS = 1.0
"""The most sound that is read at once."""
MARGIN_SECONDS = 0.5
"""Sound that will be overwritten within this time counts as lost."""


@dataclass(frozen=True)
class Recording:
    """How a recording is doing.

    Attributes:
        path: of the output's newest file.
        input_path: of the dry input's newest file; None where it is not recorded.
        part: number of the newest file, which is behind its name from the second on.
        active: whether it is still recording.
        seconds: recorded so far, all parts together.
        lost_seconds: of these, silence in place of sound that could not be read in time.
        problem: what is or was wrong, in one line; empty when nothing is.
    """

    path: Path
    input_path: Path | None = None
    part: int = 1
    active: bool = False
    seconds: float = 0.0
    lost_seconds: float = 0.0
    problem: str = ""


class Recorder:
    """Writes the sound to a file, from a thread of its own, until it is stopped.

    The file is complete at every moment: when the program is killed, at most the last half second
    is missing. Both files begin at the same sample; the output is later by the processor's
    latency. While no sound comes it waits; where the sound comes back at another rate or with
    other channels, it goes on in a new part.
    """

    def __init__(
        self, sound: Callable[[], SoundMemory | None], path: Path, with_input: bool = False
    ) -> None:
        """Begin to record.

        Args:
            sound: returns the present sound memory; None while nothing plays.
            path: of a new file, .flac (24 bit) or .wav (32-bit float).
            with_input: record the dry input too, in a file beside it whose name ends in `-input`.

        Raises:
            DeviceError: nothing plays.
            AudioFileError: a file is there already, or cannot be made.
        """
        memory = sound()
        if memory is None:
            raise DeviceError("Nothing plays that could be recorded: start it first.")
        self._sound, self._memory = sound, memory
        self._first = path
        beside = _beside(path) if with_input else None
        self._files = _open_files(memory, path, beside)
        self._position = memory.output.end
        self._written_seconds = self._lost_seconds = 0.0
        self.status = Recording(path, beside, active=True)
        """How it is doing."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="innerear-record", daemon=True)
        self._thread.start()

    def stop(self) -> Recording:
        """Record up to now, close the files and return how it went."""
        self._stopping.set()
        self._thread.join()
        return self.status

    def _run(self) -> None:
        problem = ""
        try:
            while not self._stopping.wait(POLL_SECONDS):
                self._catch_up()
            self._catch_up()
        except (AudioFileError, DeviceError) as failure:
            problem = f"The recording stopped: {failure}"
        finally:
            for file in self._files:
                file.close()
            self._report(False, problem)

    def _catch_up(self) -> None:
        """Write everything that was played since the last call."""
        self._follow_memory()
        memory = self._memory
        piece = round(PIECE_SECONDS * memory.sample_rate)
        end = min(memory.output.end, memory.input.end)
        while self._position < end:
            count = min(piece, end - self._position)
            sides = memory.output, memory.input
            sounds = [self._read(side, self._position, count) for side in sides[: len(self._files)]]
            if any(sound is None for sound in sounds):
                self._lost_seconds += count / memory.sample_rate
            for file, sound in zip(self._files, sounds, strict=True):
                silence = np.zeros((memory.channels, count), np.float32)
                file.write(silence if sound is None else sound)
            self._position += count
            self._written_seconds += count / memory.sample_rate
            self._report(True)

    def _follow_memory(self) -> None:
        """Change to the new memory where the audio server was started again."""
        if self._memory.current:
            return
        memory = self._sound()
        if memory is None or not memory.current:
            return
        before, self._memory, self._position = self._memory, memory, 0
        if (memory.channels, memory.sample_rate) != (before.channels, before.sample_rate):
            self._begin_part()

    def _begin_part(self) -> None:
        """Go on in a new file: a sound file has one rate."""
        for file in self._files:
            file.close()
        self._files = []
        part, path = _next_part(self._first, self.status.part)
        beside = None if self.status.input_path is None else _beside(path)
        self._files = _open_files(self._memory, path, beside)
        self.status = replace(self.status, path=path, input_path=beside, part=part)

    def _read(self, side: RingBuffer, start: int, count: int) -> Float | None:
        """Return a copy of so many samples; None where some are overwritten already."""
        kept = side.capacity - round(MARGIN_SECONDS * self._memory.sample_rate)
        if side.end - start > kept:
            return None
        sound = side.read_at(start, count).copy()
        return sound if side.end - start <= kept else None

    def _report(self, active: bool, problem: str = "") -> None:
        if not problem and self._lost_seconds:
            problem = (
                f"{self._lost_seconds:.1f} s could not be recorded in time; there is silence in"
                " their place."
            )
        self.status = replace(
            self.status,
            active=active,
            seconds=self._written_seconds,
            lost_seconds=self._lost_seconds,
            problem=problem,
        )


def _open_files(memory: SoundMemory, path: Path, beside: Path | None) -> list[GrowingSound]:
    """Make the files of a part, all or none."""
    paths = [path] if beside is None else [path, beside]
    for file in paths:
        check_growing(file)
    made: list[GrowingSound] = []
    with ExitStack() as stack:
        for file in paths:
            made.append(open_growing(file, memory.sample_rate, memory.channels))
            stack.callback(file.unlink)
            stack.callback(made[-1].close)
        stack.pop_all()
    return made


def _beside(path: Path) -> Path:
    """Return the file of the dry input."""
    return path.with_name(f"{path.stem}-input{path.suffix}")


def _next_part(first: Path, part: int) -> tuple[int, Path]:
    """Return the first number above `part` of which there is no file yet, and its file."""
    numbered = (
        (number, first.with_name(f"{first.stem}-{number}{first.suffix}"))
        for number in itertools.count(part + 1)
    )
    return next(
        (number, path)
        for number, path in numbered
        if not path.exists() and not _beside(path).exists()
    )


def default_recording(folder: Path) -> Path:
    """Return a path in a folder for a new recording, named by the date."""
    stem = f"innerear-{datetime.now():%Y-%m-%d-%H-%M-%S}"
    names = (f"{stem}.flac", *(f"{stem}-{number}.flac" for number in range(2, 1000)))
    return next(path for name in names if not (path := folder / name).exists())
