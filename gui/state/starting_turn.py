"""Lets windows that are opened at the same moment start the sound one after the other. No Qt."""

import time
from contextlib import suppress
from typing import IO

from ...engine.errors import InnerearError
from ...engine.live.registry import runtime_folder

WAIT_SECONDS = 10.0
"""A window that takes longer to start the sound is waited for no longer."""
_LOOK_SECONDS = 0.02


class StartingTurn:
    """The turn of one window to look for a sound that plays, and to start one where none does.

    The next window then finds that sound, and joins it. A turn ends with its process at the latest.
    """

    def __init__(self, seconds: float = WAIT_SECONDS) -> None:
        """Wait for the turn.

        Args:
            seconds: at most; then the window goes on without.
        """
        self._file: IO[bytes] | None = None
        try:
            import fcntl

            place = runtime_folder() / "starting.lock"
        except (ImportError, InnerearError):  # another system; or no folder, which is said later
            return
        with suppress(OSError):
            self._file = file = place.open("ab")
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                with suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                time.sleep(_LOOK_SECONDS)

    def end(self, *_: object) -> None:
        """Let the next window begin; nothing happens the second time."""
        if self._file is not None:
            self._file.close()
            self._file = None
