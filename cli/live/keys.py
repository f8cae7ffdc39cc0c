"""Keys and lines typed on a terminal while the program runs."""

import os
import re
import select
import sys
from types import TracebackType
from typing import Any, Self

from .typed import TypedLines

LINE_KEY = ":"
_SEQUENCE = re.compile(r"\x1b[\[O][0-9;]*.")
"""What an arrow key and its like send."""
_ESCAPE, _BACKSPACES, _ENTERS = "\x1b", ("\x7f", "\b"), ("\n", "\r")


class Keys:
    """On a terminal: single keys, and lines that begin with a colon. Elsewhere: lines alone."""

    def __init__(self) -> None:
        """Begin with the terminal as it is; the `with` block makes keys arrive one by one."""
        self.line: str | None = None
        """What is typed of a line so far; None while keys count alone."""
        self._lines = TypedLines()
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        """Let keys arrive one by one, where there is a terminal."""
        try:
            import termios
            import tty
        except ImportError:  # Windows: lines alone
            return self
        if sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty():
            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""
        if self._before is not None:
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def wait(self, seconds: float) -> tuple[list[str], list[str]]:
        """Return the keys and the lines that were typed, after at most `seconds`."""
        if self._before is None:
            return [], self._lines.wait(seconds)
        file = sys.stdin.fileno()
        if not select.select([file], [], [], seconds)[0]:
            return [], []
        return self._sort(os.read(file, 1024).decode(errors="ignore"))

    def _sort(self, typed: str) -> tuple[list[str], list[str]]:
        keys: list[str] = []
        lines: list[str] = []
        for character in _SEQUENCE.sub("", typed):
            if self.line is None:
                if character == LINE_KEY:
                    self.line = ""
                else:
                    keys.append(character)
            elif character in _ENTERS:
                if self.line.strip():
                    lines.append(self.line.strip())
                self.line = None
            elif character == _ESCAPE:
                self.line = None
            elif character in _BACKSPACES:
                self.line = self.line[:-1]
            elif character.isprintable():
                self.line += character
        return keys, lines
