"""The memory that an instrument shares with whoever shows and turns it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..dsp.ring_buffer import RingBuffer
from ..packs.gradient_source import Activations
from .shared_arrays import Fields, SharedArrays, SharedText
from .shared_parameters import PARAMETER_FIELDS

MOST_UNITS = 65_536
_STATUS_BYTES = 262_144
SOUND_SECONDS = 8.0
"""How much of the sound is kept for views and recordings."""

SHARED_STATE_FIELDS: Fields = {
    **PARAMETER_FIELDS,
    "status": ("u1", (_STATUS_BYTES,)),
    "beats": ("i8", (4,)),
    "activations": ("f4", (MOST_UNITS,)),
}


class SharedState:
    """Parameters, how it goes, and what the network hears."""

    def __init__(self, path: Path, create: bool = False) -> None:
        """Map or make the file; see `SharedArrays`."""
        self.block = SharedArrays(path, SHARED_STATE_FIELDS, create)
        self._status = SharedText(self.block["status"])

    def write_status(self, status: Mapping[str, Any]) -> None:
        """Publish how it goes, as JSON data; and that the instrument lives."""
        self._status.set(json.dumps(status, separators=(",", ":")))
        self.block["beats"][0] += 1

    def status(self) -> dict[str, Any]:
        """Return what was published last; empty before."""
        text = self._status.get()
        return dict(json.loads(text)) if text else {}

    @property
    def heartbeats(self) -> int:
        """How often a status was published."""
        return int(self.block["beats"][0])

    def write_activations(self, activations: Activations) -> None:
        """Publish activations, layer after layer, in the order that the status gives."""
        if activations:
            row = np.concatenate(list(activations.values()))[:MOST_UNITS]
            self.block["activations"][: len(row)] = row

    def activations(self, layers: Mapping[str, int]) -> Activations:
        """Return a copy of the activations, for layers with so many units each."""
        found, at = {}, 0
        for name, units in layers.items():
            found[name] = self.block["activations"][at : at + units].copy()
            at += units
        return found


class SoundMemory:
    """The newest seconds of what goes in, what the dream adds to it, and what comes out."""

    def __init__(self, path: Path, channels: int, sample_rate: int, create: bool = False) -> None:
        """Map or make the file, for so many channels in and out."""
        samples = round(SOUND_SECONDS * sample_rate)
        length = RingBuffer.bytes_needed(channels, samples)
        fields: Fields = dict.fromkeys(("input", "dream", "output"), ("u1", (length,)))
        self.block = SharedArrays(path, fields, create)
        self.channels, self.sample_rate = channels, sample_rate
        self.input = RingBuffer(channels, samples, self.block["input"].data)
        self.dream = RingBuffer(channels, samples, self.block["dream"].data)
        self.output = RingBuffer(channels, samples, self.block["output"].data)

    @property
    def current(self) -> bool:
        """Whether the instrument still writes there: it makes a new file when it is restarted."""
        return self.block.is_at_path
