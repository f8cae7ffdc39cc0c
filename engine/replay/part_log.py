"""Logs one part of a performance while it is played.

The audio thread only appends what happened to a queue. A thread of its own writes that to the disk
ten times a second, with the sound itself, which is in shared memory. So the log is whole up to some
tenths of a second before, whichever process is killed.
"""

import threading
from pathlib import Path

from ..files import disk_error
from ..ipc.shared_state import SoundMemory
from ..plugin.processor import Processor
from .events import BlockSizeChanged, Swapped, Written
from .log_queue import LogQueue
from .logging_processor import ProcessorLog
from .part_writer import PartWriter

WRITE_SECONDS = 0.1


class PartLog:
    """A `CrossfadeObserver` that logs one part: the blocks and processors of one stream.

    Attributes:
        problem: why nothing is written any more, in words; empty while it is.
    """

    def __init__(self, folder: Path, memory: SoundMemory) -> None:
        """Make the folder and begin.

        Raises:
            InnerearError: it cannot be written.
        """
        self.problem = ""
        self._block_size = 0
        self._queue = LogQueue()
        try:
            folder.mkdir()
        except OSError as problem:
            raise disk_error(folder, problem) from problem
        self._writer = PartWriter(folder, memory)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="innerear-log", daemon=True)
        self._thread.start()

    def new_processor(self) -> ProcessorLog:
        """Return the log for a new processor; see `LoggingProcessor`."""
        return ProcessorLog(self._queue)

    def swapped(self, processor: Processor) -> None:
        """Log that a processor processes the input from the next block on; on the audio thread."""
        if isinstance(processor.observer, ProcessorLog):
            block, sample = self._queue.position
            self._queue.append(
                Swapped(processor=processor.observer.number, block=block, sample=sample)
            )

    def began(self, samples: int) -> None:
        """Log a block, before it is processed; on the audio thread."""
        if samples != self._block_size:
            self._block_size = samples
            self._queue.append(BlockSizeChanged(block=self._queue.position[0], samples=samples))

    def played(self, samples: int) -> None:
        """Count a block, after it was processed; on the audio thread."""
        blocks, before = self._queue.position
        self._queue.position = blocks + 1, before + samples

    def close(self) -> None:
        """Write what is left, and end."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            ending = False
            while not ending:
                ending = self._ending.wait(WRITE_SECONDS)
                # All entries of these blocks are in the queue; of later ones, some may be.
                blocks, samples = self._queue.position
                self._writer.write(self._queue.take(), Written(blocks=blocks, samples=samples))
        except Exception as problem:  # whatever it is, the performance goes on, and is told of it
            self.problem = f"The performance is no longer logged: {problem}"
        finally:
            self._queue.close()
            self._writer.close()
