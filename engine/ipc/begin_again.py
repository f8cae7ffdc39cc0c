"""Replaces the process of an audio server by a new one with the same number."""

import os
import sys
import time
from contextlib import suppress
from typing import NoReturn

from .inference_process import end_all

MOST_FILES = 65_536
CHILDREN_SECONDS = 10.0
"""The longest wait for what this process has started."""


def begin_again(command: list[str]) -> NoReturn:
    """Run a command in place of this process, without anything that was open or started.

    Args:
        command: what to run, and its arguments.
    """
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())  # no client waits for the first line
    end_all()
    # JACK's sockets would stay open, and the JACK server wait for clients that are gone.
    os.closerange(sys.stderr.fileno() + 1, MOST_FILES)
    _wait_for_children(CHILDREN_SECONDS)  # Python's resource tracker ends with its pipe
    os.execv(command[0], command)


def _wait_for_children(seconds: float) -> None:
    """Wait until nothing is left that nobody would wait for any more."""
    if not hasattr(os, "WNOHANG"):  # no such system keeps what has ended
        return
    end = time.monotonic() + seconds
    with suppress(ChildProcessError):  # none is left
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.005)
