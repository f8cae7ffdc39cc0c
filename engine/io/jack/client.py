"""A client of a JACK server: its ports, the callback, and what it tells others."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from ...arrays import Float
from ...errors import DeviceError
from ...musical_position import MusicalPosition
from .connections import Connections
from .latency import PortLatency
from .library import load_binding, load_library
from .lost_blocks import LostBlocks
from .transport import BarBeatTick, musical_position

Process = Callable[[Float, Float, bool], None]
"""Gets a block (input ports, samples), an array (output ports, samples) to write, and whether a
block before was lost; called from JACK's own thread. Raises nothing."""

SIDECHAIN = "sidechain"
"""What the names of ports begin with whose sound is heard by the network alone."""


FORGET_SECONDS = 1.0
"""By then a server has noticed that a client's process was killed."""


def numbered(name: str, count: int) -> list[str]:
    """Return the names of some ports: `in_1`, `in_2`."""
    return [f"{name}_{number}" for number in range(1, count + 1)]


class JackClient:
    """Ports called `in_1`, `out_1`, `sidechain_1`, whose blocks go through a function."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        sidechain: int,
        process: Process,
        connections: Connections,
        sample_rate: int | None = None,
    ) -> None:
        """Join the server; `start` lets sound through.

        Args:
            inputs, outputs, sidechain: how many ports there are of each.
            process: see `Process`; the sidechain's ports follow the inputs.
            connections: that its ports are to have, and under which name.
            sample_rate: that the server has to have, in hertz; None for any.

        Raises:
            DeviceError: JACK is not installed, no server runs, or it has another rate.
        """
        jack = load_binding()
        self._jack, self._process, self._connections = jack, process, connections
        self.ended = False
        """Whether the server has ended, or plays at another rate than before."""
        self._lost_blocks = LostBlocks()
        client = self._client = _join(jack, connections.client_name, connections.is_known)
        self.sample_rate = int(client.samplerate)
        if sample_rate not in (None, self.sample_rate):
            client.close()
            raise DeviceError(
                f"JACK cannot be opened at {sample_rate} Hz: its server runs at"
                f" {self.sample_rate} Hz."
            )
        names = numbered("in", inputs), numbered(SIDECHAIN, sidechain), numbered("out", outputs)
        with self._refusals():
            self._in_ports = [client.inports.register(name) for name in (*names[0], *names[1])]
            self._out_ports = [client.outports.register(name) for name in names[2]]
            client.set_shutdown_callback(self._note_end)
            client.set_process_callback(self._run)
        self._allocate(client.blocksize)
        self._latency = PortLatency(
            load_library(),
            int(jack._ffi.cast("uintptr_t", client._ptr)),
            *([f"{client.name}:{name}" for name in each] for each in names),
        )

    @property
    def name(self) -> str:
        """The name that JACK gave the client: `innerear`, or `innerear-01` beside another."""
        return str(self._client.name)

    def start(self, first: Mapping[str, Collection[str]]) -> None:
        """Let sound through, and connect the ports.

        Args:
            first: see `Connections.restore`.

        Raises:
            DeviceError: the server refuses.
        """
        with self._refusals():
            self._client.activate()
            self._connections.restore(self.name, self, first)

    def close(self) -> None:
        """Leave the server."""
        self._client.deactivate()
        self._client.close()

    def poll(self, latency_samples: int) -> None:
        """Follow what the server says, and tell it our latency; by one thread, now and then.

        Args:
            latency_samples: from in to output.
        """
        if self._client.samplerate != self.sample_rate:
            self.ended = True
        if self.ended:
            return
        with suppress(self._jack.JackError):  # a port has gone while they were listed
            self._connections.poll(self)
        self._latency.update(latency_samples)

    def musical_position(self) -> MusicalPosition | None:
        """Return where JACK's transport is; None while it does not roll. By the same thread."""
        jack = self._jack
        if self.ended:
            return None
        state, at = self._client.transport_query_struct()
        if state != jack.ROLLING:
            return None
        now, named = self._client.transport_frame, None
        later = now - at.frame
        if at.valid & jack.POSITION_BBT:
            named = BarBeatTick(
                at.bar,
                at.beat,
                at.tick,
                at.ticks_per_beat,
                at.beats_per_bar,
                at.beat_type,
                at.beats_per_minute,
            )
            if at.valid & jack.POSITION_BBT_FRAME_OFFSET:
                later += at.bbt_offset
        return musical_position(now, self.sample_rate, named, later)

    # What `Connections` asks for

    def own(self) -> list[str]:
        """Return the short names of our ports."""
        return [port.shortname for port in (*self._in_ports, *self._out_ports)]

    def present(self) -> set[str]:
        """Return the full names of all audio ports."""
        return {port.name for port in self._client.get_ports(is_audio=True)}

    def ports_of(self, device: str, takes_sound: bool) -> list[str]:
        """Return the full names of another client's audio ports, in its own order.

        Args:
            device: the client's name.
            takes_sound: whether to return the ports that take sound; the others give it.

        Raises:
            DeviceError: the server refuses.
        """
        kind = {"is_input": takes_sound, "is_output": not takes_sound}
        with self._refusals():
            found = self._client.get_ports(is_audio=True, **kind)
        return [port.name for port in found if port.name.startswith(f"{device}:")]

    def connected(self, port: str) -> set[str]:
        """Return the full names of the ports that one of ours is connected to."""
        (own,) = (own for own in (*self._in_ports, *self._out_ports) if own.shortname == port)
        return {other.name for other in self._client.get_all_connections(own)}

    def connect(self, port: str, other: str) -> None:
        """Connect one of our ports to another; nothing where that fails."""
        own = f"{self.name}:{port}"
        pair = (own, other) if port.startswith("out_") else (other, own)
        with suppress(self._jack.JackError):  # it has gone, or somebody was faster
            self._client.connect(*pair)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Leave the server where it refuses something, and say so."""
        try:
            yield
        except self._jack.JackError as problem:
            self.close()
            raise DeviceError(f"JACK refuses: {problem}") from problem

    # JACK's threads

    def _run(self, frames: int) -> None:
        if frames != self._in.shape[1]:  # another block size, once
            self._allocate(frames)
        lost = self._lost_blocks.before(self._client.last_frame_time, frames)
        for row, port in zip(self._in, self._in_ports, strict=True):
            row[:] = port.get_array()
        self._process(self._in, self._out, lost)
        for row, port in zip(self._out, self._out_ports, strict=True):
            port.get_array()[:] = row

    def _allocate(self, frames: int) -> None:
        self._in = np.zeros((len(self._in_ports), frames), np.float32)
        self._out = np.zeros((len(self._out_ports), frames), np.float32)

    def _note_end(self, status: Any, reason: str) -> None:
        self.ended = True


def _join(jack: Any, name: str, is_known: bool) -> Any:
    """Open a client of the server.

    Args:
        jack: the binding.
        name: that it should have; another gets a number behind.
        is_known: whether it was ours before: the server may still have to forget a client of that
            name whose process was killed, and is given the time.

    Raises:
        DeviceError: no server runs.
    """
    deadline = time.monotonic() + (FORGET_SECONDS if is_known else 0.0)
    while True:
        is_last = time.monotonic() >= deadline
        try:
            return jack.Client(name, use_exact_name=not is_last, no_start_server=True)
        except jack.JackOpenError as problem:
            if is_last or not problem.status.name_not_unique:
                raise DeviceError(
                    "No JACK server runs: start one, such as JACK or PipeWire."
                ) from problem
        time.sleep(0.02)
