"""Lets one of several clients restart an audio server that is lost, and no other meanwhile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FORGET_SECONDS = 120.0
"""A client that has not finished after so long was killed meanwhile."""
_FILE = "restarting"


@contextmanager
def restart_right(folder: Path) -> Iterator[bool]:
    """Hold the right to restart the server of `folder`, while the block lasts.

    Yields:
        False where another client holds it.
    """
    file = folder / _FILE
    try:
        if time.time() - file.stat().st_mtime > FORGET_SECONDS:
            file.unlink(missing_ok=True)
    except FileNotFoundError:
        pass
    try:
        file.touch(0o600, exist_ok=False)
    except FileExistsError:
        yield False
        return
    try:
        yield True
    finally:
        file.unlink(missing_ok=True)
