"""Recognises a control by the messages that it sent, for MIDI learn."""

from collections.abc import Sequence
from itertools import pairwise

from .controls import Control, ControlKind, ControlReader, Encoding
from .messages import Message, MessageKind

_ENOUGH = 4
"""So many different values in a row come from a knob."""
_SMALL = 16
"""The most steps that an endless encoder sends at once when turned by hand."""
_NRPN_SELECT = (98, 99)
_DATA_FINE = 38
_PLAIN: dict[MessageKind, ControlKind] = {
    "note-on": "note",
    "pitch-bend": "pitch-bend",
    "pressure": "pressure",
    "poly-pressure": "poly-pressure",
}


def recognise(messages: Sequence[Message], button: bool = False) -> Control | None:
    """Return the control that sent these messages, or None while that is not clear.

    An absolute knob sends different values one after the other; an endless encoder repeats itself.
    Its encoding is clear once it was turned right and then left.

    Args:
        messages: of one port, in order, since the learning began.
        button: whether it is learned for something that is pressed: one message is enough.

    Returns:
        The control, with its channel, without a port.
    """
    for message in messages:
        if message.kind == "program-change":
            return Control(kind="program", channel=message.channel)
        if message.kind in _PLAIN:
            kind = _PLAIN[message.kind]
            return Control(kind=kind, number=message.number, channel=message.channel)
    return _controller(messages, button)


def refined(control: Control, value: int) -> Control:
    """Return an encoder that was learned from right turns only, now that it sent `value`.

    Turned right, two's complement and sign-magnitude are the same; a turn left decides.
    """
    if control.encoding == "twos-complement" and 64 < value <= 64 + _SMALL:
        return control.model_copy(update={"encoding": "sign-magnitude"})
    return control


def _controller(messages: Sequence[Message], button: bool) -> Control | None:
    """Recognise a control that sends control changes."""
    changes = [message for message in messages if message.kind == "control-change"]
    if any(change.number in _NRPN_SELECT for change in changes):
        return _nrpn(changes)
    for number, channel in dict.fromkeys((each.number, each.channel) for each in changes):
        mine = [each for each in changes if each.channel == channel]
        if number < 32 and (fine := _has_fine_half(mine, number)) is not False:
            return Control(kind="cc14", number=number, channel=channel) if fine else None
        values = [each.value for each in mine if each.number == number]
        encoding: Encoding | None = "absolute" if button else _encoding(values)
        if encoding:
            return Control(kind="cc", number=number, channel=channel, encoding=encoding)
    return None


def _nrpn(changes: Sequence[Message]) -> Control | None:
    """Decide by the data: a step, or an entry and what follows it, its fine half or another."""
    channel = next(each.channel for each in changes if each.number in _NRPN_SELECT)
    mine = [each for each in changes if each.channel == channel]
    reader, number = ControlReader(), None
    for at, each in enumerate(mine):
        for reading in reader.read(each):
            if reading.kind == "nrpn-step":
                return Control(kind="nrpn-step", number=reading.number, channel=channel)
            if reading.kind == "nrpn":
                number = reading.number
        if number is not None and at + 1 < len(mine):
            is_fine = mine[at + 1].number == _DATA_FINE
            return Control(kind="nrpn14" if is_fine else "nrpn", number=number, channel=channel)
    return None


def _has_fine_half(changes: Sequence[Message], number: int) -> bool | None:
    """Whether the control `number` is followed by its fine half; None where that may yet come."""
    followers = [after.number for before, after in pairwise(changes) if before.number == number]
    if number + 32 not in followers:
        return False
    return True if len(followers) > 1 else None


def _encoding(values: Sequence[int]) -> Encoding | None:
    """Return the encoding of a 7-bit control change, by its values."""
    if {0, 127}.issuperset(values):
        # A button: down and up again. Only ever 127 is an encoder that is turned left.
        return ("absolute" if 0 in values else "twos-complement") if len(values) > 1 else None
    repeats = [a for a, b in pairwise(values) if a == b]
    if not repeats:
        return "absolute" if len(values) >= _ENOUGH else None
    if any(not _is_small(value) for value in values):
        return "absolute"
    return _encoder(values)


def _is_small(value: int) -> bool:
    """Whether an encoder turned by hand could send this value, in one of the encodings."""
    return min(value, abs(value - 64), 128 - value) <= _SMALL


def _encoder(values: Sequence[int]) -> Encoding:
    low = any(value <= _SMALL for value in values)
    if any(value > 128 - _SMALL for value in values):
        return "twos-complement"
    if low and any(64 < value <= 64 + _SMALL for value in values):
        return "sign-magnitude"
    return "twos-complement" if low else "binary-offset"
