"""Tells JACK how late sound comes out, so that other programs compensate for it."""

import ctypes
from collections.abc import Iterable, Sequence
from typing import Any

from .library import no_callback

Range = tuple[int, int]
"""Smallest and largest latency, in samples."""

_CAPTURE, _PLAYBACK = 0, 1


class _Range(ctypes.Structure):
    _fields_ = (("smallest", ctypes.c_uint32), ("largest", ctypes.c_uint32))


def through(ranges: Iterable[Range], latency_samples: int) -> Range:
    """Return the latency behind what takes sound from several ports.

    Args:
        ranges: of these ports; without any, what follows is where the sound begins.
        latency_samples: of our own.
    """
    known = list(ranges) or [(0, 0)]
    smallest, largest = min(low for low, _ in known), max(high for _, high in known)
    return smallest + latency_samples, largest + latency_samples


class PortLatency:
    """Keeps the latency of a client's ports right, with our own added.

    JACK computes what reaches our ports, and asks each client for what leaves it. A callback of
    ours that does nothing keeps it from taking the default, no latency, and the ranges are written
    from outside; see `library.py` why. JACK-Client has nothing for latencies: it is the C library.
    """

    def __init__(
        self,
        library: Any,
        client: int,
        inputs: Sequence[str],
        other_inputs: Sequence[str],
        outputs: Sequence[str],
    ) -> None:
        """Register with a client that is not active yet.

        Args:
            library: from `load_library`.
            client: address of the client in C.
            inputs: full names of the ports whose sound comes out again.
            other_inputs: of those whose sound does not: a sidechain.
            outputs: of the ports where it comes out.
        """
        pointer = ctypes.c_void_p
        library.jack_port_by_name.restype = pointer
        library.jack_port_by_name.argtypes = pointer, ctypes.c_char_p
        for name in ("jack_port_get_latency_range", "jack_port_set_latency_range"):
            function = getattr(library, name)
            function.restype = None
            function.argtypes = pointer, ctypes.c_int, ctypes.POINTER(_Range)
        library.jack_set_latency_callback.argtypes = pointer, pointer, pointer
        library.jack_recompute_total_latencies.argtypes = (pointer,)
        self._library, self._client = library, client

        def ports(names: Sequence[str]) -> list[int]:
            return [library.jack_port_by_name(client, name.encode()) for name in names]

        ours_in, ours_out = ports(inputs), ports(outputs)
        self._ways = (
            (_CAPTURE, ours_in, ours_out),
            (_PLAYBACK, ours_out, [*ours_in, *ports(other_inputs)]),
        )
        self._seen: tuple[int, list[list[Range]]] | None = None
        library.jack_set_latency_callback(client, no_callback(library), None)

    def update(self, latency_samples: int) -> None:
        """Write what has changed, and let JACK tell the others.

        Args:
            latency_samples: from input to output.
        """
        reaching = self._reaching()
        if (latency_samples, reaching) == self._seen:
            return
        self._write(latency_samples, reaching)
        self._library.jack_recompute_total_latencies(self._client)
        # In a loop our own latency comes back: no cause to begin again, for ever.
        self._seen = latency_samples, self._reaching()
        self._write(*self._seen)

    def _reaching(self) -> list[list[Range]]:
        """Return what reaches our ports in both directions, as JACK has computed it."""
        return [[self._range(port, mode) for port in sources] for mode, sources, _ in self._ways]

    def _write(self, latency_samples: int, reaching: list[list[Range]]) -> None:
        for (mode, _, sinks), ranges in zip(self._ways, reaching, strict=True):
            behind = ctypes.byref(_Range(*through(ranges, latency_samples)))
            for port in sinks:
                self._library.jack_port_set_latency_range(port, mode, behind)

    def _range(self, port: int, mode: int) -> Range:
        found = _Range()
        self._library.jack_port_get_latency_range(port, mode, ctypes.byref(found))
        return found.smallest, found.largest
