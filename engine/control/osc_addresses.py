"""OSC addresses: sets parameters as a message says, and returns the answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import InnerearError, ParameterError, nearest
from ..parameter import Parameter, Value
from ..parameter_values import ParameterSet
from ..parameters import PARAMETERS
from .presets import available_presets, load_preset

ROOT = "/innerear/"
ERROR = ROOT + "error"
Message = tuple[str, Sequence[Any]]
"""An address and its arguments: numbers, texts or bools."""


class OscAddresses:
    """The addresses of all parameters, presets and actions; see `docs/osc.md`."""

    WORDS = ("get", "preset", "presets", "subscribe", "unsubscribe", "error", "telemetry")

    def __init__(
        self,
        parameters: ParameterSet,
        *,
        set_value: Callable[[str, Any], None] | None = None,
        play_preset: Callable[[str], object] | None = None,
        actions: Mapping[str, Callable[[], object]] | None = None,
    ) -> None:
        """Bind the addresses.

        Args:
            parameters: that are set.
            set_value: sets a parameter by its id; by default the set's own `set`.
            play_preset: plays a preset by its name; by default it is checked and applied.
            actions: by name, such as `panic` and `tap`.

        Raises:
            ValueError: an action with the name of a parameter or of another address.
        """
        self._parameters = parameters
        self._set = set_value or parameters.set
        self._play_preset = play_preset or self._apply_preset
        self._actions = dict(actions or {})
        if taken := set(self._actions) & {*PARAMETERS, *self.WORDS}:
            raise ValueError(f"an action cannot be called {min(taken)!r}")

    def answer(self, address: str, arguments: Sequence[Any]) -> list[Message]:
        """Do what a message says, and return the answer to its sender.

        Args:
            address: such as `/innerear/step`.
            arguments: of the message.

        Returns:
            Messages; an error is a message at `/innerear/error`.
        """
        try:
            return self._do(address, arguments)
        except InnerearError as problem:
            return [(ERROR, (str(problem),))]

    def value(self, id: str) -> Message:
        """Return the message with a parameter's value."""
        return ROOT + id, (self._parameters[id],)

    def _do(self, address: str, arguments: Sequence[Any]) -> list[Message]:
        name, _, rest = address.removeprefix(ROOT).partition("/")
        if not address.startswith(ROOT) or (name not in PARAMETERS and rest):
            raise ParameterError(f"There is no OSC address {address!r}: they start with {ROOT}ID.")
        if name in PARAMETERS:
            return self._parameter(PARAMETERS[name], rest, arguments)
        if name in self._actions:
            # A button sends 1 when it is pressed and 0 when it is released.
            if not arguments or arguments[0]:
                self._actions[name]()
            return []
        if name == "preset":
            self._play_preset(str(_only(address, arguments)))
            return []
        if name == "presets":
            return [(address, tuple(available_presets()))]
        if name == "get":
            return [self.value(id) for id in PARAMETERS]
        valid = [*PARAMETERS, *self._actions, *self.WORDS]
        raise ParameterError(f"There is no OSC address {address!r}. {nearest(name, valid)}")

    def _parameter(
        self, parameter: Parameter, rest: str, arguments: Sequence[Any]
    ) -> list[Message]:
        id = parameter.id
        if rest == "position":
            if not arguments:
                return [(f"{ROOT}{id}/position", (self._parameters.position(id),))]
            position = _number(f"{id}/position", _only(id, arguments))
            self._set(id, parameter.at_position(position, self._parameters.choices(id)))
        elif rest == "get" or (not rest and not arguments):
            return [self.value(id)]
        elif rest:
            raise ParameterError(f"There is no OSC address {id}/{rest}. It takes get or position.")
        else:
            self._set(id, _from_controller(parameter, _only(id, arguments)))
        return []

    def _apply_preset(self, name: str) -> None:
        preset = load_preset(name)
        preset.check_words()
        preset.apply(self._parameters)


def _only(name: str, arguments: Sequence[Any]) -> Any:
    if len(arguments) != 1:
        raise ParameterError(f"{name} takes one value, not {len(arguments)}.")
    return arguments[0]


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
        raise ParameterError(f"{name} cannot be {value!r}: it takes 0 to 1.")
    return float(value)


def _from_controller(parameter: Parameter, value: Any) -> Value:
    """Return a value in the parameter's type: many controllers send only floats."""
    if not isinstance(value, bool | int | float | str):
        raise ParameterError(
            f"{parameter.id} cannot be {value!r}: it takes {parameter.range_text}."
        )
    if parameter.kind in ("number", "duration") or isinstance(value, bool | str):
        return value
    if parameter.kind == "switch":
        return bool(value) if value in (0, 1) else value
    return int(value) if float(value).is_integer() else value
