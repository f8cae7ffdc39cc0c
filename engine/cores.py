"""How many cores there are to compute on."""

import os


def cores() -> int:
    """Return how many cores this process may use: where the system gives it some, those."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
