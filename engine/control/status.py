"""What the control side reports: presets, slots, what controllers asked for, and MIDI."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SlotStatus:
    """The preset that a slot holds.

    Attributes:
        name: of the preset.
        title: of the preset, for people; may be empty.
    """

    name: str = ""
    title: str = ""

    @property
    def label(self) -> str:
        """The title, or the name where there is no title."""
        return self.title or self.name


@dataclass(frozen=True)
class SlotsStatus:
    """The two presets between which the parameter `morph` moves."""

    a: SlotStatus = SlotStatus()
    b: SlotStatus = SlotStatus()


@dataclass(frozen=True)
class MidiStatus:
    """What MIDI does.

    Attributes:
        ports: names of the open inputs.
        problem: what does not work now, in one line; empty when all works.
        quiet_seconds: since the last message; None before the first.
        learning: the parameter or action that waits for a control; None when none does.
        waiting: parameter id -> position of its hardware knob, 0 to 1, until the knob is picked up.
        clock: whether the beat follows a transport that runs: a MIDI clock's or our own.
        bound: parameters and actions that have a control at an open port, sorted.
        heard: how many messages came so far, without a clock's pulses.
    """

    ports: tuple[str, ...] = ()
    problem: str = ""
    quiet_seconds: float | None = None
    learning: str | None = None
    waiting: Mapping[str, float] = field(default_factory=dict)
    clock: bool = False
    bound: tuple[str, ...] = ()
    heard: int = 0


@dataclass(frozen=True)
class ControlStatus:
    """What a `ControlDispatcher` reports.

    Attributes:
        preset: name of the preset that was chosen last.
        slots: the presets in the slots A and B.
        requested: action -> how often a controller asked the clients for it; see `CLIENT_ACTIONS`.
        sync: what tempo and beat follow now: `midi`, `jack`, `link`, or empty.
        midi: what MIDI does.
    """

    preset: str = ""
    slots: SlotsStatus = SlotsStatus()
    requested: Mapping[str, int] = field(default_factory=dict)
    sync: str = ""
    midi: MidiStatus = MidiStatus()
