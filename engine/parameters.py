"""Every knob, declared once: ranges, flags, presets, scaling and documentation derive from here."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .errors import ParameterError, nearest

Value = float | int | bool | str
Kind = Literal["number", "switch", "choice", "integer choice", "text"]


@dataclass(frozen=True)
class Parameter:
    """One knob: what it is called, which values it takes, and what it means.

    Attributes:
        id: its name in code, presets and flags.
        title: its name for people.
        meaning: one sentence for help texts.
        kind: `number`, `switch`, `choice`, `integer choice`, or `text` (a name that only the
            model can check).
        default: the value of a new `ParameterSet`.
        minimum: smallest number accepted (numbers only).
        maximum: largest number accepted (numbers only).
        unit: shown behind a number: "dB", "ms", or nothing.
        choices: the values a choice can take.
        structural: True where a change takes effect at the next `prepare`, not while playing.
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

    @property
    def flag(self) -> str:
        """The command-line flag, such as `--threshold-db`."""
        return "--" + self.id.replace("_", "-")

    @property
    def range_text(self) -> str:
        """The values accepted, in words for help and errors."""
        if self.kind == "number":
            return f"{self.minimum:g} to {self.maximum:g}" + (f" {self.unit}" if self.unit else "")
        if self.kind == "switch":
            return "on or off"
        return ", ".join(str(choice) for choice in self.choices)

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
) -> Parameter:
    return Parameter(
        id, title, meaning, "number", default, *limits, unit=unit, structural=structural
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
        " a class name, or a unit's index.",
        "text",
        "auto",
    ),
    _choice(
        "drive",
        "Drive",
        ("gradient", "deconv", "guided", "track"),
        "Where the dream comes from; track needs no gradient.",
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
    _number("delay_ms", "Delay", 250.0, (0, 2000), "ms", "The period of the feedback."),
    _number(
        "threshold_db",
        "Threshold",
        -50.0,
        (-80, 0),
        "dB",
        "Bins below it, relative to the peak, are dropped.",
    ),
    _number("smooth_ms", "Smoothing", 0.0, (0, 2000), "ms", "Smoothing of the dream over time."),
    _number(
        "hold_ms",
        "Hold",
        500.0,
        (0, 2000),
        "ms",
        "How slowly the last dream fades when the next one is late.",
    ),
    _choice(
        "alignment",
        "Alignment",
        ("live", "echo", "aligned"),
        "live: the newest dream shapes the present sound; echo: the dream comes later;"
        " aligned: the sound waits for its dream.",
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
    _number("mix", "Mix", 1.0, (0, 1), "", "0 is the sound alone, 1 the dreamed sound."),
    _number("input_db", "Input level", 0.0, (-60, 24), "dB", "Gain before everything."),
    _number("output_db", "Output level", 0.0, (-60, 24), "dB", "Gain after everything."),
    Parameter("freeze", "Freeze", "Hold the dream as it is.", "switch", False),
    Parameter("bypass", "Bypass", "Pass the sound through untouched.", "switch", False),
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


Observer = Callable[[str, Value], None]


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
        self._observers: list[Observer] = []
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
        if checked == self._values[id]:
            return
        self._values[id] = checked
        for observer in tuple(self._observers):
            observer(id, checked)

    def __getitem__(self, id: str) -> Value:
        """Return the value of the parameter `id`."""
        if id not in self._values:
            find_parameter(id)
        return self._values[id]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the parameter ids."""
        return iter(self._values)

    def number(self, id: str) -> float:
        """Return a number parameter's value."""
        return float(self[id])

    def text(self, id: str) -> str:
        """Return a choice's or a name's value."""
        return str(self[id])

    def switch(self, id: str) -> bool:
        """Return a switch's value."""
        return bool(self[id])

    def as_dict(self) -> dict[str, Value]:
        """Return a copy of all values by id."""
        return dict(self._values)

    def copy(self) -> "ParameterSet":
        """Return a set with the same values and no observers."""
        return ParameterSet(**self._values)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer(id, value)` on every real change.

        Returns:
            A function that ends the observation.
        """
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)
