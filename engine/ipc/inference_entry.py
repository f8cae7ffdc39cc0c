"""Where a network's process begins: light, so that whoever starts it need not load a network."""

from multiprocessing.connection import Connection
from multiprocessing.synchronize import Semaphore
from pathlib import Path


def run(connection: Connection, wake: Semaphore, shared_state: Path, folder: Path) -> None:
    """Load what a network needs, and work; see `inference_worker.run`."""
    from . import inference_worker

    inference_worker.run(connection, wake, shared_state, folder)
