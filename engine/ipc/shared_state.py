"""The memory that an audio server shares with its clients."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..arrays import Float
from ..dsp.ring_buffer import RingBuffer
from ..packs.network import Activations
from ..parameters import PARAMETERS
from .shared_arrays import Fields, SharedArrays, SharedText
from .shared_parameters import PARAMETER_FIELDS

SOUND_FILE = "sound"
"""Name of the `SoundMemory` in a server's folder."""
MOST_UNITS = 65_536
MOST_STATUS_BYTES = 262_144
"""Of the status as JSON text; what is longer would be cut, and could not be read."""
_ACTIVITY_BYTES = 256
_MOST_BINS = max(int(choice) for choice in PARAMETERS["n_fft"].choices) // 2 + 1
"""Of the largest window of the filter."""
SOUND_SECONDS = 8.0
"""How much of the sound is kept for views and recordings."""
_COUNT, _SILENCE_MS = range(2)

SHARED_STATE_FIELDS: Fields = {
    **PARAMETER_FIELDS,
    "status": ("u1", (MOST_STATUS_BYTES + SharedText.HEAD_BYTES,)),
    "heartbeat": ("i8", (2,)),
    "activity": ("u1", (_ACTIVITY_BYTES,)),
    "activations": ("f4", (MOST_UNITS,)),
    "filter": ("f4", (1 + _MOST_BINS,)),
}


class SharedState:
    """Parameters, status, heartbeat, the network's activations, and the filter it dreams."""

    def __init__(self, path: Path, create: bool = False) -> None:
        """Map or make the file; see `SharedArrays`."""
        self.block = SharedArrays(path, SHARED_STATE_FIELDS, create)
        self._status = SharedText(self.block["status"])
        self._activity = SharedText(self.block["activity"])

    def write_status(self, text: str) -> None:
        """Publish the status, as JSON text."""
        self._status.set(text)

    def status(self) -> str:
        """Return the status that was published last, as JSON text; empty before the first."""
        return self._status.get()

    def beat(self) -> None:
        """Count one heartbeat of the audio server."""
        self.block["heartbeat"][_COUNT] += 1

    @property
    def heartbeats(self) -> int:
        """How often the audio server's heart has beaten."""
        return int(self.block["heartbeat"][_COUNT])

    def allow_silence(self, seconds: float) -> None:
        """Say how long the heartbeat may pause from now on before the server counts as lost."""
        self.block["heartbeat"][_SILENCE_MS] = round(1000.0 * seconds)

    @property
    def allowed_silence_seconds(self) -> float:
        """How long the heartbeat may pause before the server counts as lost."""
        return float(self.block["heartbeat"][_SILENCE_MS]) / 1000.0

    def write_activity(self, activity: str) -> None:
        """Say what the server's main loop does that may take long; empty for its usual work."""
        self._activity.set(activity)

    def activity(self) -> str:
        """Return what the server's main loop does that may take long; empty for nothing."""
        return self._activity.get()

    def write_activations(self, activations: Activations) -> None:
        """Publish activations, layer after layer, in the order of the status's layers."""
        if activations:
            row = np.concatenate(list(activations.values()))[:MOST_UNITS]
            self.block["activations"][: len(row)] = row

    def activations(self, layers: Mapping[str, int]) -> Activations:
        """Return a copy of the activations: layer -> (units,).

        Args:
            layers: layer -> units, as in the status.
        """
        found, at = {}, 0
        for name, units in layers.items():
            found[name] = self.block["activations"][at : at + units].copy()
            at += units
        return found

    def write_filter(self, log_gain: Float | None) -> None:
        """Publish the filter that is dreamed now: its log-gains (bins,), or None for no filter."""
        row = self.block["filter"]
        if log_gain is not None:
            row[1 : 1 + len(log_gain)] = log_gain
        row[0] = 0 if log_gain is None else len(log_gain)

    def filter(self) -> Float | None:
        """Return a copy of the filter that was published last, (bins,); None for no filter."""
        row = self.block["filter"]
        return row[1 : 1 + int(row[0])].copy() if row[0] else None


class SoundMemory:
    """The newest seconds of the input, of what the dream adds to it, and of the output."""

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
        """Whether the server still writes there: it makes a new file when it is restarted."""
        return self.block.is_at_path
