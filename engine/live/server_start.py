"""Begins and ends the process of an audio server; loads hardly anything before it is needed."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from ..errors import InnerearError
from ..ipc.inference_process import WorkerProcess
from ..ipc.shared_files import STATE_FILE


def serve(folder: Path, prepare: Callable[[Path], None] = lambda folder: None) -> NoReturn:
    """Play from a folder until the end, and end the process.

    Args:
        folder: that the server shares with its clients.
        prepare: makes what is to lie in it, while the network's process loads.
    """
    try:
        reserve = _first_worker(folder)
        prepare(folder)
        from .server import main

        main(folder, reserve)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)  # at once: PortAudio's own tidying up may hang with its server


def _first_worker(folder: Path) -> WorkerProcess | None:
    """Start the first network's process; None where it cannot be started.

    The server tries again, and says why.
    """
    try:
        return WorkerProcess(folder / STATE_FILE, folder)
    except InnerearError:
        return None
