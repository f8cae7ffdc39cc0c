"""How many processor cores this process may use."""

import os


def cores() -> int:
    """Return the number, at least 1; where the system restricts the process to some, those."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
