"""Every knob, declared once: ranges, flags, presets, scaling and documentation derive from here."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .errors import ParameterError, nearest

Value = float | int | bool | str
Kind = Literal["number", "duration", "switch", "choice", "integer choice", "text"]

MINUS = "\N{MINUS SIGN}"

NOTE_BEATS: Mapping[str, float] = {
    name + suffix: beats * factor
    for name, beats in (("1/1", 4.0), ("1/2", 2.0), ("1/4", 1.0), ("1/8", 0.5), ("1/16", 0.25))
    for suffix, factor in (("", 1.0), (".", 1.5), ("t", 2.0 / 3.0))
}
"""Note value -> its length in beats (quarter notes); a dot lengthens by half, t is a triplet."""


@dataclass(frozen=True)
class Parameter:
    """One knob: what it is called, which values it takes, and what it means.

    Attributes:
        id: its name in code, presets and flags.
        title: its name for people.
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
        curve: a knob at `position` (0 to 1) means minimum + range * position ** curve.
        stored: whether presets hold it; not what belongs to the stage rather than to the sound.
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
    curve: float = 1.0
    stored: bool = True

    @property
    def flag(self) -> str:
        """The command-line flag, such as `--threshold-db`."""
        return "--" + self.id.replace("_", "-")

    @property
    def range_text(self) -> str:
        """The values accepted, in words for help and errors."""
        if self.kind in ("number", "duration"):
            numbers = f"{self.minimum:g} to {self.maximum:g}"
            note = ", or a note value such as 1/4, 1/8. or 1/8t" if self.kind == "duration" else ""
            return numbers + (f" {self.unit}" if self.unit else "") + note
        if self.kind == "switch":
            return "on or off"
        return ", ".join(str(choice) for choice in self.choices)

    def text(self, value: Value) -> str:
        """Return a checked value in words, with its unit: `250 ms`, `-50 dB`, `1/8.`, `on`."""
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
        """Return `value` as this parameter's type, or say what would be right.

        Args:
            value: a number, bool or text, as from a flag, a preset or a controller.

        Returns:
            The value with the parameter's own type.

        Raises:
            ParameterError: the value is of the wrong type or out of range.
        """
        return _CHECKS[self.kind](self, value)

    def encode(self, value: Value) -> float:
        """Return a checked value as one number, as memory shared between processes holds it.

        Numbers are themselves, switches 0 or 1, choices their index, note values -1 minus theirs.

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
        """Return the value that `encode` made a number of; the nearest where there is none."""
        if self.choices:
            return self.choices[min(max(round(number), 0), len(self.choices) - 1)]
        if self.kind == "switch":
            return number >= 0.5
        if self.kind == "duration" and number <= -1.0:
            return list(NOTE_BEATS)[min(round(-1.0 - number), len(NOTE_BEATS) - 1)]
        return min(max(number, self.minimum), self.maximum)

    def position(self, value: Value, options: Sequence[Value] = ()) -> float:
        """Return where a knob stands for a value, 0 to 1.

        Args:
            value: a checked value; a note value counts as the knob's end.
            options: for texts, the values to choose from in order; see `ParameterSet.options`.
        """
        options = self.choices or options
        if options:
            at = options.index(value) if value in options else 0
            return at / max(1, len(options) - 1)
        if isinstance(value, str):
            return 1.0
        if self.kind == "switch":
            return float(value)
        share = (float(value) - self.minimum) / (self.maximum - self.minimum)
        return float(share ** (1.0 / self.curve))

    def at_position(self, position: float, options: Sequence[Value] = ()) -> Value:
        """Return the value for a knob at `position`, 0 to 1: the inverse of `position`.

        Raises:
            ParameterError: a text, and there are no options to choose from.
        """
        position = min(max(position, 0.0), 1.0)
        options = self.choices or options
        if options:
            return options[min(int(position * len(options)), len(options) - 1)]
        if self.kind == "text":
            raise ParameterError(
                f"{self.id} is a name; no knob can turn it before a model is chosen."
            )
        if self.kind == "switch":
            return position >= 0.5
        return self.minimum + (self.maximum - self.minimum) * float(position**self.curve)

    def _error(self, value: object) -> ParameterError:
        return ParameterError(f"{self.id} cannot be {value!r}: it takes {self.range_text}.")


def _check_number(parameter: Parameter, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise parameter._error(value)
    try:
        number = float(value)
    except ValueError:
        raise parameter._error(value) from None
    if not parameter.minimum <= number <= parameter.maximum:  # also refuses NaN
        raise parameter._error(value)
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
    raise parameter._error(value)


def _check_choice(parameter: Parameter, value: object) -> Value:
    for choice in parameter.choices:
        if str(value) == str(choice):
            return choice
    hint = nearest(str(value), [str(choice) for choice in parameter.choices])
    raise ParameterError(f"{parameter.id} cannot be {value!r}. {hint}")


def _check_text(parameter: Parameter, value: object) -> str:
    text = str(value).strip()
    if not text:
        raise ParameterError(f"{parameter.id} cannot be empty.")
    return text


_CHECKS: Mapping[Kind, Callable[[Parameter, object], Value]] = {
    "number": _check_number,
    "duration": _check_duration,
    "switch": _check_switch,
    "choice": _check_choice,
    "integer choice": _check_choice,
    "text": _check_text,
}


def _number(
    id: str,
    title: str,
    default: float,
    limits: tuple[float, float],
    unit: str,
    meaning: str,
    structural: bool = False,
    curve: float = 1.0,
    kind: Kind = "number",
    stored: bool = True,
) -> Parameter:
    return Parameter(
        id,
        title,
        meaning,
        kind,
        default,
        *limits,
        unit=unit,
        structural=structural,
        curve=curve,
        stored=stored,
    )


def _choice(
    id: str, title: str, choices: tuple[Value, ...], meaning: str, structural: bool = False
) -> Parameter:
    return Parameter(
        id, title, meaning, "choice", choices[0], choices=choices, structural=structural
    )


_DECLARED = (
    Parameter(
        "model",
        "Model",
        "The network that listens: a pack's name or folder.",
        "text",
        "samplecnn-instruments",
        structural=True,
    ),
    Parameter(
        "layer",
        "Dream layer",
        "The layer, or several with weights (conv5,output:0.5), whose activations are excited.",
        "text",
        "output",
    ),
    Parameter(
        "target",
        "Target",
        "What is excited: auto (what is strongest already), energy (all of the layer),"
        " a class name, a unit's index, or a weighted mix of these, each on a layer of its own"
        " where one is named (output/Brass*0.7 + conv5/12*0.3).",
        "text",
        "auto",
    ),
    _choice(
        "drive",
        "Drive",
        ("gradient", "deconv", "guided", "track", "grains"),
        "Where the dream comes from; track and grains need no gradient.",
    ),
    _choice(
        "combine",
        "Combination",
        ("add", "gate", "filter", "flip", "gradient", "mask"),
        "How the dream meets the sound.",
    ),
    _number("step", "Step", 1.0, (0, 2), "", "Step size: how far the dream moves the sound."),
    _number(
        "feedback",
        "Feedback",
        0.0,
        (0, 1),
        "",
        "How much of the output re-enters the input; the loop always decays.",
    ),
    _number(
        "delay_ms",
        "Delay",
        250.0,
        (0, 2000),
        "ms",
        "The period of the feedback; a note value follows the tempo.",
        curve=2.0,
        kind="duration",
    ),
    _number(
        "threshold_db",
        "Threshold",
        -50.0,
        (-80, 0),
        "dB",
        "Bins below it, relative to the peak, are dropped.",
    ),
    _number(
        "smooth_ms",
        "Smoothing",
        0.0,
        (0, 2000),
        "ms",
        "Smoothing of the dream over time.",
        curve=3.0,
    ),
    _number(
        "hold_ms",
        "Hold",
        500.0,
        (0, 2000),
        "ms",
        "How slowly the last dream fades when the next one is late.",
        curve=2.0,
    ),
    _choice(
        "alignment",
        "Alignment",
        ("live", "zero-latency", "echo", "aligned"),
        "live: the newest dream shapes the present sound; zero-latency: the same without any"
        " delay; echo: the dream comes later; aligned: the sound waits for its dream.",
        structural=True,
    ),
    _number(
        "lookahead_ms",
        "Lookahead",
        250.0,
        (0, 1000),
        "ms",
        "How long a sound collects gradient steps before its dream is heard.",
        structural=True,
        curve=2.0,
    ),
    _number(
        "colour",
        "Colour",
        0.5,
        (0, 1),
        "",
        "From the raw, bright gradient (0) to one like the sound: tilted by 1/f, strong where"
        " the sound is (1).",
    ),
    Parameter(
        "n_fft",
        "Filter window",
        "Samples in the filter's window: longer is smoother, later.",
        "integer choice",
        1024,
        choices=(256, 512, 1024, 2048, 4096),
        structural=True,
    ),
    _choice(
        "channel_mode",
        "Channels",
        ("mix", "each"),
        "mix: all channels share one dream, of their mix; each: every channel dreams its own.",
        structural=True,
    ),
    _number(
        "tempo_bpm",
        "Tempo",
        120.0,
        (30, 300),
        "bpm",
        "Of note values; a MIDI clock or taps set it.",
        stored=False,
    ),
    _choice(
        "beat",
        "On the beat",
        ("off", "1/1", "1/2", "1/4", "1/8", "1/16"),
        "The dream changes only on the beat.",
    ),
    _number("mix", "Mix", 1.0, (0, 1), "", "0 is the sound alone, 1 the dreamed sound."),
    _number(
        "input_db",
        "Input level",
        0.0,
        (-60, 24),
        "dB",
        "Gain before everything.",
        stored=False,
    ),
    _number("output_db", "Output level", 0.0, (-60, 24), "dB", "Gain after everything."),
    Parameter("freeze", "Freeze", "Hold the dream as it is.", "switch", False, stored=False),
    Parameter(
        "bypass", "Bypass", "Pass the sound through untouched.", "switch", False, stored=False
    ),
    _number("morph", "Morph", 0.0, (0, 1), "", "From preset A (0) to preset B (1).", stored=False),
)

PARAMETERS: Mapping[str, Parameter] = {parameter.id: parameter for parameter in _DECLARED}
"""Every parameter by its id, in the order in which people meet them."""


def find_parameter(id: str) -> Parameter:
    """Return the parameter called `id`.

    Raises:
        ParameterError: there is none of that name; the message lists the nearest.
    """
    if id not in PARAMETERS:
        raise ParameterError(f"There is no parameter {id!r}. {nearest(id, PARAMETERS)}")
    return PARAMETERS[id]


ParameterObserver = Callable[[str, Value], None]


class ParameterSet:
    """The values of all parameters; tells its observers when one really changes.

    Reading a value never waits for anything, so the audio thread may read while others write.
    """

    def __init__(self, **values: Value) -> None:
        """Start from the defaults, with `values` by parameter id.

        Raises:
            ParameterError: an unknown id, or a value that the parameter cannot take.
        """
        self._values: dict[str, Value] = {id: p.default for id, p in PARAMETERS.items()}
        self._observers: list[ParameterObserver] = []
        self.options: dict[str, tuple[str, ...]] = {}
        """For names that only the model can check (layer, target, model): those to choose from."""
        for id, value in values.items():
            self.set(id, value)

    def set(self, id: str, value: object) -> None:
        """Set one parameter.

        Args:
            id: the parameter's name.
            value: anything that `Parameter.check` accepts.

        Raises:
            ParameterError: an unknown id, or a value that the parameter cannot take.
        """
        checked = find_parameter(id).check(value)
        if checked != self._read(id):
            self._write(id, checked)
            self._tell(id, checked)

    def __getitem__(self, id: str) -> Value:
        """Return the value of the parameter `id`."""
        if id not in PARAMETERS:
            find_parameter(id)
        return self._read(id)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the parameter ids."""
        return iter(PARAMETERS)

    def number(self, id: str) -> float:
        """Return a number parameter's value; for a note value its milliseconds at the tempo."""
        value = self[id]
        if isinstance(value, str) and value in NOTE_BEATS:
            milliseconds = NOTE_BEATS[value] * 60_000.0 / self.number("tempo_bpm")
            return min(milliseconds, PARAMETERS[id].maximum)
        return float(value)

    def position(self, id: str) -> float:
        """Return where the knob of the parameter `id` stands, 0 to 1."""
        return find_parameter(id).position(self[id], self.options.get(id, ()))

    def set_position(self, id: str, position: float) -> None:
        """Turn the knob of the parameter `id` to `position`, 0 to 1.

        Raises:
            ParameterError: an unknown id, or a name of which no options are known.
        """
        self.set(id, find_parameter(id).at_position(position, self.options.get(id, ())))

    def text(self, id: str) -> str:
        """Return a choice's or a name's value."""
        return str(self[id])

    def switch(self, id: str) -> bool:
        """Return a switch's value."""
        return bool(self[id])

    def as_dict(self) -> dict[str, Value]:
        """Return a copy of all values by id."""
        return {id: self._read(id) for id in PARAMETERS}

    def copy(self) -> "ParameterSet":
        """Return a set with the same values and no observers."""
        return ParameterSet(**self.as_dict())

    def snapshot(self) -> "Snapshot":
        """Return the values as they are now; see `Snapshot`."""
        return Snapshot(self)

    def observe(self, observer: ParameterObserver) -> Callable[[], None]:
        """Call `observer(id, value)` on every real change.

        Returns:
            A function that ends the observation.
        """
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def _read(self, id: str) -> Value:
        return self._values[id]

    def _write(self, id: str, value: Value) -> None:
        self._values[id] = value

    def _tell(self, id: str, value: Value) -> None:
        for observer in tuple(self._observers):
            observer(id, value)


class Snapshot(ParameterSet):
    """Another set's values as they were when last taken, whatever others turn meanwhile."""

    def __init__(self, parameters: ParameterSet) -> None:
        """Take the values of `parameters`."""
        super().__init__()
        self._parameters = parameters
        self.take()

    def take(self) -> None:
        """Take the values as they are now."""
        self._values = self._parameters.as_dict()

    def _write(self, id: str, value: Value) -> None:
        raise TypeError("a snapshot does not change: set the parameters that it was taken of")
