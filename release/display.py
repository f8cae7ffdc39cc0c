"""A display without a screen (Xvfb), for a program that opens a window."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COLUMNS, ROWS = 1600, 1000


@contextmanager
def display() -> Iterator[tuple[str, Path]]:
    """Start a display; yield its name, and the file of its memory, which has the format of xwd."""
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory() as memory:
        size = f"{COLUMNS}x{ROWS}x24"
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-fbdir", memory]
        with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
            os.close(writing)
            with os.fdopen(reading) as told:
                number = told.readline().strip()
            try:
                yield f":{number}", Path(memory, "Xvfb_screen0")
            finally:
                server.terminate()
