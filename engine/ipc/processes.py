"""Which process a number stands for: a system gives the number of one that has ended to another."""

import os
import signal
from pathlib import Path

_ENDED = ("Z", "X", "x")
"""States of a process that only waits to be waited for (proc(5))."""


def birth_of(pid: int) -> str:
    """Return what tells a process from any other that ever has its number.

    Args:
        pid: its number.

    Returns:
        when it was started, in ticks since the system was; empty where there is no such process,
        and on systems that do not tell in a file (others than Linux).
    """
    return _status(pid)[1]


def is_running(pid: int, birth: str) -> bool:
    """Return whether a process still runs.

    Args:
        pid: its number; one that has ended does not run, though nobody has waited for it yet.
        birth: what `birth_of` returned while it ran; where that is empty, another process of its
            number counts, too.
    """
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    state, now = _status(pid)
    return state not in _ENDED and (not birth or now == birth)


def kill_process(pid: int, birth: str) -> bool:
    """End a process at once, and no other that has its number now; return whether it ran.

    Args:
        pid: its number.
        birth: see `is_running`.
    """
    if not is_running(pid, birth):
        return False
    try:
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    except OSError:
        return False
    return True


def _status(pid: int) -> tuple[str, str]:
    """Return a process's state, a letter, and when it was started; empty where nobody tells."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        # The name before may hold anything, parentheses too.
        fields = text.rpartition(")")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return "", ""
