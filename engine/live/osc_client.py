"""OSC as a client of an audio server that plays: parameters, actions, presets, and telemetry."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..actions import ACTIONS
from ..control.announcement import Announcement
from ..control.osc_query import address_tree, host_info
from ..control.osc_query_server import OscQueryServer
from ..control.osc_server import DEFAULT_HOST, DEFAULT_PORT, OscServer
from ..errors import InnerearError
from ..parameters import PARAMETERS
from .live_status import LiveStatus
from .session import Session

LEVEL_SECONDS = 0.05


class OscClient:
    """Joins an audio server and listens for OSC on its behalf until it is closed."""

    def __init__(self, folder: Path, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT) -> None:
        """Join, and open the port.

        Args:
            folder: of the audio server; see `Session.folder`.
            host: see `OscServer`.
            port: see `OscServer`.

        Raises:
            DeviceError: the port is taken, the address is not this machine's, or nothing plays.
        """
        # A session of its own: the OSC server's thread calls no other client's.
        self._session = Session.attach(folder)
        self._parameters = self._session.parameters
        self._closing = ExitStack()
        self.query: OscQueryServer | None = None
        """What answers OSCQuery; None where it cannot listen."""
        actions = [name for name in ACTIONS if name not in (*PARAMETERS, "preset")]
        try:
            self.server = OscServer(
                self._parameters,
                host=host,
                port=port,
                set_value=self._session.set,
                play_preset=self._session.play_preset,
                actions={name: partial(self._session.action, name) for name in actions},
                telemetry=self._telemetry,
            )
        except BaseException:
            self._session.detach()
            raise
        self.note = ""
        """What cannot be had besides OSC itself, in one line; empty where all can."""
        try:
            self.query = self._closing.enter_context(self._open_query(host, actions))
            self._closing.enter_context(self._announce(host))
        except InnerearError as problem:  # OSC goes on without being found
            self.note = str(problem)

    def close(self) -> None:
        """Stop listening; the audio server keeps playing."""
        self._closing.close()
        self.server.close()
        self._session.detach()

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _open_query(self, host: str, actions: Sequence[str]) -> OscQueryServer:
        """Answer OSCQuery, at the same number of a port where that is free."""
        return OscQueryServer(
            host,
            self.server.port,
            lambda: address_tree(self._parameters, actions),
            host_info(None if host == "0.0.0.0" else self.server.host, self.server.port),
        )

    def _announce(self, host: str) -> Announcement:
        assert self.query is not None

        def say(line: str) -> None:
            self.server.problem = line

        return Announcement(host, self.server.port, self.query.port, say)

    def _telemetry(self) -> dict[str, Any]:
        self._session.supervise()  # follows a server that was started again
        self._parameters.poll()  # subscribers hear of knobs that other clients turn
        status = self._session.status() or LiveStatus()
        values = {
            "playing": status.playing,
            "target": status.target,
            "objective": status.objective,
            "age": status.dreams.age_ms.p50,
            "late": status.dreams.late,
            "load": status.load,
            "xruns": status.xruns,
            "model": status.model,
            "problem": status.problem,
        }
        sound = self._session.sound
        if sound is not None:
            count = round(LEVEL_SECONDS * sound.sample_rate)
            for name, memory in (("input", sound.input), ("output", sound.output)):
                values[name] = np.abs(memory.read(count)).max(axis=1)
        return values
