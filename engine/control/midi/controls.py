"""Controls of a MIDI device, and their positions as read from its messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .messages import Message, encode

ControlKind = Literal[
    "cc",
    "cc14",
    "nrpn",
    "nrpn14",
    "nrpn-step",
    "note",
    "pitch-bend",
    "pressure",
    "poly-pressure",
    "program",
]
Encoding = Literal["absolute", "twos-complement", "binary-offset", "sign-magnitude"]
Channel = Annotated[int, Field(ge=1, le=16)]

_HIGHEST_NUMBER: Mapping[ControlKind, int] = {
    "cc": 127,
    "cc14": 31,
    "nrpn": 16_383,
    "nrpn14": 16_383,
    "nrpn-step": 16_383,
    "note": 127,
    "poly-pressure": 127,
    "pitch-bend": 0,
    "pressure": 0,
    "program": 0,
}
TOP: Mapping[ControlKind, int] = {
    kind: 16_383 if kind in ("cc14", "nrpn14", "pitch-bend") else 127 for kind in _HIGHEST_NUMBER
}
"""The highest value of each kind of control."""

_DATA, _DATA_FINE = 6, 38
_INCREMENT, _DECREMENT = 96, 97
_RIGHT, _LEFT = 1, 127
"""One step of an `nrpn-step`, in two's complement."""
_NRPN_FINE, _NRPN, _RPN_FINE, _RPN = 98, 99, 100, 101
_NO_NRPN = 16_383


class Control(BaseModel):
    """One knob, fader, encoder, button or key of a MIDI device.

    Attributes:
        kind: which messages it sends: `cc` (control change, 7 bits), `cc14` (a pair of control
            changes, n and n + 32), `nrpn` and `nrpn14` (7 and 14 bits), `nrpn-step` (an endless
            encoder: data increment and decrement), `note`, `pitch-bend`, `pressure` and
            `poly-pressure` (aftertouch of a channel, of a key), or `program`.
        number: of the controller, the parameter (NRPN) or the note.
        channel: 1 to 16; None listens to all.
        port: part of the name of the port it is at; empty listens to all.
        encoding: of an endless encoder: how it encodes its steps.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ControlKind
    number: int = Field(default=0, ge=0)
    channel: Channel | None = None
    port: str = Field(default="", max_length=200)
    encoding: Encoding = "absolute"

    @model_validator(mode="after")
    def _possible(self) -> "Control":
        if self.number > _HIGHEST_NUMBER[self.kind]:
            raise ValueError(
                f"a {self.kind} cannot have the number {self.number}: "
                f"it goes up to {_HIGHEST_NUMBER[self.kind]}"
            )
        if self.encoding != "absolute" and self.kind not in ("cc", "nrpn"):
            raise ValueError(f"a {self.kind} has no encoding; a cc or an nrpn can have one")
        return self

    @property
    def sends(self) -> Encoding:
        """What its values are: `absolute` positions, or an endless encoder's steps."""
        return "twos-complement" if self.kind == "nrpn-step" else self.encoding

    def __str__(self) -> str:
        """Return it as text for people: `cc 21, channel 1, nanoKONTROL2`."""
        number = f" {self.number}" if _HIGHEST_NUMBER[self.kind] else ""
        parts = [self.kind + number]
        parts += [f"channel {self.channel}"] if self.channel else []
        parts += [self.port] if self.port else []
        parts += [self.encoding] if self.encoding != "absolute" else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Reading:
    """The position of a control, by one interpretation of the messages so far.

    Attributes:
        kind: of control.
        channel: 1 to 16.
        number: of the control.
        value: 0 to `TOP[kind]`; for a note its velocity, 0 when it ends; for a program its number;
            for an `nrpn-step` 1 to the right and 127 to the left.
    """

    kind: ControlKind
    channel: int
    number: int
    value: int


class _Pair:
    """A value of 14 bits whose halves come one after the other, the coarse one first.

    MIDI 1.0 lets a control send its coarse half alone, and has that set the fine half to 0. A
    control that never sent a fine half has 128 positions, which are spread over the whole range.
    """

    __slots__ = ("_coarse", "_is_fine")

    def __init__(self) -> None:
        self._coarse = -1
        self._is_fine = False

    def coarse(self, value: int) -> int:
        self._coarse = value
        return value << 7 | (0 if self._is_fine else value)

    def fine(self, value: int) -> int | None:
        self._is_fine = True
        return None if self._coarse < 0 else self._coarse << 7 | value


