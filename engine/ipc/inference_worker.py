"""The network's own process: reads sound from the audio server and publishes dreams.

A separate process keeps the interpreter's lock of the audio server free. A worker that is late,
hangs or dies is replaced, and the sound goes on.
"""

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from typing import Any

import numpy as np

from ..drives import DRIVES
from ..errors import InnerearError
from ..packs.network import GradientSource
from ..packs.resolve import load
from ..packs.trackers import tracker_of
from ..parameter_values import PinnedValues, Values
from .inference_loop import UPDATE_BUDGET_SECONDS, InferenceLoop
from .remote_errors import error_data
from .shared_parameters import SharedParameterSet
from .shared_state import SharedState

POLL_SECONDS = 0.25
"""How often it checks for requests while no sound comes."""


def run(connection: Connection, wake: Semaphore, shared_state: Path, folder: Path) -> None:
    """Work until the audio server has ended.

    Args:
        connection: for requests and answers, as JSON data.
        wake: released by the audio server when there is new sound.
        shared_state: file of the shared parameters.
        folder: for the channel's file.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the client
    with suppress(OSError):  # above other programs, where the system grants it
        os.nice(-5)
    parent = os.getppid()
    parameters: SharedParameterSet | None = None
    loop: InferenceLoop | None = None
    while os.getppid() == parent:
        wake.acquire(timeout=POLL_SECONDS)
        while wake.acquire(block=False):  # one step for all that has come
            pass
        try:
            if connection.poll():
                # Only now: a process in reserve may have been started before the file was there.
                parameters = parameters or SharedParameterSet(SharedState(shared_state).block)
                loop = _answer(connection, parameters, folder)
        except (EOFError, OSError):
            return
        if loop is not None:
            loop.step()


def _answer(
    connection: Connection, parameters: SharedParameterSet, folder: Path
) -> InferenceLoop | None:
    """Load the network that a request names; answer with its channel, or with the error."""
    request = connection.recv()
    try:
        loop = _listen(parameters, folder, request)
    except InnerearError as problem:
        connection.send(error_data(problem))
        return None
    connection.send({"path": str(loop.path), "shape": loop.channel.shape.as_dict()})
    return loop


def _listen(
    parameters: SharedParameterSet, folder: Path, request: Mapping[str, Any]
) -> InferenceLoop:
    """Load the network for the structural values of a request, and make the channel."""
    structural = request["structural"]
    pack = load(structural["model"], device=request["device"])
    dreamer = pack.gradient_source(UPDATE_BUDGET_SECONDS)
    values = PinnedValues(parameters, structural)
    warm_up(dreamer, values)
    return InferenceLoop(
        pack,
        dreamer,
        tracker_of(pack),
        values,
        request["sample_rate"],
        folder / f"channel-{os.getpid()}-{request['number']}",
        # While another model is being loaded, layer and target are for that one.
        lambda: parameters.text("model") == structural["model"],
    )


def warm_up(dreamer: GradientSource, parameters: Values) -> None:
    """Compute one gradient by the rule that is wanted, where a start is given its time.

    A graphics card captures a graph for each rule at its first gradient. In the midst of sound, a
    network that takes so long counts as one that hangs.

    Raises:
        ModelError: the network does not run.
    """
    rule = DRIVES[parameters.text("drive")].rule
    if rule is not None:
        dreamer.gradient(np.zeros(dreamer.window, np.float32), {}, rule)
