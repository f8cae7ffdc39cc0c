"""Runs work that would block the window on a thread of a pool: at once, or each in its turn."""

import sys
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot
from shiboken6 import isValid

from ...engine.errors import InnerearError

Work = Callable[[], object]


class _Signals(QObject):
    """How a task ended, delivered in the thread that made this object."""

    done = Signal(object)
    failed = Signal(str)
    crashed = Signal(object)


class _Task(QRunnable):
    """Runs the work on the pool's thread and emits how it ended."""

    def __init__(self, signals: _Signals, work: Work) -> None:
        super().__init__()
        self._signals, self._work = signals, work

    @Slot()
    def run(self) -> None:
        try:
            result = self._work()
        except InnerearError as problem:
            self._signals.failed.emit(problem.with_title)
        except Exception as problem:  # the hook shows it, in the window's thread
            self._signals.crashed.emit(problem)
        else:
            self._signals.done.emit(result)


_THREADS = 4
"""So many works may wait for an answer at once, whatever the number of cores."""
_running: set[_Signals] = set()
"""The signals of running tasks; Qt does not keep them alive."""


def in_background(
    work: Work,
    done: Callable[[object], None] = lambda result: None,
    failed: Callable[[str], None] = lambda line: None,
    ended: Callable[[], None] = lambda: None,
) -> None:
    """Run work on a thread; call `done` or `failed` in the window's thread when it ends.

    Args:
        work: the function to run.
        done: called with its result.
        failed: called with the message of an `InnerearError`. Other errors go to `sys.excepthook`
            first. A method of a widget that has been closed in the meantime is not called.
        ended: called last, whatever became of the work and of what was called.
    """
    signals = _Signals()
    _running.add(signals)

    def end(then: Callable[[], None]) -> None:
        _running.discard(signals)
        try:
            then()
        finally:
            ended()

    def tell(line: str) -> None:
        if _is_there(failed):
            failed(line)

    def report(problem: Exception) -> None:
        sys.excepthook(type(problem), problem, problem.__traceback__)
        tell(f"{type(problem).__name__}: {problem}")

    def show(result: object) -> None:
        if _is_there(done):
            done(result)

    signals.done.connect(lambda result: end(lambda: show(result)))
    signals.failed.connect(lambda line: end(lambda: tell(line)))
    signals.crashed.connect(lambda problem: end(lambda: report(problem)))
    pool = QThreadPool.globalInstance()
    pool.setMaxThreadCount(max(_THREADS, pool.maxThreadCount()))
    pool.start(_Task(signals, work))


class InTurn:
    """Runs works in the background in the order in which they were asked for, one at a time."""

    def __init__(self) -> None:
        """Run nothing yet."""
        self._begun = self._ended = False
        self._waiting: deque[Callable[[], None]] = deque()

    def run(
        self, work: Work, done: Callable[[object], None], failed: Callable[[str], None]
    ) -> None:
        """Run work as `in_background` does, once all that was asked for before has been told."""

        def tell(result: object) -> None:
            if not self._ended:
                done(result)

        def complain(line: str) -> None:
            if not self._ended:
                failed(line)

        self._waiting.append(lambda: in_background(work, tell, complain, self._next))
        if not self._begun:
            self._next()

    def end(self) -> None:
        """Run no other work, and tell nobody of the one that runs now: those may be gone."""
        self._ended = True
        self._waiting.clear()

    def _next(self) -> None:
        self._begun = bool(self._waiting)
        if self._waiting:
            self._waiting.popleft()()


def _is_there(callback: Callable[..., None]) -> bool:
    """Return whether the Qt object that a method belongs to, if any, still exists."""
    owner = getattr(callback, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)
