"""Undo and redo of what was turned by hand; all turns of one gesture are one step."""

import time
from collections.abc import Callable

from PySide6.QtGui import QUndoCommand, QUndoStack

from .parameter_controller import Change, ParameterController

SAME_SECONDS = 0.8
"""Turns of the same knobs that follow each other so soon are one, as of a wheel or a key."""
_ID = 1


class _Turn(QUndoCommand):
    def __init__(self, controller: ParameterController, change: Change, now: float) -> None:
        super().__init__(change.text)
        self._controller, self._change, self._time = controller, change, now
        self._done = True  # when it is recorded it has happened

    def id(self) -> int:
        return _ID

    def redo(self) -> None:
        if not self._done:
            self._controller.attempt(lambda: self._controller.apply(self._change.after))
        self._done = True

    def undo(self) -> None:
        self._controller.attempt(lambda: self._controller.apply(self._change.before))
        self._done = False

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Turn) or other._change.after.keys() != self._change.after.keys():
            return False
        mine, theirs = self._change, other._change
        same = mine.gesture == theirs.gesture != 0
        if not same and (mine.gesture or theirs.gesture or other._time - self._time > SAME_SECONDS):
            return False
        self._change = Change(mine.before, theirs.after, theirs.text, theirs.gesture)
        self._time = other._time
        return True


def undo_stack(
    controller: ParameterController, now: Callable[[], float] = time.monotonic
) -> QUndoStack:
    """Return a stack that records what is turned at a controller.

    Args:
        controller: whose `record` it becomes.
        now: the clock, in seconds.
    """
    stack = QUndoStack()
    stack.setUndoLimit(500)
    controller.record = lambda change: stack.push(_Turn(controller, change, now()))
    return stack
