"""Sessions that read and write the same arrays at each call."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...arrays import Float
from ...errors import ModelError
from ..onnx_runtime import onnx_runtime
from .captured import CapturedGraph
from .session import Session


class BoundSession:
    """A session that reads and writes the same arrays at each call.

    On a CPU they are bound to it once. On a graphics card a CUDA graph is captured at the first
    call, for each rule that is asked for; a graph that cannot be captured is run as it is.
    """

    def __init__(self, session: Session, feeds: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays, which are read and written at each call.

        Args:
            session: to run; it runs once here, which says how large its outputs are.
            feeds: input -> array; one called `rule` says which rule of the graph is wanted.

        Raises:
            ModelError: it does not run: here, and not in the midst of a stream.
        """
        self._session, self._feeds = session, dict(feeds)
        names = [output.name for output in session.get_outputs()]
        first = session.run(names, self._feeds)
        self.outputs: dict[str, Float] = {
            name: np.ascontiguousarray(array) for name, array in zip(names, first, strict=True)
        }
        self._captured: dict[int, CapturedGraph | None] = {}
        if session.device == "cpu":
            make = onnx_runtime().OrtValue.ortvalue_from_numpy
            self._binding = session.io_binding()
            for name, array in self._feeds.items():
                self._binding.bind_ortvalue_input(name, make(array))
            for name, array in self.outputs.items():
                self._binding.bind_ortvalue_output(name, make(array))
        else:
            self._capture()

    def __call__(self) -> dict[str, Float]:
        """Run the session, and return its outputs, which the next call overwrites."""
        if self._session.device == "cpu":
            self._session.run_with_iobinding(self._binding)
        elif captured := self._capture():
            captured()
        else:
            found = self._session.run(list(self.outputs), self._feeds)
            for array, result in zip(self.outputs.values(), found, strict=True):
                array[...] = result
        return self.outputs

    def _capture(self) -> CapturedGraph | None:
        """Return the CUDA graph of the rule that is wanted now; None where there can be none."""
        rule = int(self._feeds.get("rule", 0))
        if rule not in self._captured:
            try:
                self._captured[rule] = CapturedGraph(self._session, rule, self._feeds, self.outputs)
            except ModelError:  # it has operators that a card leaves to the CPU, say
                self._captured[rule] = None
        return self._captured[rule]
