"""MIDI systems: the protocol of what lists and opens ports, and rtmidi's own systems."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from .port_names import distinct_names

Received = Callable[[str, list[int]], None]
"""Called with the port's name and a message's bytes, in the system's own thread."""


class MissingLibrary(OSError):
    """rtmidi is not installed, or cannot be loaded."""


class InputPort(Protocol):
    """An input that is open."""

    def close(self) -> None:
        """Stop listening."""


class OutputPort(Protocol):
    """An output that is open."""

    def send(self, message: bytes) -> None:
        """Send one message."""

    def close(self) -> None:
        """Stop sending."""


class MidiSystem(Protocol):
    """Lists ports and opens them. All raise OSError or RuntimeError where that fails."""

    name: str

    def is_alive(self) -> bool:
        """Whether it still works; otherwise another must be made."""

    def inputs(self) -> list[str]:
        """Return the names of the ports that send, all different."""

    def outputs(self) -> list[str]:
        """Return the names of the ports that can be sent to, all different."""

    def open_input(self, name: str, received: Received) -> InputPort:
        """Listen to a port."""

    def open_output(self, name: str) -> OutputPort:
        """Get ready to send to a port."""

    def close(self) -> None:
        """Leave."""


class PlainSystem:
    """Any of rtmidi's systems; each open port is a client of its own."""

    def __init__(self, api: int, client_name: str) -> None:
        """Join the system.

        Raises:
            OSError: it is not there.
        """
        import rtmidi

        self._api, self._client_name = api, client_name
        self.name = str(rtmidi.get_api_name(api))
        with quiet_stderr():
            self._sources = rtmidi.MidiIn(api, name=client_name)
            self._sinks = rtmidi.MidiOut(api, name=client_name)

    def is_alive(self) -> bool:
        """Return True: these systems do not end while the computer runs."""
        return True

    def inputs(self) -> list[str]:
        """Return the names of the ports that send."""
        return list(distinct_names(self._sources.get_ports()))

    def outputs(self) -> list[str]:
        """Return the names of the ports that can be sent to."""
        return list(distinct_names(self._sinks.get_ports()))

    def open_input(self, name: str, received: Received) -> "_PlainPort":
        """Listen to a port."""
        import rtmidi

        port = rtmidi.MidiIn(self._api, name=self._client_name)
        port.ignore_types(sysex=True, timing=False, active_sense=True)
        port.set_callback(lambda event, data=None: received(name, event[0]))
        return _open_plain(port, name, "in")

    def open_output(self, name: str) -> "_PlainPort":
        """Get ready to send to a port."""
        import rtmidi

        return _open_plain(rtmidi.MidiOut(self._api, name=self._client_name), name, "out")

    def close(self) -> None:
        """Leave."""
        self._sources.delete()
        self._sinks.delete()


class _PlainPort:
    def __init__(self, port: Any) -> None:
        self._port = port

    def send(self, message: bytes) -> None:
        self._port.send_message(message)

    def close(self) -> None:
        self._port.close_port()
        self._port.delete()


def _open_plain(port: Any, name: str, own_name: str) -> _PlainPort:
    places = distinct_names(port.get_ports())
    if name not in places:
        port.delete()
        raise OSError(f"{name} is gone")
    port.open_port(places[name], name=own_name)
    return _PlainPort(port)


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Discard everything that is written to file descriptor 2 meanwhile.

    ALSA and JACK print several lines where they are missing, and have no switch for it. We report
    that ourselves.
    """
    try:
        kept = os.dup(2)
    except OSError:  # there is no stderr
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
