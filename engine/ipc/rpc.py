"""Requests to a running instrument: one JSON object a line, on loopback, with a secret."""

import hmac
import json
import selectors
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ..errors import DeviceError, InnerearError

Request = dict[str, Any]
_LONGEST_LINE = 1 << 20
_ANSWER_SECONDS = 30.0


class ControlServer:
    """Answers requests whenever it is polled; no thread of its own."""

    def __init__(self, secret: str, answer: Callable[[Request], Mapping[str, Any]]) -> None:
        """Listen on a free port of this machine.

        Args:
            secret: that every request must hold.
            answer: gives the answer to a request; an `InnerearError` becomes one itself.
        """
        self._secret, self._answer = secret, answer
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._received: dict[socket.socket, bytearray] = {}

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def poll(self, seconds: float) -> None:
        """Answer what has come; wait for it up to `seconds`."""
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._listener:
                with suppress(OSError):
                    client, _address = self._listener.accept()
                    client.setblocking(False)
                    self._received[client] = bytearray()
                    self._selector.register(client, selectors.EVENT_READ)
            elif isinstance(key.fileobj, socket.socket):
                self._serve(key.fileobj)

    def close(self) -> None:
        """End all connections."""
        for client in tuple(self._received):
            self._drop(client)
        self._selector.close()
        self._listener.close()

    def _serve(self, client: socket.socket) -> None:
        received = self._received[client]
        try:
            data = client.recv(65_536)
        except OSError:
            data = b""
        received += data
        if not data or len(received) > _LONGEST_LINE:
            self._drop(client)
            return
        *lines, rest = bytes(received).split(b"\n")
        received[:] = rest
        for line in lines:
            reply = json.dumps(self._reply(line)).encode() + b"\n"
            try:
                client.settimeout(1.0)  # a client that does not read is dropped
                client.sendall(reply)
                client.setblocking(False)
            except OSError:
                self._drop(client)
                return

    def _reply(self, line: bytes) -> Mapping[str, Any]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                return {"error": "a request is a JSON object"}
            if not hmac.compare_digest(str(request.get("secret", "")), self._secret):
                return {"error": "the secret is wrong"}
            return self._answer(request)
        except InnerearError as problem:
            return {"error": str(problem), "kind": type(problem).__name__}
        except (ValueError, KeyError, TypeError) as problem:
            return {"error": f"this request cannot be read: {problem}"}

    def _drop(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        self._received.pop(client, None)
        client.close()


class ControlClient:
    """One connection to an instrument."""

    def __init__(self, port: int, secret: str) -> None:
        """Connect.

        Raises:
            DeviceError: nobody listens.
        """
        self._secret = secret
        self._turn = threading.Lock()
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_SECONDS)
        except OSError as problem:
            raise DeviceError("The instrument does not answer; start it again.") from problem
        self._file = self._socket.makefile("rb")

    def request(self, do: str, **values: Any) -> dict[str, Any]:
        """Ask, and return the answer.

        Raises:
            InnerearError: the instrument refuses, with its own words.
            DeviceError: it has gone.
        """
        line = json.dumps({"secret": self._secret, "do": do, **values}).encode() + b"\n"
        try:
            with self._turn:  # a window asks from several threads
                self._socket.sendall(line)
                reply = self._file.readline()
        except OSError as problem:
            raise DeviceError("The instrument does not answer; start it again.") from problem
        if not reply:
            raise DeviceError("The instrument has ended.")
        answer: dict[str, Any] = json.loads(reply)
        if "error" in answer:
            from .. import errors

            kind = getattr(errors, str(answer.get("kind", "")), InnerearError)
            raise kind(answer["error"])
        return answer

    def close(self) -> None:
        """Disconnect."""
        self._file.close()
        self._socket.close()
