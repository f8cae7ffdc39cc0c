"""The cores that there are to compute on, and how threads share them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_SECONDS = 1e-4
"""How long a thread waits for Python's lock before it asks the one that has it to let go."""


def cores() -> int:
    """Return how many cores this process may use: where the system gives it some, those."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def quick_turns() -> Iterator[None]:
    """Let the threads of this interpreter take turns more often than every 5 ms.

    One that waits for a network for 3 ms would else wait as long again for one that computes in
    Python.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
