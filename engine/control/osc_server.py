"""The OSC server: a thread that sets parameters, answers, and sends telemetry."""

import errno
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

from pythonosc.osc_message_builder import BuildError, OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from ..errors import DeviceError
from ..parameter_values import ParameterSet
from .osc_addresses import ERROR, ROOT, Message, OscAddresses

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 9000
TICK_SECONDS = 0.05
MOST_SUBSCRIBERS = 16
_LONGEST_PACKET = 65_535
MOST_MESSAGES = 256
"""Of a packet that are read; a bundle of more would be answered for seconds."""
MOST_ANSWERS = 1024
"""To a packet. Whoever sends one under a stranger's address sends these to the stranger."""

Address = tuple[str, int]
Telemetry = Callable[[], Mapping[str, Any]]


class OscServer:
    """Listens for OSC messages until it is closed; see `docs/osc.md` for the addresses."""

    def __init__(
        self,
        parameters: ParameterSet,
        *,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        set_value: Callable[[str, Any], None] | None = None,
        play_preset: Callable[[str], object] | None = None,
        actions: Mapping[str, Callable[[], object]] | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        """Open the port and start.

        Args:
            parameters: that are set.
            host: the address of this machine to listen at; "0.0.0.0" for all, then everyone on
                the network may set parameters.
            port: UDP; 0 for any that is free, see `port`.
            set_value: sets a parameter by its id; by default the set's own `set`.
            play_preset: plays a preset by its name; by default it is checked and applied.
            actions: by name, such as `panic` and `tap`; each is at `/innerear/NAME`.
            telemetry: called 20 times a second while there are subscribers; returns values by
                name: numbers, texts, bools, or sequences of these.

        Raises:
            DeviceError: the port is taken, or the address is not this machine's.
        """
        self._addresses = OscAddresses(
            parameters, set_value=set_value, play_preset=play_preset, actions=actions
        )
        self._telemetry = telemetry
        self._socket = _open(host, port)
        self.host, self.port = self._socket.getsockname()[:2]
        self.malformed = 0
        """How many packets were not OSC."""
        self.problem = ""
        """The newest error of an action or of the telemetry, in one line."""
        self._telemetry_problem = ""
        self._subscribers: dict[Address, None] = {}
        self._changed: set[str] = set()
        self._closing = False
        self._end = parameters.observe(lambda id, value: self._changed.add(id))
        self._thread = threading.Thread(target=self._run, name="innerear-osc", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; the port is free afterwards."""
        if self._closing:
            return
        self._closing = True
        self._end()
        self._thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _run(self) -> None:
        due = time.monotonic() + TICK_SECONDS
        while not self._closing:
            self._socket.settimeout(max(0.001, due - time.monotonic()))
            try:
                self._receive(*self._socket.recvfrom(_LONGEST_PACKET))
            except TimeoutError:
                pass
            except (
                ConnectionError
            ):  # an earlier answer reached no socket (reported on Windows only)
                pass
            if time.monotonic() >= due:
                due = time.monotonic() + TICK_SECONDS
                self._send_telemetry()

    def _receive(self, packet: bytes, sender: Address) -> None:
        try:
            messages = [timed.message for timed in OscPacket(packet).messages]
        except Exception:  # the parser may raise anything on packets from strangers
            self.malformed += 1
            return
        # Times of bundles are not waited for: live means now.
        answers = (
            answer
            for message in messages[:MOST_MESSAGES]
            for answer in self._answer(message.address, message.params, sender)
        )
        # All messages are done; not all are answered.
        self._send(list(answers)[:MOST_ANSWERS], sender)

    def _answer(self, address: str, arguments: Sequence[Any], sender: Address) -> Iterable[Message]:
        if address in (ROOT + "subscribe", ROOT + "unsubscribe"):
            return self._subscribe(address, arguments, sender)
        try:
            return self._addresses.answer(address, arguments)
        except Exception as problem:  # an action's mistake must not end the server
            self.problem = f"OSC {address} failed: {problem}"
            return [(ERROR, (self.problem,))]

    def _subscribe(
        self, address: str, arguments: Sequence[Any], sender: Address
    ) -> Iterable[Message]:
        """Add or remove a subscriber: the sender's machine, at the port named or its own."""
        port = arguments[0] if arguments else sender[1]
        if isinstance(port, bool) or port not in range(1, 65_536):
            return [(ERROR, (f"{address} cannot be {port!r}: it takes a port, 1 to 65535.",))]
        subscriber = (sender[0], int(port))
        self._subscribers.pop(subscriber, None)
        if address == ROOT + "subscribe":
            self._subscribers[subscriber] = None
            if len(self._subscribers) > MOST_SUBSCRIBERS:  # the oldest has most likely ended
                del self._subscribers[next(iter(self._subscribers))]
        return []

    def _send_telemetry(self) -> None:
        if not self._subscribers:
            self._changed.clear()
            return
        # Parameters that changed since the last time, each once.
        changed = [self._changed.pop() for _ in range(len(self._changed))]
        messages = [self._addresses.value(id) for id in changed]
        messages += self._telemetry_messages()
        for subscriber in self._subscribers:
            self._send(messages, subscriber)

    def _telemetry_messages(self) -> list[Message]:
        if self._telemetry is None:
            return []
        try:
            found = self._telemetry()
        except Exception as problem:  # such as a device that stopped: sent once
            if str(problem) == self._telemetry_problem:
                return []
            self._telemetry_problem = self.problem = str(problem)
            return [(ERROR, (self.problem,))]
        self._telemetry_problem = ""
        return [(f"{ROOT}telemetry/{name}", _as_arguments(value)) for name, value in found.items()]

    def _send(self, messages: Iterable[Message], to: Address) -> None:
        for address, arguments in messages:
            try:
                self._socket.sendto(_packet(address, arguments), to)
            except (OSError, BuildError, ValueError) as problem:
                self.problem = f"OSC {address} could not be sent to {to[0]}:{to[1]}: {problem}"


def _open(host: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.bind((host, port))
    except (OSError, OverflowError) as problem:
        opened.close()
        if isinstance(problem, OSError) and problem.errno == errno.EADDRINUSE:
            raise DeviceError(
                f"The OSC port {port} on {host} is taken by another program: choose another port,"
                " or 0 for any that is free."
            ) from None
        why = problem.strerror if isinstance(problem, OSError) else "ports are 0 to 65535"
        raise DeviceError(f"OSC cannot listen at {host}, port {port}: {why}.") from None
    return opened


def _as_arguments(value: Any) -> Sequence[Any]:
    value = value.tolist() if hasattr(value, "tolist") else value  # from NumPy
    return value if isinstance(value, list | tuple) else (value,)


def _packet(address: str, arguments: Sequence[Any]) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build().dgram
