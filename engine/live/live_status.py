"""How an audio server is doing: published by the server as JSON, read by every client."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from ..control.status import MidiStatus, SlotsStatus
from ..errors import DeviceError
from ..files import parse_json
from ..plugin.status import DreamStatus


class Message(NamedTuple):
    """One line about what happened.

    Attributes:
        number: from 1, raised with each message.
        text: for people.
    """

    number: int
    text: str


@dataclass(frozen=True)
class BlockTimes:
    """Durations of the audio callback: percentiles and the maximum, in milliseconds."""

    p50: float = 0.0
    p99: float = 0.0
    p999: float = 0.0
    max: float = 0.0

    def as_dict(self) -> dict[str, float]:
        """Return it as JSON data."""
        return {"p50": self.p50, "p99": self.p99, "p999": self.p999, "max": self.max}


@dataclass(frozen=True)
class FileStatus:
    """The sound file that plays instead of an input.

    Attributes:
        path: of the file.
        position_seconds: of the sample that plays next.
        duration_seconds: of the whole file.
        playing: False while it is paused.
        looping: whether it starts again at its end.
    """

    path: str
    position_seconds: float = 0.0
    duration_seconds: float = 0.0
    playing: bool = True
    looping: bool = True


@dataclass(frozen=True)
class LiveStatus:
    """How an audio server is doing.

    Attributes:
        playing: whether sound goes through; False while the server waits for a device.
        sample_rate: in hertz.
        block_size: samples in the newest block.
        channels: that are processed.
        blocks: since the device was opened.
        latency_samples: from input to output, without the device's own.
        block_ms: durations of the audio callback.
        xruns: blocks that the device reports as lost.
        realtime: whether the system gives the audio callback real-time priority.
        target: what is excited, in words.
        objective: how strongly.
        dreams: how many there were, how many were late, and their age.
        nan_resets: how often NaN or infinity was replaced by silence.
        limited: blocks in which the limiter worked.
        model: name of the network that plays; empty until one is loaded.
        layers: layer -> units, of the network that plays, in network order.
        classes: of the network that plays.
        changing: whether another model or window is being prepared.
        network_restarts: how often the network's process was replaced.
        problem: what is wrong now, in one line; empty when nothing is.
        messages: what happened, oldest first.
        input, output: names of the devices.
        lost_device: name of the device that has stopped and is waited for; empty when none is.
        file: the file that plays instead of an input, or will when the device is back; None when
            none does.
        preset: name of the preset that was chosen last.
        slots: the presets in the slots A and B.
        requested: action -> how often a controller asked the clients for it: `record`.
        sync: what tempo and beat follow now: `midi`, `jack`, `link`, or empty.
        midi: what MIDI does.
        pid: of the audio server.
        network_pids: of the networks' processes.
    """

    playing: bool = False
    sample_rate: int = 0
    block_size: int = 0
    channels: int = 0
    blocks: int = 0
    latency_samples: int = 0
    block_ms: BlockTimes = field(default_factory=BlockTimes)
    xruns: int = 0
    realtime: bool = False
    target: str = ""
    objective: float = 0.0
    dreams: DreamStatus = field(default_factory=DreamStatus)
    nan_resets: int = 0
    limited: int = 0
    model: str = ""
    layers: Mapping[str, int] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    changing: bool = False
    network_restarts: int = 0
    problem: str = ""
    messages: tuple[Message, ...] = ()
    input: str = ""
    output: str = ""
    lost_device: str = ""
    file: FileStatus | None = None
    preset: str = ""
    slots: SlotsStatus = field(default_factory=SlotsStatus)
    requested: Mapping[str, int] = field(default_factory=dict)
    sync: str = ""
    midi: MidiStatus = field(default_factory=MidiStatus)
    pid: int = 0
    network_pids: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> "LiveStatus":
        """Read what `to_json` wrote; an empty text is a server that has reported nothing yet.

        Raises:
            DeviceError: it is something else.
        """
        try:
            return _STATUS.validate_python(parse_json(text)) if text else cls()
        except ValueError as problem:  # of JSON, or of what it says
            raise DeviceError(f"The audio engine's status cannot be read: {problem}") from None

    def to_json(self) -> str:
        """Return it as JSON text; names of files that are not UTF-8 pass, too."""
        return json.dumps(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        found: dict[str, Any] = _STATUS.dump_python(self, mode="json")
        return found

    @property
    def load(self) -> float:
        """The 99.9th percentile of the callback's durations as a share of a block's duration."""
        if not self.block_size:
            return 0.0
        return self.block_ms.p999 * self.sample_rate / (1000.0 * self.block_size)

    @property
    def measurements(self) -> dict[str, Any]:
        """How well it keeps time, as JSON data: what `innerear live` and `bench stream` print."""
        return {
            "sample_rate": self.sample_rate,
            "block_size": self.block_size,
            "latency_samples": self.latency_samples,
            "nan_resets": self.nan_resets,
            "dreams": self.dreams.as_dict(),
            "block_ms": self.block_ms.as_dict(),
            "budget_ratio_p999": round(self.load, 4),
            "xruns": self.xruns,
            "realtime": self.realtime,
        }

    @property
    def latency_ms(self) -> float:
        """The latency in milliseconds."""
        return 1000.0 * self.latency_samples / self.sample_rate if self.sample_rate else 0.0


_STATUS = TypeAdapter(LiveStatus)
