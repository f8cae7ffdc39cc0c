"""A parameter in the range of one binding: a share from 0 to 1, or one of its steps.

While a duration is a note value, its control steps through all note values.
"""

from ...parameter import Value
from ...parameter_values import ParameterSet
from ...parameters import find_parameter
from .mapping import Binding


class Dial:
    """Reads and sets one parameter in a binding's range."""

    def __init__(self, binding: Binding, parameters: ParameterSet) -> None:
        """Use the parameter that `binding` names, in `parameters`."""
        self._parameters = parameters
        self._parameter = find_parameter(binding.target)
        self._steps: tuple[Value, ...] = tuple(
            self._parameter.check(step) for step in binding.steps or ()
        )
        self._range = binding.ends()

    @property
    def count(self) -> int:
        """The number of choices; 0 for a parameter that is a number."""
        if self._steps:
            return len(self._steps)
        if self._parameter.kind == "switch":
            return 2
        return len(self._choices())

    def read(self) -> float:
        """Return the parameter's share of the range, 0 to 1."""
        if self._steps:
            value = self._parameters[self._parameter.id]
            at = self._steps.index(value) if value in self._steps else 0
            return at / max(1, len(self._steps) - 1)
        position = self._parameters.position(self._parameter.id)
        low, high = self._ends()
        return min(max((position - low) / (high - low), 0.0), 1.0)

    def write(self, share: float) -> None:
        """Set the parameter to `share` of the range, 0 to 1."""
        self._parameters.set(self._parameter.id, self._value_at(share))

    def holds(self, share: float) -> bool:
        """Whether the parameter has the value at `share`; always False for numbers."""
        if not self.count:
            return False
        return self._value_at(share) == self._parameters[self._parameter.id]

    def next(self) -> None:
        """Set the next choice; after the last comes the first."""
        if self._steps:
            value = self._parameters[self._parameter.id]
            at = self._steps.index(value) if value in self._steps else -1
            self._parameters.set(self._parameter.id, self._steps[(at + 1) % len(self._steps)])
        else:
            last = max(1, self.count - 1)
            at = round(self.read() * last) + 1
            self.write(at / last if at <= last else 0.0)

    def _value_at(self, share: float) -> Value:
        share = min(max(share, 0.0), 1.0)
        if self._steps:
            return self._steps[min(int(share * len(self._steps)), len(self._steps) - 1)]
        low, high = self._ends()
        position = low * (1 - share) + high * share  # exact at both ends
        return self._parameter.at_position(position, self._choices())

    def _choices(self) -> tuple[Value, ...]:
        return self._parameters.choices(self._parameter.id)

    def _ends(self) -> tuple[float, float]:
        """Return the positions at the control's two ends; a range in milliseconds holds there."""
        in_notes = self._parameter.kind == "duration" and bool(self._choices())
        return (0.0, 1.0) if in_notes else self._range
