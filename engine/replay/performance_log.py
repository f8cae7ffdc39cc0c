"""Logs a performance in a folder, with a part for each stream."""

from pathlib import Path

from ..files import disk_error
from ..ipc.shared_state import SoundMemory
from .events import part_name
from .part_log import PartLog


class PerformanceLog:
    """The log of one performance; see `events.py` for its format.

    Attributes:
        folder: where it is.
        part: the part that is being written; None before the first and after `close`.
    """

    def __init__(self, folder: Path) -> None:
        """Use a folder. It is made where it is missing, and what is in it stays."""
        self.folder = folder
        self.part: PartLog | None = None

    def begin(self, memory: SoundMemory) -> PartLog:
        """Begin a part, for the sound that is kept in `memory`.

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
