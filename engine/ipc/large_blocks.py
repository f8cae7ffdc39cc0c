"""Keeps a process that plays for hours as small as it is at the beginning."""

import ctypes
import sys

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
"""Of mallopt(3)."""
LARGE_BYTES = 128 * 1024


def give_back_large_blocks() -> None:
    """Let memory of large arrays go back to the system as soon as they are freed.

    glibc does so at first. But whenever such a block is freed, it takes larger and larger ones from
    its own pools, which small objects between keep from shrinking: each change of a network left
    some more. Other C libraries have no such setting, and nothing is done there.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(_TRIM_THRESHOLD, LARGE_BYTES)
