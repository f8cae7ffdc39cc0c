"""Requests to another process: one JSON object a line, on loopback, with a secret.

Any program of this machine, a browser among them, can reach the port: what does not know the secret
is told so and dropped, before anything that it says is read.
"""

import hmac
import json
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ..errors import DeviceError, InnerearError
from ..files import parse_json
from .remote_errors import error_data, raise_error

JsonObject = Mapping[str, Any]
_LONGEST_LINE = 1 << 20
_LONGEST_ANSWER = 1 << 26
_CONNECT_SECONDS = 5.0
_SEND_SECONDS = 1.0
_MOST_CLIENTS = 64
_STRANGER = {"error": "the secret is wrong"}


class RequestServer:
    """Answers requests when it is polled; it has no thread of its own."""

    def __init__(self, secret: str, answer: Callable[[JsonObject], JsonObject]) -> None:
        """Listen on a free port of this machine.

        Args:
            secret: that every request must contain as `secret`.
            answer: returns the answer to a request; an `InnerearError` is answered as an error.
        """
        self._secret, self._answer = secret, answer
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._received: dict[socket.socket, bytearray] = {}
        self._known: set[socket.socket] = set()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listener.getsockname()[1])

    def poll(self, seconds: float) -> None:
        """Answer the requests that have come; wait up to `seconds` for the first."""
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._listener:
                with suppress(OSError):
                    self._accept()
            elif key.fileobj in self._received:  # not dropped for another meanwhile
                self._serve(key.fileobj)

    def _accept(self) -> None:
        """Take a client; where there are many, the one goes that has been silent for longest."""
        client, _address = self._listener.accept()
        strangers = (each for each in self._received if each not in self._known)
        if len(self._received) >= _MOST_CLIENTS:
            self._drop(next(strangers, next(iter(self._received))))
        client.setblocking(False)
        self._received[client] = bytearray()
        self._selector.register(client, selectors.EVENT_READ)

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
            request = self._request(line)
            reply = _STRANGER if request is None else self._reply(request)
            try:
                client.settimeout(_SEND_SECONDS)  # a client that does not read is dropped
                client.sendall(json.dumps(reply).encode() + b"\n")
                client.setblocking(False)
            except OSError:
                request = None
            if request is None:
                self._drop(client)
                return
            self._known.add(client)

    def _request(self, line: bytes) -> JsonObject | None:
        """Return the request of a line; None where it is not of one who knows the secret."""
        try:
            request = parse_json(line)
        except ValueError:
            return None
        secret = str(request.pop("secret", "")) if isinstance(request, dict) else ""
        is_known = hmac.compare_digest(secret.encode(errors="replace"), self._secret.encode())
        return request if is_known else None

    def _reply(self, request: JsonObject) -> JsonObject:
        try:
            return self._answer(request)
        except InnerearError as problem:
            return error_data(problem)
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as problem:
            return {"error": f"this request cannot be read: {problem}"}

    def _drop(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        self._received.pop(client, None)
        self._known.discard(client)
        client.close()


class RequestClient:
    """One connection to a `RequestServer`; any thread may use it.

    Requests are sent one after another. After a timeout the connection is given up, so that a late
    answer is never taken for the answer to the next request, which connects again.
    """

    def __init__(self, port: int, secret: str) -> None:
        """Connect.

        Raises:
            DeviceError: nobody listens.
        """
        self._port, self._secret = port, secret
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        with self._lock:
            self._connect()

    def request(self, values: JsonObject, seconds: float) -> dict[str, Any]:
        """Send a request and return the answer.

        Args:
            values: JSON data.
            seconds: how long to wait at most, other threads' requests included.

        Raises:
            InnerearError: the server refuses; with its own words.
            DeviceError: it has ended, or does not answer in time. It may still do what it was
                asked for, later.
        """
        deadline = time.monotonic() + seconds
        if not self._lock.acquire(timeout=seconds):
            raise _too_late(seconds)
        try:
            line = self._exchange({"secret": self._secret, **values}, deadline)
        except TimeoutError:
            self._disconnect()
            raise _too_late(seconds) from None
        except OSError as problem:
            self._disconnect()
            raise DeviceError(
                "The audio engine does not answer; it is started again where it has ended."
            ) from problem
        except BaseException:  # an interruption: its answer must not be taken for the next one
            self._disconnect()
            raise
        finally:
            self._lock.release()
        try:
            answer: dict[str, Any] = dict(parse_json(line))
        except (ValueError, TypeError):
            raise DeviceError("What answers is no audio engine.") from None
        raise_error(answer)
        return answer

    def close(self) -> None:
        """Disconnect; a request that another thread waits for ends with a `DeviceError`."""
        connection = self._socket
        if connection is not None:
            with suppress(OSError):  # it is disconnected already
                connection.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._disconnect()

    def _connect(self) -> socket.socket:
        try:
            made = socket.create_connection(("127.0.0.1", self._port), _CONNECT_SECONDS)
        except OSError as problem:
            raise DeviceError(
                "The audio engine does not answer; it is started again where it has ended."
            ) from problem
        self._socket = made
        return made

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, values: JsonObject, deadline: float) -> bytes:
        """Send one line and return the line that comes back."""
        connection = self._socket or self._connect()
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        connection.sendall(json.dumps(values).encode() + b"\n")
        received = b""
        while not received.endswith(b"\n"):
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            data = connection.recv(65_536)
            if not data:
                self._disconnect()
                raise DeviceError("The audio engine has ended.")
            received += data
            if len(received) > _LONGEST_ANSWER:
                self._disconnect()
                raise DeviceError("What answers is no audio engine.")
        return received


def _too_late(seconds: float) -> DeviceError:
    return DeviceError(f"The audio engine did not answer within {seconds:g} s.")
