"""The parameters in memory that several processes share: turned in one, heard in another."""

from collections.abc import Mapping

from ..parameter import Value
from ..parameter_values import ParameterSet
from ..parameters import PARAMETERS
from .shared_arrays import Fields, SharedArrays, SharedText

_NUMBERS = [id for id, parameter in PARAMETERS.items() if parameter.kind != "text"]
_TEXTS = [id for id, parameter in PARAMETERS.items() if parameter.kind == "text"]
_TEXT_BYTES = 1024

PARAMETER_FIELDS: Fields = {
    "parameter_numbers": ("f8", (len(_NUMBERS),)),
    "parameter_texts": ("u1", (len(_TEXTS), _TEXT_BYTES)),
}
"""What a `SharedArrays` needs to hold them."""


class SharedParameterSet(ParameterSet):
    """Values in a `SharedArrays`. Each process has its own set on the same block.

    A value that another process changed is read at once; observers hear of it at the next `poll`.
    """

    def __init__(self, block: SharedArrays, values: Mapping[str, Value] | None = None) -> None:
        """Take the block's values, or write new ones into it.

        Args:
            block: with `PARAMETER_FIELDS`.
            values: by parameter id, to write over the defaults; None takes what is there.

        Raises:
            ParameterError: an unknown id, or a value that the parameter cannot take.
        """
        self._block = block
        self._decoded: tuple[bytes, dict[str, Value]] = b"", {}
        numbers = block["parameter_numbers"]
        self._slots = {id: numbers[at : at + 1] for at, id in enumerate(_NUMBERS)}
        self._words = {id: SharedText(block["parameter_texts"][at]) for at, id in enumerate(_TEXTS)}
        chosen = ParameterSet(**(values or {}))
        super().__init__()
        if values is not None:
            for id in PARAMETERS:
                self._write(id, chosen[id])
        self._told = self.as_dict()

    def as_dict(self) -> dict[str, Value]:
        """Return a copy of all values by id; quick where none has changed since the last time."""
        raw = b"".join(self._block[name].tobytes() for name in PARAMETER_FIELDS)
        if raw != self._decoded[0]:
            self._decoded = raw, super().as_dict()
        return dict(self._decoded[1])

    def poll(self) -> None:
        """Tell the observers what others have changed since the last time."""
        for id, value in self.as_dict().items():
            if value != self._told[id]:
                self._told[id] = value
                super()._tell(id, value)

    def _read(self, id: str) -> Value:
        slot = self._slots.get(id)
        if slot is None:
            return self._words[id].get()
        return PARAMETERS[id].decode(float(slot[0]))

    def _write(self, id: str, value: Value) -> None:
        slot = self._slots.get(id)
        if slot is None:
            self._words[id].set(str(value))
        else:
            slot[0] = PARAMETERS[id].encode(value)

    def _tell(self, id: str, value: Value) -> None:
        self._told[id] = value
        super()._tell(id, value)


class PinnedParameters(ParameterSet):
    """Another set's values, except for some that stay as they are.

    A processor that was prepared for one window or model keeps them while it fades away.
    """

    def __init__(self, parameters: ParameterSet, pinned: Mapping[str, Value]) -> None:
        """Read through to `parameters`, except for the ids in `pinned`."""
        super().__init__()
        self._parameters, self._pinned = parameters, dict(pinned)

    def as_dict(self) -> dict[str, Value]:
        """Return a copy of all values by id."""
        return self._parameters.as_dict() | self._pinned

    def _read(self, id: str) -> Value:
        return self._pinned[id] if id in self._pinned else self._parameters[id]

    def _write(self, id: str, value: Value) -> None:
        self._parameters.set(id, value)


def structural_values(parameters: ParameterSet) -> dict[str, Value]:
    """Return the values for which a processor has to be prepared anew."""
    return {id: parameters[id] for id, parameter in PARAMETERS.items() if parameter.structural}
