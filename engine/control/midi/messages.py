"""Parses and encodes MIDI 1.0 messages, with running status."""

from dataclasses import dataclass
from typing import Literal

MessageKind = Literal[
    "note-off",
    "note-on",
    "poly-pressure",
    "control-change",
    "program-change",
    "pressure",
    "pitch-bend",
    "clock",
    "start",
    "continue",
    "stop",
]

_CHANNEL_KINDS: tuple[MessageKind, ...] = (
    "note-off",
    "note-on",
    "poly-pressure",
    "control-change",
    "program-change",
    "pressure",
    "pitch-bend",
)
_REALTIME_KINDS: dict[int, MessageKind] = {
    0xF8: "clock",
    0xFA: "start",
    0xFB: "continue",
    0xFC: "stop",
}
_SINGLE_BYTE_KINDS = ("program-change", "pressure")
_WITHOUT_NUMBER = ("pressure", "pitch-bend")


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        kind: what it is; a note-on of velocity 0 is a note-off.
        channel: 1 to 16; 0 where the message has none.
        number: of the note, the controller or the program, 0 to 127; 0 where there is none.
        value: velocity, pressure or controller value, 0 to 127; pitch bend 0 to 16383.
    """

    kind: MessageKind
    channel: int = 0
    number: int = 0
    value: int = 0

    def __str__(self) -> str:
        """Return it as text for people: `control-change 7, channel 1: 64`."""
        if not self.channel:
            return self.kind
        number = "" if self.kind in _WITHOUT_NUMBER else f" {self.number}"
        value = "" if self.kind == "program-change" else f": {self.value}"
        return f"{self.kind}{number}, channel {self.channel}{value}"


class Parser:
    """Turns the bytes of one port into messages; a message may come in pieces.

    After "MIDI 1.0 Detailed Specification", 1996: a status byte holds for the messages that follow
    without one; real-time bytes may stand anywhere, even inside another message; exclusive and
    common messages are skipped and end the running status.
    """

    def __init__(self) -> None:
        """Begin without a running status."""
        self._status = 0
        self._first: int | None = None

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that `data` completes, in order; skip bytes without a status."""
        found = []
        for byte in data:
            if byte >= 0xF8:
                if byte in _REALTIME_KINDS:
                    found.append(Message(_REALTIME_KINDS[byte]))
            elif byte >= 0x80:
                self._status = byte if byte < 0xF0 else 0
                self._first = None
            elif self._status:
                message = self._data_byte(byte)
                if message is not None:
                    found.append(message)
        return found

    def _data_byte(self, byte: int) -> Message | None:
        kind = _CHANNEL_KINDS[(self._status >> 4) - 8]
        channel = (self._status & 0x0F) + 1
        if kind == "program-change":
            return Message(kind, channel, byte)
        if kind == "pressure":
            return Message(kind, channel, 0, byte)
        if self._first is None:
            self._first = byte
            return None
        first, self._first = self._first, None
        if kind == "pitch-bend":
            return Message(kind, channel, 0, first | byte << 7)
        if kind == "note-on" and byte == 0:
            return Message("note-off", channel, first)
        return Message(kind, channel, first, byte)


def encode(message: Message) -> bytes:
    """Return a message's bytes, with its status: the inverse of `Parser.feed`."""
    for byte, kind in _REALTIME_KINDS.items():
        if kind == message.kind:
            return bytes((byte,))
    status = 0x80 | _CHANNEL_KINDS.index(message.kind) << 4 | (message.channel - 1)
    if message.kind == "pitch-bend":
        return bytes((status, message.value & 0x7F, message.value >> 7))
    if message.kind in _SINGLE_BYTE_KINDS:
        return bytes((status, message.number or message.value))
    return bytes((status, message.number, message.value))
