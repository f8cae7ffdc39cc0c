"""How an instrument is doing, as its fronts read it from what it published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class LiveStatus:
    """How an instrument is doing.

    Attributes:
        playing: whether sound goes through; False while a device is waited for.
        sample_rate: in hertz.
        block_size: samples in the newest block.
        channels: that are processed.
        blocks: since the device was opened.
        latency_samples: from input to output, without the device's own.
        block_ms: how long callbacks took: p50, p99, p999, max.
        xruns: blocks that the device reports as lost.
        realtime: whether the system gives the sound real-time priority.
        target: what is excited, in words.
        objective: how strongly.
        dreams: `count`, `late` and `age_ms` with `p50`, `p99`.
        nan_resets: how often something that is no number had to be replaced by silence.
        limited: blocks in which the limiter worked.
        layers: layer -> units, of the network that plays.
        classes: its classes.
        model: its name.
        changing: whether another model or window is being prepared.
        network_restarts: how often the network's process had to be replaced.
        problem: what is wrong now, in words; empty when nothing is.
        messages: what happened, each with its number, oldest first.
        input, output: names of the devices.
        file: that plays instead of an input, `path`, `position_seconds`, `duration_seconds`,
            `playing` and `looping`; empty where none does.
        preset: the one that was chosen last.
        slots: `a` and `b`, each with the `name` and `title` of the preset it holds.
        asked: how often a controller asked for what a front does: `record`.
        midi: `ports`, `problem`, `quiet_seconds` since the last message, `learning` (the parameter
            or action that waits for a control, or None), `waiting` (parameter -> where its knob is,
            0 to 1, while it is not picked up), `clock` (whether one runs), `bound` (parameters and
            actions that have a control).
        pid: of the instrument.
        network_pids: of the networks' processes.
    """

    playing: bool = False
    sample_rate: int = 0
    block_size: int = 0
    channels: int = 0
    blocks: int = 0
    latency_samples: int = 0
    block_ms: Mapping[str, float] = field(default_factory=dict)
    xruns: int = 0
    realtime: bool = False
    target: str = ""
    objective: float = 0.0
    dreams: Mapping[str, Any] = field(default_factory=dict)
    nan_resets: int = 0
    limited: int = 0
    layers: Mapping[str, int] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    model: str = ""
    changing: bool = False
    network_restarts: int = 0
    problem: str = ""
    messages: tuple[tuple[int, str], ...] = ()
    input: str = ""
    output: str = ""
    file: Mapping[str, Any] = field(default_factory=dict)
    preset: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    asked: Mapping[str, int] = field(default_factory=dict)
    midi: Mapping[str, Any] = field(default_factory=dict)
    pid: int = 0
    network_pids: tuple[int, ...] = ()

    @classmethod
    def from_report(cls, report: Mapping[str, Any]) -> "LiveStatus":
        """Read what an instrument published."""
        model = report.get("model", {})
        known = {name: report[name] for name in cls.__dataclass_fields__ if name in report}
        known |= {
            "model": model.get("name", ""),
            "layers": model.get("layers", {}),
            "classes": tuple(model.get("classes", ())),
            "dreams": report.get("dreams", {"count": 0, "late": 0, "age_ms": {"p50": 0, "p99": 0}}),
            "problem": report.get("failure") or report.get("problem", ""),
            "messages": tuple((number, text) for number, text in report.get("messages", ())),
            "network_pids": tuple(report.get("network_pids", ())),
        }
        return cls(**known)

    @property
    def load(self) -> float:
        """The 99.9th percentile of the callback as a share of the time that there is."""
        if not self.block_size:
            return 0.0
        return self.block_ms.get("p999", 0.0) * self.sample_rate / (1000.0 * self.block_size)

    @property
    def latency_ms(self) -> float:
        """The latency in milliseconds."""
        return 1000.0 * self.latency_samples / self.sample_rate if self.sample_rate else 0.0
