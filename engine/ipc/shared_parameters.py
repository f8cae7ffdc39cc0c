"""Parameters in memory that several processes share: each may set them, and all read them."""

from collections.abc import Mapping

import numpy as np

from ..kernel.binding import bind
from ..kernel.values import count_changes
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
"""The arrays that hold the values in a `SharedArrays`."""


class SharedParameterSet(ParameterSet):
    """Values in a `SharedArrays`. Each process has its own set on the same block.

    A value that another process sets is read at once; observers are called at the next `poll`.
    """

    def __init__(self, block: SharedArrays, values: Mapping[str, Value] | None = None) -> None:
        """Use the values in the block, or write new ones into it.

        Args:
            block: with `PARAMETER_FIELDS`.
            values: by parameter id, written with the defaults of all others; None writes nothing.

        Raises:
            ParameterError: an unknown id, or a value that the parameter cannot take.
        """
        self._block = block
        self._decoded: tuple[float, dict[str, Value]] = -1.0, {}
        numbers = block["parameter_numbers"]
        self._slots = {id: numbers[at : at + 1] for at, id in enumerate(_NUMBERS)}
        heads = block["parameter_texts"][:, : SharedText.HEAD_BYTES].view(np.int64)
        kept = np.zeros((1, len(_NUMBERS))), np.zeros((1, len(_TEXTS)), np.int64)
        changes = np.zeros(1, np.int64)
        self._count_changes = bind(count_changes, changes, *kept, numbers[np.newaxis], heads)
        self._words = {id: SharedText(block["parameter_texts"][at]) for at, id in enumerate(_TEXTS)}
        super().__init__()
        if values is not None:
            for id, value in ParameterSet(**values).as_dict().items():
                self._write(id, value)
        self._notified = self.as_dict()

    def as_dict(self) -> dict[str, Value]:
        """Return a copy of all values by id."""
        return dict(self.as_they_are())

    def as_they_are(self) -> Mapping[str, Value]:
        """Return all values by id; see `Values`. Fast where none has changed since the last time.

        Several threads may call it: what one has read too early, the next call reads again.
        """
        number = self._count_changes()
        if number != self._decoded[0]:
            self._decoded = number, {id: self._read(id) for id in PARAMETERS}
        return self._decoded[1]

    def poll(self) -> None:
        """Call the observers for what other processes have set since the last time."""
        for id, value in self.as_dict().items():
            if value != self._notified[id]:
                self._notified[id] = value
                super()._notify(id, value)

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

    def _notify(self, id: str, value: Value) -> None:
        self._notified[id] = value
        super()._notify(id, value)
