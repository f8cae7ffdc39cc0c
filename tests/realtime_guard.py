"""A checker for the real-time path: what the audio callback must not do while it runs.

The callback has 2.7 ms for a block of 128 samples at 48 kHz. So it may not allocate much, open a
file or anything else of the system, log or print, or wait for another thread. The guard notices
each of these in the thread that runs the callback, whatever code does it:

    guarded = realtime_guard.watch(crossfader.process)
    out = guarded(block)   # raises RealtimeViolation, which says what was done

Locks, events and queues must be made after the fixture `realtime_guard`, or it cannot see them.
What C code allocates without Python (a Fourier transform's plan) or waits for is not seen.
"""

import gc
import logging
import os
import queue
import sys
import threading
import time
import traceback
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import synchronize
from typing import Any, ParamSpec, TypeVar

import pytest

LARGEST_ALLOCATION = 256 * 1024
"""Bytes that may be in use at once within a block of 128 samples, beyond those before it.

A block needs some 60 kB at the default filter window of 1024 samples with two channels, and twice
that while two processors fade. What is below the limit stays in a small core's second-level cache;
a copy of something that is kept for seconds (a tape, a recording) is far above it.
"""

_FORBIDDEN = (
    *("open", "import", "mmap.", "socket.", "subprocess.", "shutil.", "tempfile."),
    *("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.kill"),
    *("os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"),
)
"""How audit events begin that stand for files, sockets and programs; see `sys.addaudithook`."""
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class RealtimeViolation(AssertionError):
    """The audio callback did what it must not do."""


class RealtimeGuard:
    """Watches one thread while it is in a callback."""

    def __init__(self) -> None:
        self.limit: int | None = LARGEST_ALLOCATION
        self.peak = 0
        """The most that a callback has allocated so far, in bytes."""
        self._thread: int | None = None
        self._found: list[str] = []

    def watch(self, function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        """Return a function that runs another one as the audio callback would."""

        def watched(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
            with self.callback():
                return function(*arguments, **named)

        return watched

    @contextmanager
    def callback(self) -> Iterator[None]:
        """Count what the calling thread does in here as done by the audio callback.

        Raises:
            RealtimeViolation: it did what it must not do; the message says what, and where.
        """
        self._found = []
        collects = gc.isenabled()
        gc.disable()  # what others have left behind is not the callback's
        with warnings.catch_warnings(record=True) as caught, _watched_streams(self):
            warnings.simplefilter("always")
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            self._thread = threading.get_ident()
            try:
                yield
            finally:
                self._thread = None
                _, peak = tracemalloc.get_traced_memory()
                if collects:
                    gc.enable()
        self.peak = max(self.peak, peak - before)
        self._found += [f"warned: {warning.message}" for warning in caught]
        if self.limit is not None and peak - before > self.limit:
            self._found.append(f"allocated {peak - before:,} bytes, more than {self.limit:,}")
        if self._found:
            raise RealtimeViolation("The audio callback " + "; ".join(self._found))

    @property
    def is_watching(self) -> bool:
        """Whether the calling thread is in a callback."""
        return self._thread == threading.get_ident()

    def note(self, what: str) -> None:
        """Take note of a violation, if the calling thread is in a callback."""
        if self.is_watching:
            self._thread = None  # to look for the place is not the callback's doing
            place = next(
                (
                    f"{os.path.basename(frame.f_code.co_filename)}:{line}"
                    for frame, line in traceback.walk_stack(sys._getframe())
                    if frame.f_code.co_filename != __file__
                    and "/lib/python" not in frame.f_code.co_filename
                ),
                "?",
            )
            self._found.append(f"{what} ({place})")
            self._thread = threading.get_ident()

    def refuse(self, what: str) -> None:
        """Take note of a violation, and raise: to go on would be to wait."""
        if self.is_watching:
            self.note(what)
            raise RealtimeViolation(what)


_guards: list[RealtimeGuard] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _guards and _guards[-1].is_watching and event.startswith(_FORBIDDEN):
        _guards[-1].note(f"did {event} {arguments[:1]}")


class _WatchedLock:
    """A lock that says when the callback has to wait for it."""

    def __init__(self, lock: Any, guard: RealtimeGuard) -> None:
        self._lock, self._guard = lock, guard

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self._lock.acquire(False):
            return True
        if not blocking:
            return False
        self._guard.refuse("waited for a lock that is held elsewhere")
        return bool(self._lock.acquire(True, timeout))

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lock, name)


class _WatchedStream:
    """A text stream that says when the callback writes to it."""

    def __init__(self, stream: Any, guard: RealtimeGuard, name: str) -> None:
        self._stream, self._guard, self._name = stream, guard, name

    def write(self, text: str) -> Any:
        self._guard.note(f"wrote to {self._name}")
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _watched_streams(guard: RealtimeGuard) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout = _WatchedStream(sys.stdout, guard, "stdout")  # type: ignore[assignment]
    sys.stderr = _WatchedStream(sys.stderr, guard, "stderr")  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _install(guard: RealtimeGuard, patch: pytest.MonkeyPatch) -> None:
    """Replace what waits, sleeps, logs and writes by what tells the guard first."""
    for name in ("Lock", "RLock", "_allocate_lock"):
        original = getattr(threading, name)
        patch.setattr(threading, name, lambda make=original: _WatchedLock(make(), guard))

    class WatchedQueue(queue.SimpleQueue):  # type: ignore[type-arg]
        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            if block and self.empty():
                guard.refuse("waited for an empty queue")
            return super().get(block, timeout)

    patch.setattr(queue, "SimpleQueue", WatchedQueue)

    make_methods = synchronize.SemLock._make_methods  # type: ignore[attr-defined]

    def watched_methods(self: Any) -> None:
        make_methods(self)
        acquire = self.acquire

        def watched(block: bool = True, timeout: float | None = None) -> bool:
            if acquire(False):
                return True
            if not block:
                return False
            guard.refuse("waited for a semaphore of another process")
            return bool(acquire(True, timeout))

        self.acquire = watched

    patch.setattr(synchronize.SemLock, "_make_methods", watched_methods)

    def telling(function: Any, what: str) -> Any:
        def told(*arguments: Any, **named: Any) -> Any:
            guard.note(what)
            return function(*arguments, **named)

        return told

    patch.setattr(time, "sleep", telling(time.sleep, "slept"))
    patch.setattr(os, "write", telling(os.write, "wrote to a file"))
    is_enabled = logging.Logger.isEnabledFor
    patch.setattr(logging.Logger, "isEnabledFor", telling(is_enabled, "logged"))


@pytest.fixture
def realtime_guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[RealtimeGuard]:
    """Return a guard; make what is watched after it."""
    if not getattr(sys, "_realtime_guard_hook", False):
        sys.addaudithook(_audit)  # cannot be removed; it does nothing without a guard
        sys._realtime_guard_hook = True  # type: ignore[attr-defined]
    guard = RealtimeGuard()
    _install(guard, monkeypatch)
    started = not tracemalloc.is_tracing()
    if started:
        tracemalloc.start()
    _guards.append(guard)
    try:
        yield guard
    finally:
        _guards.remove(guard)
        if started:
            tracemalloc.stop()
