"""Keeps the state of the controls in a session's folder, while an audio server plays."""

import time
from collections.abc import Callable
from pathlib import Path

from ..errors import InnerearError
from .control_dispatcher import ControlDispatcher
from .control_state import ControlState, read_control_state, save_control_state

KEEP_SECONDS = 0.5
"""Pause between two looks at what another server would go on with."""


class ControlStateFile:
    """What one audio server begins with, and leaves to the next one."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        """Read what a server before, or a client, has left in the folder.

        Args:
            folder: of the session.
            say: shows a problem to people; the sound plays on.
        """
        self._folder, self._say = folder, say
        self._next = 0.0
        self.state = self._read()
        """What the file holds."""

    def follow(self, dispatcher: ControlDispatcher) -> None:
        """Let a dispatcher go on with what a client has chosen while the server was opening."""
        found = self._read()
        if found != self.state:
            self.state = found
            dispatcher.state = found

    def keep(self, dispatcher: ControlDispatcher, at_once: bool = False) -> None:
        """Write preset and slots where they have changed, for a restart.

        Args:
            dispatcher: whose they are.
            at_once: now; otherwise only every `KEEP_SECONDS`.
        """
        now = time.monotonic()
        if now < self._next and not at_once:
            return
        self._next = now + KEEP_SECONDS
        if dispatcher.state != self.state and self._folder.exists():
            self.state = dispatcher.state
            try:
                save_control_state(self._folder, self.state)
            except InnerearError as problem:
                self._say(str(problem))

    def _read(self) -> ControlState:
        try:
            return read_control_state(self._folder)
        except InnerearError as problem:  # a preset of an older version, say
            self._say(str(problem))
            return ControlState()
