"""Silence for C libraries that complain on the terminal about what we report ourselves."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send what is written to the file descriptor 2 meanwhile to nowhere.

    ALSA and JACK print several lines where they are not there; there is no switch for it.
    """
    try:
        kept = os.dup(2)
    except OSError:  # there is no stderr to be quiet about
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
