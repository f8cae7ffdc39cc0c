"""Collects nodes and constants into one ONNX model, without repeating any of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
IR_VERSION = 9
_TYPES = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.int64): TensorProto.INT64,
}


class GraphBuilder:
    """Builds an ONNX graph; nodes that would compute the same thing are made once."""

    def __init__(self) -> None:
        """Start an empty graph."""
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, NDArray[Any]] = {}
        self._known: dict[Any, tuple[str, ...]] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, dtype: Any, shape: Sequence[int | str]) -> str:
        """Declare an input; a string in `shape` names a dimension that may change."""
        kind = _TYPES[np.dtype(dtype)]
        self._inputs.append(helper.make_tensor_value_info(name, kind, list(shape)))
        return name

    def output(self, name: str, value: str, shape: Sequence[int | str]) -> None:
        """Declare that the float32 tensor `value` leaves the graph as `name`."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))

    def constant(self, array: Any) -> str:
        """Return the name of a constant tensor; equal ones are stored once."""
        array = np.asarray(array, order="C")
        key = ("constant", str(array.dtype), array.shape, array.tobytes())
        if key not in self._known:
            name = f"c{len(self._constants)}"
            self._constants[name] = array
            self._known[key] = (name,)
        return self._known[key][0]

    def add(self, operator: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        """Add a node and return the name of its first output.

        Args:
            operator: of ONNX's default domain, as of the opset `OPSET`.
            inputs: names of tensors; "" leaves an optional one out.
            outputs: how many the node has.
            attributes: of the operator; those that are None are left out.
        """
        return self.add_many(operator, *inputs, outputs=outputs, **attributes)[0]

    def add_many(
        self, operator: str, *inputs: str, outputs: int, **attributes: Any
    ) -> tuple[str, ...]:
        """Add a node and return the names of all its outputs."""
        given = {name: value for name, value in attributes.items() if value is not None}
        key = (operator, inputs, outputs, repr(sorted(given.items())))
        if key not in self._known:
            stem = f"{operator.lower()}{len(self._nodes)}"
            names = tuple(f"{stem}_{number}" for number in range(outputs))
            self._nodes.append(helper.make_node(operator, list(inputs), list(names), **given))
            self._known[key] = names
        return self._known[key]

    def model(self, producer: str) -> onnx.ModelProto:
        """Return the checked model, without the nodes that nothing needs."""
        needed = {output.name for output in self._outputs}
        kept = []
        for node in reversed(self._nodes):
            if needed.intersection(node.output):
                kept.append(node)
                needed.update(node.input)
        constants = [
            numpy_helper.from_array(array, name)
            for name, array in self._constants.items()
            if name in needed
        ]
        graph = helper.make_graph(kept[::-1], producer, self._inputs, self._outputs, constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name=producer,
        )
        onnx.checker.check_model(model)
        return model
