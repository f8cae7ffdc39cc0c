"""Records what an audio server plays, from the sound memory that it shares."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
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
        path: of the output's file.
        input_path: of the dry input's file; None where it is not recorded.
        active: whether it is still recording.
        seconds: recorded so far.
        lost_seconds: of these, silence in place of sound that could not be read in time.
        problem: what is or was wrong, in one line; empty when nothing is.
    """

    path: Path
    input_path: Path | None = None
    active: bool = False
    seconds: float = 0.0
    lost_seconds: float = 0.0
    problem: str = ""


class Recorder:
    """Writes the sound to a file, from a thread of its own, until it is stopped.

    The file is complete at every moment: when the program is killed, at most the last half second
    is missing. Both files begin at the same sample; the output is later by the processor's
    latency.
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
        beside = path.with_name(f"{path.stem}-input{path.suffix}") if with_input else None
        self._sound, self._memory = sound, memory
        shape = memory.sample_rate, memory.channels
        for file in filter(None, (path, beside)):
            check_growing(file)
        self._files: list[GrowingSound] = []
        with ExitStack() as stack:
            self._files.append(open_growing(path, *shape))
            stack.callback(path.unlink)
            stack.callback(self._files[0].close)
            if beside is not None:
                self._files.append(open_growing(beside, *shape))
            stack.pop_all()
        self._position = memory.output.end
        self._written = self._lost = 0
        self.status = Recording(path, beside, True)
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
                self._lost += count
            for file, sound in zip(self._files, sounds, strict=True):
                silence = np.zeros((memory.channels, count), np.float32)
                file.write(silence if sound is None else sound)
            self._position += count
            self._written += count
            self._report(True)

    def _follow_memory(self) -> None:
        """Change to the new memory where the audio server was started again."""
        if self._memory.current:
            return
        memory = self._sound()
        if memory is None or not memory.current:
            return
        before = self._memory
        shape = memory.channels, memory.sample_rate
        if shape != (before.channels, before.sample_rate):
            raise DeviceError(
                f"the sound has {shape[0]} channels at {shape[1]} Hz now, no longer"
                f" {before.channels} at {before.sample_rate} Hz. Begin another recording."
            )
        self._memory, self._position = memory, 0

    def _read(self, side: RingBuffer, start: int, count: int) -> Float | None:
        """Return a copy of so many samples; None where some are overwritten already."""
        kept = side.capacity - round(MARGIN_SECONDS * self._memory.sample_rate)
        if side.end - start > kept:
            return None
        sound = side.read_at(start, count).copy()
        return sound if side.end - start <= kept else None

    def _report(self, active: bool, problem: str = "") -> None:
        before, rate = self.status, self._memory.sample_rate
        if not problem and self._lost:
            problem = (
                f"{self._lost / rate:.1f} s could not be recorded in time; there is silence in"
                " their place."
            )
        self.status = Recording(
            before.path,
            before.input_path,
            active,
            self._written / rate,
            self._lost / rate,
            problem,
        )


def default_recording(folder: Path) -> Path:
    """Return a path in a folder for a new recording, named by the date."""
    stem = f"innerear-{datetime.now():%Y-%m-%d-%H-%M-%S}"
    names = (f"{stem}.flac", *(f"{stem}-{number}.flac" for number in range(2, 1000)))
    return next(path for name in names if not (path := folder / name).exists())
