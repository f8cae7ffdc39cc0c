"""The process of an audio server: `python -m innerear.engine.live FOLDER`.

Started by `server_process.py`. The first network's process starts before the server loads anything
itself, so that both load at once. This module loads hardly anything before, and its name keeps the
processes of networks from loading the server too.
"""

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
    status = 0
    reserve = _first_worker(folder)
    try:
        prepare(folder)
        from .server import main

        main(folder, reserve)
    except BaseException:
        traceback.print_exc()
        status = 1
    if reserve is not None:
        reserve.close()
    del reserve  # with its semaphore, which would be missed otherwise
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # at once: PortAudio's own tidying up may hang with its server


def _first_worker(folder: Path) -> WorkerProcess | None:
    """Start the first network's process; None where it cannot be started.

    The server tries again, and says why.
    """
    try:
        return WorkerProcess(folder / STATE_FILE, folder)
    except InnerearError:
        return None


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
