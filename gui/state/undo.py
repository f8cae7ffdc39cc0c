"""Undo and redo of parameter changes; all turns of one gesture are one step. No Qt."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from .parameter_controller import TURNS, Change, ParameterController

SAME_SECONDS = 0.8
"""Turns by wheel or keys, of the same parameters, are one step where no longer is between two."""
_LIMIT = 500

UndoObserver = Callable[[], None]


@dataclass(frozen=True)
class _Step:
    change: Change
    time: float

    def merged(self, later: "_Step") -> "_Step | None":
        """Return both steps as one, or None if they are separate."""
        mine, theirs = self.change, later.change
        if theirs.after.keys() != mine.after.keys():
            return None
        if mine.gesture != theirs.gesture:
            return None
        if mine.gesture == TURNS and later.time - self.time > SAME_SECONDS:
            return None
        change = Change(mine.before, theirs.after, theirs.text, theirs.gesture)
        return _Step(change, later.time)


class UndoHistory:
    """Records the changes that a controller makes, and takes them back step by step."""

    def __init__(
        self, controller: ParameterController, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Become the controller's `record`.

        Args:
            controller: whose changes are recorded.
            now: the clock, in seconds.
        """
        self._controller, self._now = controller, now
        self._steps: list[_Step] = []
        self._done = 0
        """How many of the steps are done; the others were undone and can be redone."""
        self._observers: list[UndoObserver] = []
        controller.record = self._record

    def __len__(self) -> int:
        """Return how many steps are known, undone ones included."""
        return len(self._steps)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._done > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return self._done < len(self._steps)

    @property
    def undo_text(self) -> str:
        """What `undo` takes back, in words; empty if there is nothing."""
        return self._steps[self._done - 1].change.text if self.can_undo else ""

    @property
    def redo_text(self) -> str:
        """What `redo` does again, in words; empty if there is nothing."""
        return self._steps[self._done].change.text if self.can_redo else ""

    def undo(self) -> None:
        """Take the last step back, if there is one."""
        if self.can_undo:
            self._done -= 1
            change = self._steps[self._done].change
            self._controller.attempt(lambda: self._controller.take_back(change))
            self._notify()

    def redo(self) -> None:
        """Do the last step that was undone again, if there is one."""
        if self.can_redo:
            change = self._steps[self._done].change
            self._done += 1
            self._controller.attempt(lambda: self._controller.do_again(change))
            self._notify()

    def observe(self, observer: UndoObserver) -> Callable[[], None]:
        """Call a function now and whenever there is something else to undo or redo.

        Returns:
            A function that ends the observation.
        """
        self._observers.append(observer)
        observer()
        return lambda: self._observers.remove(observer)

    def _record(self, change: Change) -> None:
        del self._steps[self._done :]
        step = _Step(change, self._now())
        merged = self._steps[-1].merged(step) if self._steps else None
        if merged is not None:
            self._steps[-1] = merged
        else:
            self._steps = [*self._steps, step][-_LIMIT:]
        self._done = len(self._steps)
        self._notify()

    def _notify(self) -> None:
        for observer in tuple(self._observers):
            observer()
