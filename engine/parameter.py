"""What a parameter is: its name, the values that it takes, and how they are shown and encoded."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .errors import ParameterError, nearest

Value = float | int | bool | str
Kind = Literal["number", "duration", "switch", "choice", "integer choice", "text"]
Group = Literal["Network", "Method", "Dream", "Loop", "Level", "Performance"]

MINUS = "\N{MINUS SIGN}"

NOTE_BEATS: Mapping[str, float] = {
    name + suffix: beats * factor
    for name, beats in (("1/1", 4.0), ("1/2", 2.0), ("1/4", 1.0), ("1/8", 0.5), ("1/16", 0.25))
    for suffix, factor in (("", 1.0), (".", 1.5), ("t", 2.0 / 3.0))
}
"""Note value -> its length in beats (quarter notes); a dot lengthens by half, t is a triplet."""
NOTE_VALUES = tuple(sorted(NOTE_BEATS, key=lambda note: NOTE_BEATS[note]))
"""The note values, from the shortest on."""


def nearest_note(milliseconds: float, tempo_bpm: float) -> str:
    """Return the note value that is nearest to a duration, by the ratio of the two."""
    beats = max(milliseconds, 1.0) * tempo_bpm / 60_000.0
    return min(NOTE_VALUES, key=lambda note: abs(math.log(NOTE_BEATS[note] / beats)))


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name, the values that it takes, and its meaning.

    Attributes:
        id: its name in code, presets, logs and flags.
        title: its name in the window and in help texts.
        meaning: one sentence for help texts.
        kind: `number`, `duration` (milliseconds, or a note value such as `1/8.`), `switch`,
            `choice`, `integer choice`, or `text` (a name that only the model can check).
        default: the value of a new `ParameterSet`.
        minimum: smallest number accepted (numbers only).
        maximum: largest number accepted (numbers only).
        unit: shown behind a number: "dB", "ms", or nothing.
        choices: the values a choice can take.
        structural: True where a change needs a new `prepare`; while playing, a second processor
            is prepared and faded to.
        optional: whether a text may be empty.
        curve: a knob at `position` (0 to 1) means minimum + range * position ** curve.
        stored: whether presets hold it; they do not hold what depends on the place or the moment.
        group: of the controls that clients show together.
        leads: whether it comes before the others of its group, which keep the order of declaration.
        on_stage: whether a client shows it where it shows only what is played most.
    """

    id: str
    title: str
    meaning: str
    kind: Kind
    default: Value
    minimum: float = -math.inf
    maximum: float = math.inf
    unit: str = ""
    choices: tuple[Value, ...] = ()
    structural: bool = False
    optional: bool = False
    curve: float = 1.0
    stored: bool = True
    group: Group = "Dream"
    leads: bool = False
    on_stage: bool = False

    @property
    def automatable(self) -> bool:
        """Whether a host can turn it while it plays: it is a number, and needs no `prepare`."""
        return self.kind != "text" and not self.structural

    @property
    def flag(self) -> str:
        """The command-line flag, such as `--threshold-db`."""
        return "--" + self.id.replace("_", "-")

    @property
    def range_text(self) -> str:
        """The values that it takes, in words for help texts and errors."""
        if self.kind in ("number", "duration"):
            numbers = f"{self.minimum:g} to {self.maximum:g}"
            note = ", or a note value such as 1/4, 1/8. or 1/8t" if self.kind == "duration" else ""
            return numbers + (f" {self.unit}" if self.unit else "") + note
        if self.kind == "switch":
            return "on or off"
        return ", ".join(str(choice) for choice in self.choices)

    def text(self, value: Value) -> str:
        """Return a checked value as text, with its unit: `250 ms`, `-50 dB`, `1/8.`, `on`."""
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, str) or self.choices:
            return str(value)
        digits = 2 if self.maximum - self.minimum <= 10 else 1 if abs(value) < 100 else 0
        number = f"{value:.{digits}f}"
        if digits == 1:
            number = number.removesuffix(".0")
        return f"{number.replace('-', MINUS)} {self.unit}".strip()

    def check(self, value: object) -> Value:
        """Return `value` as this parameter's type, or raise an error that says what it takes.

        Args:
            value: a number, bool or text, as from a flag, a preset or a controller.

        Returns:
            The value with the parameter's own type.

        Raises:
            ParameterError: the value is of the wrong type or out of range.
        """
        return _CHECKS[self.kind](self, value)

    def encode(self, value: Value) -> float:
        """Return a checked value as one number, for memory that processes share.

        A number is itself, a switch 0 or 1, a choice its index, a note value -1 minus its index.

        Raises:
            TypeError: texts cannot be encoded.
        """
        if self.kind == "text":
            raise TypeError(f"{self.id} is a text")
        if self.choices:
            return float(self.choices.index(value))
        if isinstance(value, str):
            return -1.0 - list(NOTE_BEATS).index(value)
        return float(value)

    def decode(self, number: float) -> Value:
        """Return the value whose `encode` is `number`, or the nearest; the default for NaN."""
        if math.isnan(number):
            return self.default
        if self.choices:
            return self.choices[round(min(max(number, 0), len(self.choices) - 1))]
        if self.kind == "switch":
            return number >= 0.5
        if self.kind == "duration" and number <= -1.0:
            return list(NOTE_BEATS)[round(min(-1.0 - number, len(NOTE_BEATS) - 1))]
        return min(max(number, self.minimum), self.maximum)

    def choices_at(self, value: Value) -> tuple[Value, ...]:
        """Return the values among which a knob chooses while it stands at `value`.

        They are a choice's own, and all note values where a duration is one of them; none where
        the knob turns through numbers.
        """
        is_note = self.kind == "duration" and isinstance(value, str)
        return NOTE_VALUES if is_note else self.choices

    def position(self, value: Value, options: Sequence[Value] = ()) -> float:
        """Return the position of the knob for a value, 0 to 1.

        Args:
            value: a checked value; a note value has its place among the others.
            options: for a text, the values to choose from, in order; see `ParameterSet.options`.
        """
        options = self.choices_at(value) or options
        if options:
            at = options.index(value) if value in options else 0
            return at / max(1, len(options) - 1)
        if self.kind == "text":  # a name among unknown ones
            return 0.0
        if self.kind == "switch":
            return float(value)
        share = (float(value) - self.minimum) / (self.maximum - self.minimum)
        return float(share ** (1.0 / self.curve))

    def at_position(self, position: float, options: Sequence[Value] = ()) -> Value:
        """Return the value for a knob at `position`, 0 to 1; the inverse of `position`.

        Args:
            position: of the knob.
            options: what it chooses among, such as `choices_at`; empty for a number.

        Raises:
            ParameterError: it is a text without options to choose from.
        """
        position = min(max(position, 0.0), 1.0)
        options = self.choices or options
        if options:
            return options[min(int(position * len(options)), len(options) - 1)]
        if self.kind == "text":
            raise self._error("is a name; no knob can turn it before a model is chosen.")
        if self.kind == "switch":
            return position >= 0.5
        return self.minimum + (self.maximum - self.minimum) * float(position**self.curve)

    def _error(self, what: str) -> ParameterError:
        return ParameterError(f"{self.id} {what}", self.id, self.title)

    def _refusal(self, value: object) -> ParameterError:
        return self._error(f"cannot be {value!r}: it takes {self.range_text}.")


