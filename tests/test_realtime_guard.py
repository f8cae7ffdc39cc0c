"""The guard of the real-time path finds each kind of violation, and nothing else."""

import logging
import os
import queue
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from .realtime_guard import LARGEST_ALLOCATION, RealtimeGuard, RealtimeViolation


def _allocates() -> None:
    np.ones(LARGEST_ALLOCATION // 4 + 1000, np.float32)


def _opens() -> None:
    Path(__file__).read_bytes()


def _connects() -> None:
    socket.socket().close()


def _starts_a_program() -> None:
    subprocess.run([sys.executable, "--version"], capture_output=True, check=True)


def _lists_a_folder() -> None:
    os.listdir()


def _logs() -> None:
    logging.getLogger("innerear").warning("a block")


def _logs_what_is_not_shown() -> None:
    logging.getLogger("innerear").debug("a block")


def _prints() -> None:
    print("a block")


def _writes_to_stderr() -> None:
    sys.stderr.write("a block\n")


def _writes_by_number() -> None:
    os.write(1, b"")


def _warns() -> None:
    warnings.warn("a block", stacklevel=1)


def _divides_by_zero() -> None:
    np.ones(1) / np.zeros(1)


def _sleeps() -> None:
    time.sleep(0.0)


def _imports() -> None:
    import colorsys  # noqa: F401


VIOLATIONS: dict[str, tuple[Callable[[], None], str]] = {
    function.__name__: (function, words)
    for function, words in (
        (_allocates, "allocated"),
        (_opens, "did open"),
        (_connects, "did socket"),
        (_starts_a_program, "did subprocess"),
        (_lists_a_folder, "did os.listdir"),
        (_logs, "logged"),
        (_logs_what_is_not_shown, "logged"),
        (_prints, "wrote to stdout"),
        (_writes_to_stderr, "wrote to stderr"),
        (_writes_by_number, "wrote to a file"),
        (_warns, "warned: a block"),
        (_divides_by_zero, "warned: divide by zero"),
        (_sleeps, "slept"),
        (_imports, "did import"),
    )
}


def test_a_violation_is_found(realtime_guard: RealtimeGuard) -> None:
    for function, words in VIOLATIONS.values():
        sys.modules.pop("colorsys", None)
        with pytest.raises(RealtimeViolation, match=words):
            realtime_guard.watch(function)()
        function()  # outside of the callback anybody may


def test_a_violation_is_found_where_the_callback_swallows_errors(
    realtime_guard: RealtimeGuard,
) -> None:
    def callback(function: Callable[[], None]) -> None:
        try:
            function()
        except Exception:
            return

    for function, words in VIOLATIONS.values():
        sys.modules.pop("colorsys", None)
        with pytest.raises(RealtimeViolation, match=words):
            realtime_guard.watch(callback)(function)


def _held_elsewhere(lock: "threading.Lock") -> Callable[[], None]:
    """Let another thread hold a lock; return what ends that."""
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            release.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()

    def end() -> None:
        release.set()
        thread.join()

    return end


@pytest.mark.parametrize("make", ["Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore"])
def test_a_lock_that_is_held_elsewhere_is_found(realtime_guard: RealtimeGuard, make: str) -> None:
    lock = getattr(threading, make)()
    take = realtime_guard.watch(lock.acquire)
    end = _held_elsewhere(lock)
    try:
        with pytest.raises(RealtimeViolation, match="waited for a lock"):
            take()
        assert not realtime_guard.watch(lambda: lock.acquire(blocking=False))()
    finally:
        end()
    assert take()  # it is free: nobody waits


def test_waiting_for_another_thread_is_found(realtime_guard: RealtimeGuard) -> None:
    event = threading.Event()
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    with pytest.raises(RealtimeViolation, match="waited for a lock"):
        realtime_guard.watch(event.wait)()
    with pytest.raises(RealtimeViolation, match="waited for an empty queue"):
        realtime_guard.watch(waiting.get)()
    event.set()
    waiting.put(1)
    assert realtime_guard.watch(event.wait)()
    assert realtime_guard.watch(waiting.get)() == 1


def test_other_threads_may_do_all_that_meanwhile(realtime_guard: RealtimeGuard) -> None:
    go, done = threading.Event(), threading.Event()

    def other() -> None:
        go.wait()
        for name in ("_opens", "_logs", "_prints", "_lists_a_folder", "_connects"):
            VIOLATIONS[name][0]()
        done.set()

    thread = threading.Thread(target=other)
    thread.start()

    def callback() -> None:
        go.set()
        while not done.is_set():
            pass

    realtime_guard.limit = None  # allocations of all threads count
    realtime_guard.watch(callback)()
    thread.join()


def test_a_harmless_callback_passes(realtime_guard: RealtimeGuard) -> None:
    lock = threading.Lock()

    def callback(block: np.ndarray) -> np.ndarray:
        with lock:
            return block * np.float32(0.5)

    block = np.ones((2, 128), np.float32)
    np.testing.assert_array_equal(realtime_guard.watch(callback)(block), 0.5 * block)
    assert 1024 <= realtime_guard.peak < 8192
