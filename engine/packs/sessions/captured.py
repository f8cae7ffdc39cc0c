"""CUDA graphs: all operations of a network are started at once, and not one after the other.

A gradient of one window is some hundreds of small operations, and to start each takes longer than
to compute it; see docs/performance.md.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...arrays import Float
from ...errors import ModelError
from ..onnx_device import card_number, problem_of
from ..onnx_runtime import onnx_runtime
from .one_rule import graph_of_rule
from .session import Session, alone_on, open_session

CUDA_GRAPH = "enable_cuda_graph"
"""The option of CUDA; "0" keeps a session from being captured."""


class CapturedGraph:
    """A session on a card whose operations were captured, with memory of its own there."""

    def __init__(
        self,
        session: Session,
        rule: int,
        feeds: Mapping[str, NDArray[Any]],
        outputs: Mapping[str, Float],
    ) -> None:
        """Open a session's model once more, with one rule and one size of batch.

        Args:
            session: on a card.
            rule: that the graph computes by, see `rule_number`.
            feeds: input -> array, which is read at each call.
            outputs: output -> array, which is written at each call.

        Raises:
            ModelError: it cannot be captured, such as a graph that computes in part on the CPU.
        """
        if session.options.get(CUDA_GRAPH) == "0":
            raise ModelError("CUDA graphs are turned off.")
        options = {**session.options, CUDA_GRAPH: "1"}
        model = graph_of_rule(session.model, rule)
        self._session = open_session(model, 1, session.device, options, {"batch": 1})
        self._feeds, self._outputs = feeds, outputs
        make = onnx_runtime().OrtValue.ortvalue_from_numpy
        place = "cuda", card_number(session.device)
        with alone_on(session.device):
            try:
                self._inputs = {name: make(array, *place) for name, array in feeds.items()}
                self._results = {name: make(array, *place) for name, array in outputs.items()}
            except Exception as error:  # ONNX Runtime's errors have no common base
                raise ModelError(f"{problem_of(error)}.") from None
            self._sent = {name: array.copy() for name, array in feeds.items()}
            self._binding = self._session.io_binding()
            for name, value in self._inputs.items():
                self._binding.bind_ortvalue_input(name, value)
            for name, value in self._results.items():
                self._binding.bind_ortvalue_output(name, value)
            self()

    def __call__(self) -> None:
        """Read the inputs, run, and write the outputs.

        Raises:
            ModelError: the card does not run it any more.
        """
        with alone_on(self._session.device):
            for name, array in self._feeds.items():
                # Most directions stay as they are, and a copy takes a hundredth of a millisecond.
                if not np.array_equal(array, self._sent[name]):
                    self._inputs[name].update_inplace(array)
                    self._sent[name][...] = array
            self._session.run_with_iobinding(self._binding)
            for name, array in self._outputs.items():
                array[...] = self._results[name].numpy()
