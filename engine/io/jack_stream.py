"""Live sound through our own ports of a JACK server."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays import Float
from .devices import Process, Timing, share_out
from .jack.client import SIDECHAIN, JackClient, numbered
from .jack.connections import Connections

SERVER_NAME = "JACK"
"""In the place of a device's name where we connect our ports to none."""


class JackStream(Timing):
    """A running client of JACK that gives each block to a function and plays what that returns.

    The ports take part in the server's own cycle: not one sample of latency is added.
    """

    def __init__(
        self,
        process: Process,
        connections: Connections,
        source: Mapping[str, Any] | None = None,
        sink: Mapping[str, Any] | None = None,
        sample_rate: int | None = None,
        channels: int | None = None,
        sidechain: Sequence[int] = (),
    ) -> None:
        """Open the ports and start.

        Args:
            process: see `Process`; called from JACK's own thread.
            connections: that the ports had before.
            source, sink: the devices that ports without earlier connections are connected to, as
                `choose_devices` returns them; None to leave all connections to others.
            sample_rate, channels, sidechain: see `open_stream`.

        Raises:
            DeviceError: no server runs, it has another rate, or a device has not enough channels.
        """
        super().__init__(process)
        self.input_name = source["name"] if source else SERVER_NAME
        self.output_name = sink["name"] if sink else SERVER_NAME
        if source is not None:
            main, beside = share_out(source, channels, sidechain)
        else:
            main, beside = list(range(channels or 2)), sorted(set(sidechain))
        self.channels, self._sidechain = len(main), len(beside)
        outputs = max(2, self.channels)
        if sink is not None:
            outputs = min(outputs, int(sink["outputs"]))
        self._route = np.arange(outputs) % self.channels
        self.jack = self._client = JackClient(
            self.channels, outputs, self._sidechain, self._callback, connections, sample_rate
        )
        self.sample_rate = self._client.sample_rate
        first: dict[str, list[str]] = {}
        if source is not None:
            theirs = self._client.ports_of(source["name"], takes_sound=False)
            first |= _pairs(numbered("in", self.channels), _chosen(theirs, main))
            first |= _pairs(numbered(SIDECHAIN, self._sidechain), _chosen(theirs, beside))
        if sink is not None:
            theirs = self._client.ports_of(sink["name"], takes_sound=True)
            first |= _pairs(numbered("out", outputs), theirs)
        self._client.start(first)

    def close(self) -> None:
        """Leave the server."""
        self._client.close()

    def _callback(self, block: Float, out: Float, lost: bool) -> None:
        beside = block[self.channels :] if self._sidechain else None
        self.play(block[: self.channels], out.T, self._route, lost, beside)


def _chosen(ports: Sequence[str], channels: Sequence[int]) -> list[str]:
    return [ports[at] for at in channels if at < len(ports)]


def _pairs(ours: Sequence[str], theirs: Sequence[str]) -> dict[str, list[str]]:
    return {our: [their] for our, their in zip(ours, theirs, strict=False)}
