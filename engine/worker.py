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

from .analyser import Analyser
from .board import Board
from .dream_link import DreamLink, LinkShape
from .dreamer import Dreamer, OnnxDreamer, Tracker
from .errors import InnerearError
from .manifest import TEMPLATES_FILE
from .modelpack import load
from .shared_parameters import PinnedParameters, SharedParameterSet

LOOK_SECONDS = 0.25
"""How often it looks around while no sound comes."""


def run(connection: Connection, wake: Semaphore, board: Path, folder: Path) -> None:
    """Serve until the audio process has gone.

    Args:
        connection: brings requests, takes answers; plain JSON-like data.
        wake: released by the audio process when there is new sound.
        board: file of the shared parameters.
        folder: for the link's file.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the front's affair
    with suppress(OSError):  # dreams are worth more than other people's programs, if we may say so
        os.nice(-5)
    parent = os.getppid()
    parameters = SharedParameterSet(Board(board).block)
    listening: _Listening | None = None
    while os.getppid() == parent:
        wake.acquire(timeout=LOOK_SECONDS)
        while wake.acquire(block=False):  # however much has come: one look at it
            pass
        try:
            if connection.poll():
                listening = _answer(connection, parameters, folder)
        except (EOFError, OSError):
            return
        if listening is not None:
            listening.turn()


def _answer(
    connection: Connection, parameters: SharedParameterSet, folder: Path
) -> "_Listening | None":
    """Do what is asked: listen to a new stream; answer with what it takes, or what is wrong."""
    asked = connection.recv()
    try:
        listening = _Listening(parameters, folder, asked)
    except InnerearError as problem:
        connection.send({"error": str(problem), "kind": type(problem).__name__})
        return None
    connection.send({"path": str(listening.path), "shape": listening.link.shape.as_dict()})
    return listening


class _Listening:
    """One network on one stream."""

    def __init__(
        self, parameters: SharedParameterSet, folder: Path, asked: Mapping[str, Any]
    ) -> None:
        """Load the network that the structural values in `asked` name, and make the link."""
        structural = asked["structural"]
        sample_rate, n_fft = asked["sample_rate"], structural["n_fft"]
        self._parameters, self._model = parameters, structural["model"]
        pinned = PinnedParameters(parameters, structural)
        pack = load(self._model, device=asked["device"])
        tracker = Tracker(pack) if TEMPLATES_FILE in pack.manifest.files else None
        dreamer: Dreamer = OnnxDreamer(pack)
        sketch = Analyser(dreamer, tracker, pinned, sample_rate, n_fft)
        shape = LinkShape(
            pack.name,
            pack.sample_rate,
            pack.window,
            {name: layer.units for name, layer in pack.layers.items()},
            list(pack.classes),
            sample_rate,
            n_fft,
            sketch.tape_lag,
            sketch.allowance,
        )
        self.path = folder / f"link-{os.getpid()}-{asked['number']}"
        self.link = DreamLink(self.path, shape, create=True)
        self._analyser = Analyser(
            dreamer, tracker, pinned, sample_rate, n_fft, feed=self.link.feed, tape=self.link.tape
        )
        self._resets = 0
        self._published = 0
        self._failure = ""

    def turn(self) -> None:
        """Do what is due; a network that fails is told and tried again with the next sound."""
        if self.link.resets != self._resets:
            self._resets = self.link.resets
            self._analyser.forget()
        try:
            self._analyser.run_due(skip_late=True)
        except Exception as problem:  # whatever it is, the next update may succeed
            self._failure = f"The network failed: {type(problem).__name__}: {problem}"
        else:
            if self._analyser.count != self._published:
                self._failure = ""
        if self._analyser.count != self._published:
            self._published = self._analyser.count
            self.link.publish(self._analyser.newest)
        # Words for another model are on their way to it, not wrong.
        ours = self._parameters.text("model") == self._model
        self.link.tell_alive(self._failure or (self._analyser.problem if ours else ""))
