"""Serves the page on an address of this machine, until Ctrl-C."""

import contextlib
import ipaddress
import os
import socket
from collections.abc import Callable

from ...engine.errors import DeviceError
from ...engine.optional import require
from ..library import Library

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
HTTP_PORT = 80


def serve(
    library: Library,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    say: Callable[[str], None] = lambda text: None,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve the page of a library.

    Args:
        library: what is shown.
        host: an address of this machine; whoever can reach it can use the page.
        port: 0 for one that is free.
        say: called with one line for the user.
        ready: called with the page's address, once it can be opened.

    Raises:
        DeviceError: the address cannot be used.
        MissingLibraryError: the extra `library` is not installed.
    """
    require("the page of a library needs", "starlette", "uvicorn")
    import uvicorn

    from .app import make_app

    listener = _listen(host, port)
    with contextlib.closing(listener):
        port = listener.getsockname()[1]
        app = make_app(library, hosts_of(host, port), say)
        settings = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
        ready(f"http://{_named(host)}:{port}/")
        uvicorn.Server(settings).run(sockets=[listener])


def hosts_of(host: str, port: int) -> set[str]:
    """Return what the header `Host` says of requests that are meant for an address and a port.

    Browsers leave out the port that they take where none is named.
    """
    names = {_named(host), *(["localhost"] if ipaddress.ip_address(host).is_loopback else [])}
    return {f"{name}:{port}" for name in names} | (names if port == HTTP_PORT else set())


def _named(host: str) -> str:
    """Return an address as it stands in the address of a page."""
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int) -> socket.socket:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise DeviceError(
            f"{host!r} is no address: name one of this machine, such as {DEFAULT_HOST}."
        ) from None
    if address.is_unspecified:
        # Any name may lead here then, and the page could not be told from others.
        raise DeviceError(f"{host} is every address: name the one at which the page is opened.")
    try:
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as problem:
        reason = os.strerror(problem.errno) if problem.errno else problem
        raise DeviceError(
            f"{host}, port {port} cannot be used: {reason}; name another with --port."
        ) from None