def _check_number(parameter: Parameter, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise parameter._refusal(value)
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise parameter._refusal(value) from None
    if not parameter.minimum <= number <= parameter.maximum:  # also refuses NaN
        raise parameter._refusal(value)
    return number


def _check_duration(parameter: Parameter, value: object) -> Value:
    note = str(value).strip().lower()
    return note if note in NOTE_BEATS else _check_number(parameter, value)


_SWITCH_WORDS = {
    **dict.fromkeys(("on", "true", "yes", "1"), True),
    **dict.fromkeys(("off", "false", "no", "0"), False),
}


def _check_switch(parameter: Parameter, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _SWITCH_WORDS:
        return _SWITCH_WORDS[value.lower()]
    raise parameter._refusal(value)


def _check_choice(parameter: Parameter, value: object) -> Value:
    for choice in parameter.choices:
        if str(value) == str(choice):
            return choice
    hint = nearest(str(value), [str(choice) for choice in parameter.choices])
    raise parameter._error(f"cannot be {value!r}. {hint}")


def _check_text(parameter: Parameter, value: object) -> str:
    text = str(value).strip()
    if not text and not parameter.optional:
        raise parameter._error("cannot be empty.")
    return text


_CHECKS: Mapping[Kind, Callable[[Parameter, object], Value]] = {
    "number": _check_number,
    "duration": _check_duration,
    "switch": _check_switch,
    "choice": _check_choice,
    "integer choice": _check_choice,
    "text": _check_text,
}
