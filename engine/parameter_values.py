"""The values of all parameters."""

from collections.abc import Callable, Iterator

from .parameter import NOTE_BEATS, Value
from .parameters import PARAMETERS, find_parameter

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
