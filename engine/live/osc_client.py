"""OSC as one more front of an instrument that plays: knobs, buttons, presets, and how it goes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..actions import ACTIONS
from ..control.osc_server import DEFAULT_HOST, DEFAULT_PORT, OscServer
from ..errors import DeviceError
from ..parameters import PARAMETERS
from .session import Session

LEVEL_SECONDS = 0.05


class OscFront:
    """Joins an instrument, and listens for OSC on its behalf until it is closed."""

    def __init__(self, folder: Path, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT) -> None:
        """Join, and open the port.

        Args:
            folder: of the instrument; see `Session.folder`.
            host: see `OscServer`.
            port: see `OscServer`.

        Raises:
            DeviceError: the port is taken, the address is not this machine's, or nothing plays.
        """
        self._folder = folder
        # A session of its own: nobody else's is called from the server's thread.
        self._session = Session.attach(folder)
        self._parameters = self._session.parameters
        buttons = [name for name in ACTIONS if name not in (*PARAMETERS, "preset")]
        try:
            self.server = OscServer(
                self._parameters,
                host=host,
                port=port,
                set_value=self._set,
                play_preset=lambda name: self._ask(lambda session: session.play_preset(name)),
                actions={name: partial(self._press, name) for name in buttons},
                telemetry=self._telemetry,
            )
        except DeviceError:
            self._session.detach()
            raise

    def close(self) -> None:
        """Stop listening; the instrument plays on."""
        self.server.close()
        self._session.detach()

    def __enter__(self) -> Self:
        """Return the front itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _set(self, id: str, value: Any) -> None:
        self._session.set(id, value)

    def _press(self, name: str) -> None:
        self._ask(lambda session: session.action(name))

    def _ask(self, question: Callable[[Session], None]) -> None:
        """Ask the instrument; where it was started again meanwhile, join the new one first."""
        try:
            question(self._session)
        except DeviceError:
            self._session.detach()
            self._session = Session.attach(self._folder)
            question(self._session)

    def _telemetry(self) -> dict[str, Any]:
        self._parameters.poll()  # so that subscribers hear of knobs that others turn
        status = self._session.glance()
        told = {
            "playing": status.playing,
            "target": status.target,
            "objective": float(status.objective),
            "age": float(status.dreams["age_ms"]["p50"]),
            "late": int(status.dreams["late"]),
            "load": float(status.load),
            "xruns": status.xruns,
            "model": status.model,
            "problem": status.problem,
        }
        sound = self._session.sound
        if sound is not None:
            count = round(LEVEL_SECONDS * sound.sample_rate)
            for name, memory in (("input", sound.input), ("output", sound.output)):
                told[name] = np.abs(memory.read(count)).max(axis=1)
        return told
