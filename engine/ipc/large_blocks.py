"""Keeps a process that plays for hours as small as it is at the beginning."""

import ctypes
import sys
from collections.abc import Mapping

_MMAP_THRESHOLD, _TRIM_THRESHOLD, _ARENA_MAX = -3, -1, -8
"""Of mallopt(3)."""
POOLS = 2
LARGE_BYTES = 128 * 1024


def give_back_large_blocks() -> None:
    """Let memory of large arrays go back to the system as soon as they are freed.

    glibc does so at first. But whenever such a block is freed, it takes larger and larger ones from
    its own pools, which small objects between keep from shrinking: each change of a network left
    some more. Other C libraries have no such setting, and nothing is done there.
    """
    _set({_MMAP_THRESHOLD: LARGE_BYTES, _TRIM_THRESHOLD: LARGE_BYTES})


def share_pools() -> None:
    """Let the threads of this process share pools of memory, before there are many.

    With glibc each new thread has a pool of its own, which keeps what the thread has freed.
    """
    _set({_ARENA_MAX: POOLS})


def _set(options: Mapping[int, int]) -> None:
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in options.items():
            mallopt(option, value)
