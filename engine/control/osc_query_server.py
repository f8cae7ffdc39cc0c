"""Answers OSCQuery: a small HTTP server that shows the tree of all OSC addresses, read only."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self
from urllib.parse import unquote

from ..errors import DeviceError
from .osc_query import ATTRIBUTES, HOST_INFO, Node, find_node

LOOPBACK = ("127.0.0.1", "localhost")
_TIMEOUT_SECONDS = 5.0


class OscQueryServer:
    """Listens for HTTP until it is closed."""

    def __init__(self, host: str, port: int, tree: Callable[[], Node], info: Node) -> None:
        """Open the port and start.

        Args:
            host: the address of this machine to listen at; see `OscServer`.
            port: TCP; where it is taken, any that is free.
            tree: returns the root of the tree as it is now; called by other threads.
            info: see `host_info`.

        Raises:
            DeviceError: the address is not this machine's.
        """
        own = {"tree": staticmethod(tree), "info": info, "is_local": host in LOOPBACK}
        self._server = _open(host, port, type("Handler", (_Handler,), own))
        self.host, self.port = str(self._server.server_address[0]), self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="innerear-oscquery", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Open the port, and ask no name server what we are called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: a client that hangs up is none of the user's business."""


class _Handler(BaseHTTPRequestHandler):
    tree: Callable[[], Node]
    info: Node
    is_local = False
    timeout = _TIMEOUT_SECONDS

    def do_GET(self) -> None:
        name = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if self.is_local and name not in LOOPBACK:
            # A web page whose name leads here would read along.
            self._send(HTTPStatus.FORBIDDEN)
            return
        self._send(*answer(self.path, type(self).tree, self.info))

    def _send(self, status: HTTPStatus, found: object = None) -> None:
        body = b"" if found is None else json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


def answer(target: str, tree: Callable[[], Node], info: Node) -> tuple[HTTPStatus, Node | None]:
    """Return the status and the JSON data for a request.

    Args:
        target: path and query, such as `/innerear/step?VALUE`.
        tree, info: see `OscQueryServer`.
    """
    path, _, query = target.partition("#")[0].partition("?")
    if query == HOST_INFO:
        return HTTPStatus.OK, info
    node = find_node(tree(), unquote(path))
    if node is None:
        return HTTPStatus.NOT_FOUND, None
    if not query:
        return HTTPStatus.OK, node
    if query not in ATTRIBUTES:
        return HTTPStatus.BAD_REQUEST, None
    if query not in node:
        return HTTPStatus.NO_CONTENT, None
    return HTTPStatus.OK, {query: node[query]}


def _open(host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> _Server:
    with suppress(OSError):
        return _Server((host, port), handler)
    try:
        return _Server((host, 0), handler)
    except OSError as problem:
        raise DeviceError(f"OSCQuery cannot listen at {host}: {problem.strerror}.") from None
