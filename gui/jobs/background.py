"""Work that would keep the window waiting, done on a thread beside it."""

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from ...engine.errors import InnerearError

Work = Callable[[], object]


class _Job(QObject):
    done = Signal(object)
    failed = Signal(str)
    crashed = Signal(object)


class _Runner(QRunnable):
    def __init__(self, job: _Job, work: Work) -> None:
        super().__init__()
        self._job, self._work = job, work

    @Slot()
    def run(self) -> None:
        try:
            result = self._work()
        except InnerearError as problem:
            self._job.failed.emit(str(problem))
        except Exception as problem:  # shown by the hook, in the window's own thread
            self._job.crashed.emit(problem)
        else:
            self._job.done.emit(result)


_running: set[_Job] = set()


def in_background(
    work: Work,
    done: Callable[[object], None] = lambda result: None,
    failed: Callable[[str], None] = lambda line: None,
) -> None:
    """Do something on a thread; what follows happens in the window's own.

    Args:
        work: what to do.
        done: called with what it returned.
        failed: called with the one line of an `InnerearError`. Other errors go to `sys.excepthook`.
    """
    job = _Job()
    _running.add(job)

    def end(then: Callable[[], None]) -> None:
        _running.discard(job)
        then()

    def report(problem: Exception) -> None:
        sys.excepthook(type(problem), problem, problem.__traceback__)
        failed(f"{type(problem).__name__}: {problem}")

    job.done.connect(lambda result: end(lambda: done(result)))
    job.failed.connect(lambda line: end(lambda: failed(line)))
    job.crashed.connect(lambda problem: end(lambda: report(problem)))
    QThreadPool.globalInstance().start(_Runner(job, work))


def busy() -> bool:
    """Whether something is still being done."""
    return bool(_running)
