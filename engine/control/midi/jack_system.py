"""MIDI through JACK: connects without blocking Python, and notices when JACK ends."""

import ctypes
import os
from collections.abc import Callable
from typing import Any

from ...io.jack import library as jack
from .systems import Received, quiet_stderr

_NO_START_SERVER = 1
_IS_INPUT, _IS_OUTPUT = 1, 2
_MIDI_TYPE = b"8 bit raw midi"
_ALREADY_CONNECTED = 17
_SPARE_INPUTS, _SPARE_OUTPUTS = 2, 1
_Shutdown = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


def load_library() -> Any:
    """Return JACK's C library, or None where there is none."""
    library = jack.load_library()
    if library is None:
        return None
    text, pointer = ctypes.c_char_p, ctypes.c_void_p
    library.jack_client_open.restype = pointer
    library.jack_client_open.argtypes = (text, ctypes.c_int, pointer)
    library.jack_on_shutdown.argtypes = (pointer, _Shutdown, pointer)
    library.jack_activate.argtypes = library.jack_client_close.argtypes = (pointer,)
    library.jack_get_ports.restype = ctypes.POINTER(text)
    library.jack_get_ports.argtypes = (pointer, text, text, ctypes.c_ulong)
    library.jack_free.argtypes = (pointer,)
    library.jack_connect.argtypes = library.jack_disconnect.argtypes = (pointer, text, text)
    return library


class JackSystem:
    """The JACK server's MIDI ports.

    rtmidi takes some 20 ms to make a port, and no other Python code runs meanwhile, not even an
    audio callback. So some ports are made in advance, and connected when a device appears through
    calls that release Python's lock. rtmidi does not notice when the server ends either.
    """

    name = "jack"

    def __init__(self, library: Any, client_name: str) -> None:
        """Join the server.

        Args:
            library: from `load_library`.
            client_name: that the names of our own clients begin with.

        Raises:
            OSError: no server runs.
        """
        self._library = library
        # A client with the name of its server would take the server's socket.
        self._prefix = f"{client_name}-midi-{os.getpid()}"
        self._ended = False
        self._on_end = _Shutdown(self._note_end)  # JACK holds no reference
        self._made = 0
        self._free_inputs: list[_Input] = []
        self._free_outputs: list[_Output] = []
        with quiet_stderr():
            self._client = library.jack_client_open(self._prefix.encode(), _NO_START_SERVER, None)
        if not self._client:
            raise OSError("no JACK server runs")
        library.jack_on_shutdown(self._client, self._on_end, None)
        library.jack_activate(self._client)
        try:
            self._free_inputs += [self._make_input() for _ in range(_SPARE_INPUTS)]
            self._free_outputs += [self._make_output() for _ in range(_SPARE_OUTPUTS)]
        except (OSError, RuntimeError):
            self.close()
            raise

    def is_alive(self) -> bool:
        """Whether the server still runs."""
        return not self._ended

    def inputs(self) -> list[str]:
        """Return the names of the ports that send."""
        return self._ports(_IS_OUTPUT)

    def outputs(self) -> list[str]:
        """Return the names of the ports that can be sent to."""
        return self._ports(_IS_INPUT)

    def open_input(self, name: str, received: Received) -> "_Input":
        """Listen to a port.

        Raises:
            OSError: it is gone, or takes no connection.
        """
        port = self._free_inputs.pop() if self._free_inputs else self._make_input()
        port.source, port.received = name, received
        try:
            self._connect(name, port.name)
        except OSError:
            self._free_inputs.append(port)
            raise
        port.release = lambda: self._release(port, name, port.name, self._free_inputs)
        return port

    def open_output(self, name: str) -> "_Output":
        """Get ready to send to a port.

        Raises:
            OSError: it is gone, or takes no connection.
        """
        port = self._free_outputs.pop() if self._free_outputs else self._make_output()
        try:
            self._connect(port.name, name)
        except OSError:
            self._free_outputs.append(port)
            raise
        port.release = lambda: self._release(port, port.name, name, self._free_outputs)
        return port

    def close(self) -> None:
        """Leave the server."""
        with quiet_stderr():
            for input_ in self._free_inputs:
                input_.delete()
            for output in self._free_outputs:
                output.delete()
            self._free_inputs.clear()
            self._free_outputs.clear()
            self._library.jack_client_close(self._client)

    def _ports(self, flags: int) -> list[str]:
        found = self._library.jack_get_ports(self._client, None, _MIDI_TYPE, flags)
        if not found:
            return []
        names: list[str] = []
        while found[len(names)]:
            names.append(found[len(names)].decode(errors="replace"))
        self._library.jack_free(found)
        return names

    def _connect(self, source: str, sink: str) -> None:
        failed = self._library.jack_connect(self._client, source.encode(), sink.encode())
        if failed not in (0, _ALREADY_CONNECTED):
            raise OSError(f"JACK does not connect {source} to {sink}")

    def _release(self, port: Any, source: str, sink: str, free: list[Any]) -> None:
        if self._ended:
            with quiet_stderr():
                port.delete()
            return
        port.source = ""
        with quiet_stderr():  # where the device is gone, so is the connection
            self._library.jack_disconnect(self._client, source.encode(), sink.encode())
        free.append(port)

    def _make_input(self) -> "_Input":
        self._made += 1
        return _Input(f"{self._prefix}-in{self._made}")

    def _make_output(self) -> "_Output":
        self._made += 1
        return _Output(f"{self._prefix}-out{self._made}")

    def _note_end(self, argument: int | None) -> None:
        self._ended = True


class _Input:
    """An input port of our own, connected to one source at a time."""

    def __init__(self, client_name: str) -> None:
        import rtmidi

        self.name = f"{client_name}:midi"
        self.source = ""
        self.received: Received | None = None
        self.release: Callable[[], None] = self.delete
        with quiet_stderr():
            self._port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=client_name)
        self._port.ignore_types(sysex=True, timing=False, active_sense=True)
        self._port.set_callback(self._take)
        self._port.open_virtual_port("midi")

    def close(self) -> None:
        self.release()

    def delete(self) -> None:
        self._port.delete()

    def _take(self, event: tuple[list[int], float], data: None = None) -> None:
        if self.received is not None and self.source:
            self.received(self.source, event[0])


class _Output:
    """An output port of our own, connected to one sink at a time."""

    def __init__(self, client_name: str) -> None:
        import rtmidi

        self.name = f"{client_name}:midi"
        self.source = ""
        self.release: Callable[[], None] = self.delete
        with quiet_stderr():
            self._port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=client_name)
        self._port.open_virtual_port("midi")

    def send(self, message: bytes) -> None:
        self._port.send_message(message)

    def close(self) -> None:
        self.release()

    def delete(self) -> None:
        self._port.delete()
