"""The network's own process: hears what the audio process feeds it, and publishes its dreams.

A process of its own, because what it does to the interpreter, the processor or itself then never
touches the sound: it can be late, hang or die, and is replaced.
"""

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from typing import Any

from ..errors import InnerearError
from ..packs.pack import load
from ..packs.tracker import Tracker
from ..parameter_values import PinnedValues
from .inference_loop import InferenceLoop
from .remote_errors import error_data
from .shared_parameters import SharedParameterSet
from .shared_state import SharedState

LOOK_SECONDS = 0.25
"""How often it looks around while no sound comes."""


def run(connection: Connection, wake: Semaphore, shared_state: Path, folder: Path) -> None:
    """Serve until the audio process has gone.

    Args:
        connection: brings requests, takes answers; plain JSON-like data.
        wake: released by the audio process when there is new sound.
        shared_state: file of the shared parameters.
        folder: for the channel's file.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the front's affair
    with suppress(OSError):  # dreams are worth more than other people's programs, if we may say so
        os.nice(-5)
    parent = os.getppid()
    parameters = SharedParameterSet(SharedState(shared_state).block)
    loop: InferenceLoop | None = None
    while os.getppid() == parent:
        wake.acquire(timeout=LOOK_SECONDS)
        while wake.acquire(block=False):  # however much has come: one look at it
            pass
        try:
            if connection.poll():
                loop = _answer(connection, parameters, folder)
        except (EOFError, OSError):
            return
        if loop is not None:
            loop.turn()


def _answer(
    connection: Connection, parameters: SharedParameterSet, folder: Path
) -> InferenceLoop | None:
    """Do what is asked: listen to a new stream; answer with what it takes, or what is wrong."""
    asked = connection.recv()
    try:
        loop = _listen(parameters, folder, asked)
    except InnerearError as problem:
        connection.send(error_data(problem))
        return None
    connection.send({"path": str(loop.path), "shape": loop.channel.shape.as_dict()})
    return loop


def _listen(
    parameters: SharedParameterSet, folder: Path, asked: Mapping[str, Any]
) -> InferenceLoop:
    """Load the network that the structural values in `asked` name, and make the channel."""
    structural = asked["structural"]
    pack = load(structural["model"], device=asked["device"])
    return InferenceLoop(
        pack,
        pack.gradient_source(),
        Tracker(pack) if pack.has_templates else None,
        PinnedValues(parameters, structural),
        asked["sample_rate"],
        folder / f"link-{os.getpid()}-{asked['number']}",
        # Words for another model are on their way to it, not wrong.
        lambda: parameters.text("model") == structural["model"],
    )