class ControlReader:
    """Follows the controls of one port.

    The same bytes may mean several things: control change 33 is a knob of its own on one device
    and the fine half of control 1 on another. All meanings are read; the mapping selects one.
    """

    def __init__(self) -> None:
        """Begin without positions."""
        self._pairs: dict[tuple[ControlKind, int, int], _Pair] = {}
        self._nrpn: dict[int, int] = {}

    def read(self, message: Message) -> list[Reading]:
        """Return the positions that a message gives; empty where it is not about a control."""
        channel, number, value = message.channel, message.number, message.value
        match message.kind:
            case "control-change":
                return self._control_change(channel, number, value)
            case "note-on" | "note-off":
                velocity = value if message.kind == "note-on" else 0
                return [Reading("note", channel, number, velocity)]
            case "pitch-bend" | "pressure" | "poly-pressure":
                return [Reading(message.kind, channel, number, value)]
            case "program-change":
                return [Reading("program", channel, 0, number)]
        return []

    def _control_change(self, channel: int, number: int, value: int) -> list[Reading]:
        found = [Reading("cc", channel, number, value)]
        if number < 32:
            combined = self._pair("cc14", channel, number).coarse(value)
            found.append(Reading("cc14", channel, number, combined))
        elif number < 64:
            found += self._fine("cc14", channel, number - 32, value)
        selected = self._nrpn.get(channel, _NO_NRPN)
        if number == _NRPN:
            self._nrpn[channel] = value << 7 | selected & 0x7F
        elif number == _NRPN_FINE:
            self._nrpn[channel] = selected & 0x3F80 | value
        elif number in (_RPN, _RPN_FINE):
            self._nrpn[channel] = _NO_NRPN  # what follows is for a registered parameter
        elif selected != _NO_NRPN and number == _DATA:
            combined = self._pair("nrpn14", channel, selected).coarse(value)
            found.append(Reading("nrpn", channel, selected, value))
            found.append(Reading("nrpn14", channel, selected, combined))
        elif selected != _NO_NRPN and number == _DATA_FINE:
            found += self._fine("nrpn14", channel, selected, value)
        elif selected != _NO_NRPN and number in (_INCREMENT, _DECREMENT):
            # MIDI 1.0 gives the value of these no meaning: each message is one step.
            step = _RIGHT if number == _INCREMENT else _LEFT
            found.append(Reading("nrpn-step", channel, selected, step))
        return found

    def _fine(self, kind: ControlKind, channel: int, number: int, value: int) -> list[Reading]:
        combined = self._pair(kind, channel, number).fine(value)
        return [] if combined is None else [Reading(kind, channel, number, combined)]

    def _pair(self, kind: ControlKind, channel: int, number: int) -> _Pair:
        return self._pairs.setdefault((kind, channel, number), _Pair())


def encoder_steps(value: int, encoding: Encoding) -> int:
    """Return the steps by which an endless encoder was turned; positive is to the right.

    Args:
        value: that it sent, 0 to 127.
        encoding: `twos-complement` (1 is right, 127 left), `binary-offset` (65 right, 63 left) or
            `sign-magnitude` (1 right, 65 left).
    """
    if encoding == "binary-offset":
        return value - 64
    if value < 64:
        return value
    return value - 128 if encoding == "twos-complement" else 64 - value


def control_messages(kind: ControlKind, channel: int, number: int, value: int) -> list[bytes]:
    """Return the messages that set a control of a device, a motor fader or the light of a knob.

    Of an `nrpn-step` that is the position that its light shows, not a step.
    """
    if kind == "program":
        return [encode(Message("program-change", channel, value))]
    if kind == "note":
        # Velocity 0 rather than a note-off: lights know only the former.
        return [bytes((0x90 | (channel - 1), number, value))]
    if kind in ("pitch-bend", "pressure", "poly-pressure"):
        return [encode(Message(kind, channel, number, value))]
    halves = [(number, value)]
    if kind == "cc14":
        halves = [(number, value >> 7), (number + 32, value & 0x7F)]
    elif kind in ("nrpn", "nrpn14", "nrpn-step"):
        halves = [(_NRPN, number >> 7), (_NRPN_FINE, number & 0x7F)]
        fine = [(_DATA, value >> 7), (_DATA_FINE, value & 0x7F)]
        halves += fine if kind == "nrpn14" else [(_DATA, value)]
    return [encode(Message("control-change", channel, *half)) for half in halves]
