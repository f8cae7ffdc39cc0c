"""Whether the JACK server that we joined still runs; rtmidi itself never notices its end."""

import ctypes
from ctypes.util import find_library
from typing import Any

_NO_START_SERVER = 1
_Shutdown = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class JackWatch:
    """A JACK client without ports that is told when the server ends."""

    @classmethod
    def join(cls, client_name: str) -> "JackWatch | None":
        """Join the server; None where there is no JACK library, so that nothing can be watched.

        Raises:
            OSError: no server runs.
        """
        path = find_library("jack") or find_library("jack64")
        return None if path is None else cls(ctypes.CDLL(path), client_name)

    def __init__(self, library: Any, client_name: str) -> None:
        """Join the server through the JACK library.

        Raises:
            OSError: no server runs.
        """
        self._library = library
        self._library.jack_client_open.restype = ctypes.c_void_p
        self._library.jack_client_open.argtypes = (ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)
        self._library.jack_on_shutdown.argtypes = (ctypes.c_void_p, _Shutdown, ctypes.c_void_p)
        for function in ("jack_activate", "jack_client_close"):
            getattr(self._library, function).argtypes = (ctypes.c_void_p,)
        self._ended = False
        self._callback = _Shutdown(self._note_end)  # kept: JACK holds no reference
        self._client = self._library.jack_client_open(client_name.encode(), _NO_START_SERVER, None)
        if not self._client:
            raise OSError("no JACK server runs")
        self._library.jack_on_shutdown(self._client, self._callback, None)
        self._library.jack_activate(self._client)

    def is_alive(self) -> bool:
        """Whether the server still runs."""
        return not self._ended

    def close(self) -> None:
        """Leave the server."""
        self._library.jack_client_close(self._client)

    def _note_end(self, argument: int | None) -> None:
        self._ended = True
