"""JACK's library: its Python binding, and its C library for what the binding leaves out.

No Python function is handed to JACK but the audio callback and the one for the server's end. Others
are called by the server, which waits for them, and so would everything: python-rtmidi holds
Python's lock while it waits for the same server.
"""

import ctypes
from ctypes.util import find_library
from typing import Any

from ...errors import DeviceError

HOST_API = "JACK Audio Connection Kit"
"""As PortAudio calls it."""


def load_library() -> Any:
    """Return JACK's C library, or None where there is none."""
    path = find_library("jack") or find_library("jack64")
    return ctypes.CDLL(path) if path is not None else None


def no_callback(library: Any) -> ctypes.c_void_p:
    """Return the address of a C function that may be JACK's callback and does nothing.

    Args:
        library: from `load_library`; its function takes no notice of arguments.
    """
    return ctypes.cast(library.jack_client_name_size, ctypes.c_void_p)


def load_binding() -> Any:
    """Return the module `jack`; JACK prints no lines of its own from then on.

    Raises:
        DeviceError: it, or JACK's library, is not installed.
    """
    try:
        import jack
    except (ImportError, OSError) as problem:  # OSError: there is no C library
        raise DeviceError(
            "JACK is not installed; on Debian and Ubuntu: apt install libjack-jackd2-0"
        ) from problem
    library = load_library()
    if library is not None:
        library.jack_set_error_function(no_callback(library))
        library.jack_set_info_function(no_callback(library))
    return jack


def is_jack(host_api: str) -> bool:
    """Return whether we talk to this host API ourselves, without PortAudio between.

    Args:
        host_api: its name, as PortAudio gives it.
    """
    if host_api != HOST_API:
        return False
    try:
        load_binding()
    except DeviceError:  # PortAudio plays, with ports of its own
        return False
    return True
