"""The values of all parameters: to be read, to be set, and as they are at one moment."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping

from .parameter import NOTE_BEATS, Value
from .parameters import PARAMETERS, find_parameter

ParameterObserver = Callable[[str, Value], None]


class Values(ABC):
    """The values of all parameters, to be read. Reading never waits, on any thread."""

    def __getitem__(self, id: str) -> Value:
        """Return the value of the parameter `id`.

        Raises:
            ParameterError: an unknown id.
        """
        if id not in PARAMETERS:
            find_parameter(id)
        return self._read(id)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the parameter ids."""
        return iter(PARAMETERS)

    @abstractmethod
    def as_dict(self) -> dict[str, Value]:
        """Return a copy of all values by id."""

    def as_they_are(self) -> Mapping[str, Value]:
        """Return all values by id, as they are now and stay in it; do not change it.

        The same object as the last time means that none has changed.
        """
        return self.as_dict()

    def number(self, id: str) -> float:
        """Return a number parameter's value; for a note value its milliseconds at the tempo."""
        value = self[id]
        if isinstance(value, float):
            return value
        if isinstance(value, str) and value in NOTE_BEATS:
            milliseconds = NOTE_BEATS[value] * 60_000.0 / self.number("tempo_bpm")
            return min(milliseconds, PARAMETERS[id].maximum)
        return float(value)

    def text(self, id: str) -> str:
        """Return a choice's or a name's value."""
        return str(self[id])

    def switch(self, id: str) -> bool:
        """Return a switch's value."""
        return bool(self[id])

    def position(self, id: str) -> float:
        """Return the position of the knob of the parameter `id`, 0 to 1."""
        return find_parameter(id).position(self[id], self._options(id))

    def choices(self, id: str) -> tuple[Value, ...]:
        """Return what the knob of the parameter `id` chooses among now; empty for a number.

        While a duration is a note value, these are the note values.
        """
        return find_parameter(id).choices_at(self[id]) or self._options(id)

    @abstractmethod
    def _read(self, id: str) -> Value:
        """Return the value of a parameter that exists."""

    def _options(self, id: str) -> tuple[str, ...]:
        """Return the names that a text parameter can take, where they are known."""
        return ()


class ParameterSet(Values):
    """Values that can be set. Calls its observers when one really changes.

    The audio thread may read while other threads write.

    Examples:
        >>> import innerear
        >>> parameters = innerear.ParameterSet(target="Brass", step=0.6)
        >>> parameters.set("delay_ms", "1/8.")
        >>> parameters["step"], parameters.number("delay_ms") > 100
        (0.6, True)
    """

    def __init__(self, **values: Value) -> None:
        """Start from the defaults, with `values` by parameter id.

        Raises:
            ParameterError: an unknown id, or a value that the parameter cannot take.
        """
        self._values: dict[str, Value] = {id: p.default for id, p in PARAMETERS.items()}
        self._observers: list[ParameterObserver] = []
        self.options: dict[str, tuple[str, ...]] = {}
        """The names that can be chosen for layer, target and model; only the model knows them."""
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
            self._notify(id, checked)

    def set_position(self, id: str, position: float) -> None:
        """Turn the knob of the parameter `id` to `position`, 0 to 1, among its `choices`.

        Raises:
            ParameterError: an unknown id, or a name of which no options are known.
        """
        self.set(id, find_parameter(id).at_position(position, self.choices(id)))

    def as_dict(self) -> dict[str, Value]:
        """Return a copy of all values by id."""
        return dict(self._values)

    def copy(self) -> "ParameterSet":
        """Return a set with the same values and no observers."""
        return ParameterSet(**self.as_dict())

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

    def _notify(self, id: str, value: Value) -> None:
        for observer in tuple(self._observers):
            observer(id, value)

    def _options(self, id: str) -> tuple[str, ...]:
        return self.options.get(id, ())


class Snapshot(Values):
    """Values as they were when last taken, whatever is set meanwhile.

    Its owner takes them once a block; whatever processes the block reads them.
    """

    def __init__(self, values: Values) -> None:
        """Take `values` as they are now."""
        self.take(values)

    def take(self, values: Values) -> None:
        """Take `values` as they are now in place of those held."""
        self._values = values.as_they_are()

    def __getitem__(self, id: str) -> Value:
        """Return the value of the parameter `id`; see `Values`."""
        value = self._values.get(id)
        return super().__getitem__(id) if value is None else value

    def as_dict(self) -> dict[str, Value]:
        """Return a copy of all values by id."""
        return dict(self._values)

    def as_they_are(self) -> Mapping[str, Value]:
        """Return the values that are held; see `Values`."""
        return self._values

    def _read(self, id: str) -> Value:
        return self._values[id]


class PinnedValues(Values):
    """Other values, except for some that stay as they are.

    A processor that was prepared for one window or model keeps them while it fades out.
    """

    def __init__(self, values: Values, pinned: Mapping[str, Value]) -> None:
        """Read `values`, except for the ids in `pinned`."""
        self._values, self._pinned = values, dict(pinned)
        self._merged: tuple[Mapping[str, Value], Mapping[str, Value]] = {}, {}

    def as_dict(self) -> dict[str, Value]:
        """Return a copy of all values by id."""
        return self._values.as_dict() | self._pinned

    def as_they_are(self) -> Mapping[str, Value]:
        """Return all values by id; see `Values`."""
        now = self._values.as_they_are()
        if now is not self._merged[0]:
            self._merged = now, dict(now) | self._pinned
        return self._merged[1]

    def _read(self, id: str) -> Value:
        return self._pinned[id] if id in self._pinned else self._values[id]


def structural_values(values: Values) -> dict[str, Value]:
    """Return the values for which a processor has to be prepared anew, by id."""
    return {id: values[id] for id, parameter in PARAMETERS.items() if parameter.structural}
