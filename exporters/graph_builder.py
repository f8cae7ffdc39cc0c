"""Collects nodes and constants into one ONNX model, without repeating any of them."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from .graph_nodes import Node, graph_inputs, outer_names, write_nodes
from .turned_constants import turns

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
        self._nodes: list[Node] = []
        self._constants: dict[str, NDArray[Any]] = {}
        self._known: dict[Any, tuple[str, ...]] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._results: dict[str, str] = {}
        # Constants made of others: not among the nodes, for each graph that needs one makes it.
        self._turned: dict[str, list[Node]] = {}
        self._made = 0

    def input(self, name: str, dtype: Any, shape: Sequence[int | str]) -> str:
        """Declare an input; a string in `shape` names a dimension that may change."""
        kind = _TYPES[np.dtype(dtype)]
        self._inputs.append(helper.make_tensor_value_info(name, kind, list(shape)))
        return name

    def output(
        self, name: str, value: str, shape: Sequence[int | str], place: int | None = None
    ) -> None:
        """Declare that the float32 tensor `value` leaves the graph as `name`.

        Args:
            name: of the output.
            value: name of the tensor.
            shape: a string names a dimension that may change.
            place: among the outputs; by default after those declared before.
        """
        self._results[name] = value
        info = helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
        self._outputs.insert(len(self._outputs) if place is None else place, info)

    def constant(self, array: Any) -> str:
        """Return the name of a constant tensor; equal ones are stored once."""
        array = np.asarray(array, order="C")
        key = _constant_key(array)
        if key not in self._known:
            name = self._turned_constant(array)
            if not name:
                name = f"c{len(self._constants)}"
                self._constants[name] = array
            self._known[key] = (name,)
        return self._known[key][0]

    def _turned_constant(self, array: NDArray[Any]) -> str:
        """Return the name of a constant made of one that is stored already, or ""."""
        for other, steps in turns(array):
            if (source := self._known.get(_constant_key(other))) and source[0] in self._constants:
                name = f"turned{len(self._turned)}"
                self._turned[name] = []
                given = source[0]
                for number, (operator, settings) in enumerate(steps, 1):
                    result = name if number == len(steps) else f"{name}_{number}"
                    self._turned[name].append(self._turning(operator, settings, given, result))
                    given = result
                return name
        return ""

    def _turning(self, operator: str, settings: dict[str, Any], x: str, result: str) -> Node:
        if operator == "Transpose":
            return Node("Transpose", (x,), (result,), {"perm": settings["order"]})
        count = len(settings["axes"])
        ends = self.integers(*[np.iinfo(np.int64).min] * count)
        backwards = self.integers(*[-1] * count)
        axes = self.integers(*settings["axes"])
        return Node("Slice", (x, backwards, ends, axes, backwards), (result,), {})

    def integers(self, *values: int) -> str:
        """Return the name of a constant list of integers."""
        return self.constant(np.array(values, np.int64))

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output and return that output's name.

        Args:
            operator: of ONNX's default domain, as of the opset `OPSET`.
            inputs: names of tensors; "" leaves an optional one out.
            attributes: of the operator; those that are None are left out.
        """
        return self.add_many(operator, *inputs, outputs=1, **attributes)[0]

    def add_many(
        self, operator: str, *inputs: str, outputs: int, **attributes: Any
    ) -> tuple[str, ...]:
        """Add a node and return the names of all its outputs."""
        given = {name: value for name, value in attributes.items() if value is not None}
        key = (operator, inputs, outputs, repr(sorted(given.items())))
        if key not in self._known:
            stem = f"{operator.lower()}{self._made}"
            self._made += 1
            names = tuple(f"{stem}_{number}" for number in range(outputs))
            self._nodes.append(Node(operator, inputs, names, given))
            self._known[key] = names
        return self._known[key]

    def switch(self, number: str, cases: Sequence[str], shape: Sequence[int | str]) -> str:
        """Add a choice between float32 tensors, of which only the chosen one is computed.

        Nodes that only one case needs move into it; what several need stays outside, and so does
        what all do in the same way with the tensor in which they last differ.

        Args:
            number: an int64 scalar, which case to take; one too high takes the last.
            cases: name of the tensor that each case gives.
            shape: of every one of them.
        """
        if len(set(cases)) == 1:
            return cases[0]
        fork = self._fork(tuple(cases))
        if fork and fork != tuple(cases):
            chosen = self._switch(number, fork, None)
            return self._again(cases[0], fork[0], chosen)
        return self._switch(number, cases, shape)

    def _switch(self, number: str, cases: Sequence[str], shape: Sequence[int | str] | None) -> str:
        """Add the choice itself; a shape of None is left to ONNX Runtime."""
        needed = [self._ancestors([case]) for case in cases]
        shared = self._ancestors(self._output_values())
        shared.update(*(one & other for one, other in combinations(needed, 2)))
        bodies = [
            [node for node in self._nodes if needs.issuperset(node.outputs)
             and not shared.issuperset(node.outputs)]
            for needs in needed
        ]  # fmt: skip
        moved = {output for body in bodies for node in body for output in node.outputs}
        self._nodes = [node for node in self._nodes if not moved.issuperset(node.outputs)]
        self._known = {key: names for key, names in self._known.items() if names[0] not in moved}
        return self._choice(number, 0, list(zip(bodies, cases, strict=True)), shape)

    def _choice(
        self,
        number: str,
        first: int,
        cases: Sequence[tuple[list[Node], str]],
        shape: Sequence[int | str] | None,
    ) -> str:
        name = f"switch{first}_{self._made}"
        info = helper.make_tensor_value_info

        def branch(nodes: Sequence[Node], result: str, label: str) -> onnx.GraphProto:
            label = f"{name}_{label}"
            out = info(label, TensorProto.FLOAT, shape)
            protos = self._with_turned(write_nodes(nodes, {label: result}), label)
            # ONNX Runtime arranges a convolution's weights in blocks only where they are made in
            # the same graph as the convolution.
            weights = {node.input[1] for node in protos if node.op_type == "Conv"}
            stored = [
                numpy_helper.from_array(self._constants[each], each)
                for each in sorted(weights & self._constants.keys())
            ]
            return helper.make_graph(protos, label, [], [out], stored)

        if len(cases) == 1:
            self._nodes.extend(cases[0][0])
            return cases[0][1]
        kept, self._nodes = self._nodes, []
        rest = self._choice(number, first + 1, cases[1:], shape)
        others, self._nodes = self._nodes, kept
        is_first = self.add("LessOrEqual", number, self.constant(np.int64(first)))
        branches = {
            "then_branch": branch(*cases[0], "then"),
            "else_branch": branch(others, rest, "else"),
        }
        self._nodes.append(Node("If", (is_first,), (name,), branches))
        return name

    def _fork(self, cases: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the tensors in which the cases last differ, where that is one in each.

        From there on all cases are computed by the same operators from the same other tensors.
        """
        maker = {output: node for node in self._nodes for output in node.outputs}
        forks: set[tuple[str, ...]] = set()
        seen: set[tuple[str, ...]] = set()
        left = [cases]
        while left:
            names = left.pop()
            if len(set(names)) == 1 or names in seen:
                continue
            seen.add(names)
            nodes = [maker.get(name) for name in names]
            kinds = {
                (node.operator, len(node.inputs), node.outputs.index(name), repr(node.attributes))
                if node
                else None
                for node, name in zip(nodes, names, strict=True)
            }
            if len(kinds) == 1 and None not in kinds:
                left += zip(*(node.inputs for node in nodes if node), strict=True)
            else:
                forks.add(names)
        return forks.pop() if len(forks) == 1 else None

    def _again(self, result: str, old: str, new: str) -> str:
        """Add what leads from `old` to `result` once more, from `new`; return its result."""
        needed = self._ancestors([result])
        renamed = {old: new}
        for node in list(self._nodes):
            if needed.intersection(node.outputs) and renamed.keys() & set(node.inputs):
                inputs = [renamed.get(name, name) for name in node.inputs]
                outputs = len(node.outputs)
                made = self.add_many(node.operator, *inputs, outputs=outputs, **node.attributes)
                renamed.update(zip(node.outputs, made, strict=True))
        return renamed[result]

    def _output_values(self) -> list[str]:
        return list(self._results.values())

    def _ancestors(self, names: Iterable[str]) -> set[str]:
        needed = set(names)
        for node in reversed(self._nodes):
            if needed.intersection(node.outputs):
                needed.update(node.inputs, node.outputs)
                needed.update(outer_names(node))
        return needed

    def model(self, producer: str) -> onnx.ModelProto:
        """Return the checked model, without the nodes that nothing needs."""
        needed = self._ancestors(self._output_values())
        needed_outside = set(self._output_values())
        used = {name for node in self._nodes for name in (*node.inputs, *outer_names(node))}
        kept = [
            node.trimmed(used | needed_outside)
            for node in self._nodes
            if needed.intersection(node.outputs)
        ]
        nodes = self._with_turned(write_nodes(kept, self._results), "")
        stored = graph_inputs(helper.make_graph(nodes, producer, [], []))
        constants = [
            numpy_helper.from_array(array, name)
            for name, array in self._constants.items()
            if name in stored
        ]
        graph = helper.make_graph(nodes, producer, self._inputs, self._outputs, constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name=producer,
        )
        onnx.checker.check_model(model)
        return model

    def _with_turned(self, protos: list[onnx.NodeProto], label: str) -> list[onnx.NodeProto]:
        """Put before the nodes of a graph what makes the turned constants that they use.

        Args:
            protos: of the graph.
            label: of the graph, to tell what it makes from what the graphs around it make.
        """
        used = dict.fromkeys(name for node in protos for name in node.input)
        makers = [node for name in used for node in self._turned.get(name, [])]
        renamed = {
            output: f"{output}_{label}" if label else output
            for node in makers
            for output in node.outputs
        }
        everything = [node.proto() for node in makers] + protos
        for proto in everything:
            for names in (proto.input, proto.output):
                names[:] = [renamed.get(name, name) for name in names]
        return everything


def _constant_key(array: NDArray[Any]) -> tuple[Any, ...]:
    return ("constant", str(array.dtype), array.shape, array.tobytes())
