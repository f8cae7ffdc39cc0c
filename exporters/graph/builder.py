"""Collects nodes and constants into one ONNX model, each of them once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from .derived_constants import derivations
from .nodes import Node, graph_inputs, write_nodes

OPSET = 18
IR_VERSION = 9
_SMALL = 1024
"""Elements up to which each subgraph may have its own copy of a constant."""
_TYPES = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.int64): TensorProto.INT64,
}


class GraphBuilder:
    """Builds an ONNX graph; equal nodes are added once."""

    def __init__(self) -> None:
        """Start an empty graph."""
        self._nodes: list[Node] = []
        self._constants: dict[str, NDArray[Any]] = {}
        self._known: dict[Any, tuple[str, ...]] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._results: dict[str, str] = {}
        # Name of a batch -> the first input that has it; tensor -> name of its batch.
        self._batch_inputs: dict[str, str] = {}
        self._batches: dict[str, str] = {}
        # Derived constants are not among the nodes: each graph that needs one derives it.
        self._derived: dict[str, list[Node]] = {}
        self._shapes: dict[str, list[int | str]] = {}
        self._made = 0

    def input(self, name: str, dtype: Any, shape: Sequence[int | str]) -> str:
        """Declare an input; a string in `shape` names a dimension that may change."""
        kind = _TYPES[np.dtype(dtype)]
        self._inputs.append(helper.make_tensor_value_info(name, kind, list(shape)))
        if shape and isinstance(shape[0], str):
            self._batch_inputs.setdefault(shape[0], name)
            self._batches[name] = shape[0]
        return name

    def batch(self, names: Iterable[str]) -> str:
        """Return the batch of an operator's result, given the names of its inputs; "" for none.

        Of two batches the one declared later counts: the other is repeated.
        """
        found = {self._batches.get(name, "") for name in names}
        return next((batch for batch in reversed(self._batch_inputs) if batch in found), "")

    def batch_size(self, batch: str) -> str:
        """Return a tensor of one number: the size of a batch, or of the first declared for ""."""
        given = self._batch_inputs[batch or next(iter(self._batch_inputs))]
        return self.add("Shape", given, start=0, end=1)

    def output(self, name: str, value: str, shape: Sequence[int | str]) -> None:
        """Declare the float32 tensor `value` as the output `name`.

        Args:
            name: of the output.
            value: name of the tensor.
            shape: a string names a dimension that may change.
        """
        self._results[name] = value
        info = helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
        self._outputs.append(info)

    def shape(self, name: str, shape: Sequence[int | str]) -> None:
        """Note the shape of a float32 tensor: ONNX Runtime cannot always find it by itself.

        It keeps tensors in blocks of channels only where it knows that their shapes are the same.
        """
        self._shapes[name] = list(shape)

    def constant(self, array: Any) -> str:
        """Return the name of a constant tensor; equal ones are stored once."""
        array = np.asarray(array, order="C")
        key = _constant_key(array)
        if key not in self._known:
            name = self._derived_constant(array)
            if not name:
                name = f"c{len(self._constants)}"
                self._constants[name] = array
            self._known[key] = (name,)
        return self._known[key][0]

    def _derived_constant(self, array: NDArray[Any]) -> str:
        """Return the name of a constant derived from one that is stored already, or ""."""
        for other, steps in derivations(array):
            if (source := self._known.get(_constant_key(other))) and source[0] in self._constants:
                name = f"derived{len(self._derived)}"
                self._derived[name] = []
                given = source[0]
                for number, (operator, settings) in enumerate(steps, 1):
                    result = name if number == len(steps) else f"{name}_{number}"
                    self._derived[name].append(self._derivation(operator, settings, given, result))
                    given = result
                return name
        return ""

    def _derivation(self, operator: str, settings: dict[str, Any], x: str, result: str) -> Node:
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
            first = self._made
            self._made += outputs
            names = tuple(f"v{number}" for number in range(first, self._made))
            self._nodes.append(Node(operator, inputs, names, given))
            self._known[key] = names
            if batch := self.batch(inputs):
                self._batches |= dict.fromkeys(names, batch)
        return self._known[key]

    def switch(
        self,
        number: str,
        cases: Sequence[Mapping[str, str]],
        shapes: Mapping[str, Sequence[int | str]],
    ) -> None:
        """Let one of several subgraphs give the outputs of the graph.

        Each subgraph holds all of its computation: ONNX Runtime keeps tensors in blocks of channels
        within a graph, but not from one graph to another.

        Args:
            number: an int64 scalar, which case to take; one too high takes the last.
            cases: for each, output -> name of the tensor that it is.
            shapes: output -> its shape; every case has these outputs, in this order.
        """
        for name, shape in shapes.items():
            self.output(name, name, shape)
        self._nodes = self._choice(number, 0, cases, shapes, shapes)

    def _choice(
        self,
        number: str,
        first: int,
        cases: Sequence[Mapping[str, str]],
        shapes: Mapping[str, Sequence[int | str]],
        names: Iterable[str],
    ) -> list[Node]:
        """Return the nodes that choose among the cases from number `first` on, as `names`."""
        is_first = f"is{first}"
        branches = {
            "then_branch": self._branch(number, first, cases[: first + 1], shapes, f"case{first}"),
            "else_branch": self._branch(number, first + 1, cases, shapes, f"others{first}"),
        }
        return [
            Node("LessOrEqual", (number, self.constant(np.int64(first))), (is_first,), {}),
            Node("If", (is_first,), tuple(names), branches),
        ]

    def _branch(
        self,
        number: str,
        first: int,
        cases: Sequence[Mapping[str, str]],
        shapes: Mapping[str, Sequence[int | str]],
        label: str,
    ) -> onnx.GraphProto:
        """Return the subgraph for the cases from number `first` on."""
        names = {name: f"{label}.{name}" for name in shapes}
        results: dict[str, str] = {}
        if first == len(cases) - 1:
            results = {names[name]: value for name, value in cases[first].items()}
            nodes = self._needed(results.values())
        else:
            nodes = self._choice(number, first, cases, shapes, names.values())
        protos = self._with_derived(write_nodes(nodes, results), label)
        protos, stored = self._with_constants(protos, label)
        outputs = [
            helper.make_tensor_value_info(names[name], TensorProto.FLOAT, shape)
            for name, shape in shapes.items()
        ]
        infos = self._value_infos(protos, names.values())
        return helper.make_graph(protos, label, [], outputs, stored, value_info=infos)

    def _with_constants(
        self, protos: list[onnx.NodeProto], label: str
    ) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
        """Give a subgraph its own constants.

        ONNX Runtime rearranges constants only within the graph that has them. Large ones are stored
        once, outside, and copied by an operator that it computes when it opens the graph.

        Args:
            protos: nodes of the subgraph.
            label: of the subgraph.

        Returns:
            the nodes with those that copy constants, and the small constants.
        """
        used = dict.fromkeys(name for node in protos for name in node.input)
        own = {name: f"{name}_{label}" for name in used if name in self._constants}
        copies, small = [], []
        for name, copy in own.items():
            array = self._constants[name]
            if array.size < _SMALL:
                small.append(numpy_helper.from_array(array, copy))
            else:
                shape = self.integers(*array.shape)
                copies.append(Node("Reshape", (name, shape), (copy,), {}).proto())
        for node in protos:
            node.input[:] = [own.get(name, name) for name in node.input]
        return copies + protos, small

    def _value_infos(
        self, protos: Sequence[onnx.NodeProto], besides: Iterable[str]
    ) -> list[onnx.ValueInfoProto]:
        """Return the known shapes of the outputs of nodes, except for `besides`."""
        made = {name for node in protos for name in node.output}.difference(besides)
        return [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in self._shapes.items()
            if name in made
        ]

    def _needed(self, results: Iterable[str]) -> list[Node]:
        """Return the nodes that results need, in order."""
        results = set(results)
        needed = self._ancestors(results)
        kept = [node for node in self._nodes if needed.intersection(node.outputs)]
        used = results.union(*(node.inputs for node in kept))
        return [node.trimmed(used) for node in kept]

    def _ancestors(self, names: Iterable[str]) -> set[str]:
        needed = set(names)
        for node in reversed(self._nodes):
            if needed.intersection(node.outputs):
                needed.update(node.inputs, node.outputs)
        return needed

    def model(self, producer: str) -> onnx.ModelProto:
        """Return the checked model, without the nodes that nothing needs."""
        kept = self._needed(self._results.values())
        results = {name: value for name, value in self._results.items() if name != value}
        nodes = self._with_derived(write_nodes(kept, results), "")
        stored = graph_inputs(helper.make_graph(nodes, producer, [], []))
        constants = [
            numpy_helper.from_array(array, name)
            for name, array in self._constants.items()
            if name in stored
        ]
        infos = self._value_infos(nodes, self._results)
        graph = helper.make_graph(
            nodes, producer, self._inputs, self._outputs, constants, value_info=infos
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name=producer,
        )
        onnx.checker.check_model(model)
        return model

    def _with_derived(self, protos: list[onnx.NodeProto], label: str) -> list[onnx.NodeProto]:
        """Put the nodes that derive constants before the nodes of a graph that use them.

        Args:
            protos: of the graph.
            label: of the graph, which keeps its derived constants apart from those of other graphs.
        """
        used = dict.fromkeys(name for node in protos for name in node.input)
        makers = [node for name in used for node in self._derived.get(name, [])]
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
