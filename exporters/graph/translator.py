"""Translates traced torch graphs (ATen operators) into ONNX, with a batch of any size."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from onnx import TensorProto
from torch import Tensor, fx

from ...engine.errors import ModelError
from .builder import GraphBuilder
from .values import BatchSize, Shape, Value

Handler = Callable[..., Any]
"""Adds an ATen operator to a graph: a function of (translator, shape of the result, the operator's
arguments) that adds nodes and returns the name of their result, a Value, or a tuple of either where
the operator has several results."""


class Translator:
    """Turns a function, traced with two sizes of batch, into nodes of a GraphBuilder.

    Tracing twice shows which numbers in the graph depend on the batch: they differ.
    """

    def __init__(self, builder: GraphBuilder, operators: Mapping[str, Handler]) -> None:
        """Add nodes to `builder`.

        Args:
            builder: of the graph.
            operators: name of an ATen operator -> what adds it.
        """
        self.builder = builder
        self._operators = operators
        self._batches = (1, 1)
        # In which the operator at hand computes, and the batch that it computes for.
        self._kind: np.dtype[Any] = np.dtype(np.float32)
        self._batch = ""

    def translate(
        self, graphs: Sequence[fx.GraphModule], batches: Sequence[int], inputs: Sequence[str]
    ) -> list[str]:
        """Add the nodes of a graph.

        Args:
            graphs: the same function traced with each of two batch sizes.
            batches: these sizes, coprime.
            inputs: names of ONNX tensors for the function's arguments.

        Returns:
            names of ONNX tensors for what the function returns.

        Raises:
            ModelError: where the network does something that cannot be translated.
        """
        first, second = graphs
        self._batches = (batches[0], batches[1])
        nodes, others = list(first.graph.nodes), list(second.graph.nodes)
        if [str(node.target) for node in nodes] != [str(node.target) for node in others]:
            raise ModelError("The network does something else for another size of batch.")
        values: dict[fx.Node, Any] = {}
        waiting = iter(inputs)
        results: list[Value] = []
        for node, other in zip(nodes, others, strict=True):
            if node.op == "placeholder":
                values[node] = Value(next(waiting), self._shape(node, other))
            elif node.op == "get_attr":
                tensor = getattr(first, str(node.target)).detach()
                values[node] = Value("", tuple(tensor.shape), tensor)
            elif node.op == "output":
                (results,) = self._merge(node.args, other.args, values)
            else:
                values[node] = self._call(node, other, values)
        return [self.name(value) for value in results]

    def name(self, value: Any) -> str:
        """Return the ONNX name of a value or a number, adding what its view stands for."""
        if not isinstance(value, Value):
            return self.builder.constant(self._kind.type(value))
        if value.constant is not None:
            array = value.constant.detach().numpy()
            # A single number takes the type of what it meets.
            single = array.dtype == np.float64 and not array.ndim
            return self.builder.constant(array.astype(self._kind) if single else array)
        add, stored = self.builder.add, value.name
        match value.view:
            case "reshaped":
                shape = self.fixed_shape(value.shape, value.stored)
                stored = add("Reshape", stored, shape)
            case "padded":
                stored = add("Pad", stored, self.builder.integers(*value.pads))
            case "float64":
                stored = add("Cast", stored, to=TensorProto.DOUBLE)
            case "permuted":
                stored = add("Transpose", stored, perm=list(value.order))
            case "expanded":
                stored = add("Expand", self.name(value.base), self.run_time_shape(value.shape))
        return stored

    def solid(self, value: Value, *views: str) -> Value:
        """Return the same tensor, stored as it is seen unless its view is one of `views`."""
        if value.constant is None and (not value.view or value.view in views):
            return value
        return Value(self.name(value), value.shape)

    def fixed_shape(self, shape: Shape, before: Shape = ()) -> str:
        """Return a constant with `shape`, as Reshape wants it.

        Where the shape `before` begins with the same batch, it says so: ONNX Runtime keeps tensors
        in blocks of channels only where it knows that their shapes are the same.
        """
        if sum(isinstance(size, BatchSize) for size in shape) > 1:
            raise ModelError("The network has a tensor in which two sizes depend on the batch.")
        kept = bool(shape) and isinstance(shape[0], BatchSize) and before[:1] == shape[:1]
        batch = 0 if kept else -1
        return self.builder.integers(*(batch if isinstance(n, BatchSize) else n for n in shape))

    def run_time_shape(self, shape: Shape) -> str:
        """Return a tensor with `shape`, whose batch is known only at run time."""
        if not any(isinstance(size, BatchSize) for size in shape):
            return self.builder.integers(*shape)
        batch = self.builder.batch_size(self._batch)
        parts = []
        for size in shape:
            if not isinstance(size, BatchSize):
                parts.append(self.builder.integers(size))
            elif size.multiple == 1:
                parts.append(batch)
            else:
                parts.append(self.builder.add("Mul", batch, self.builder.integers(size.multiple)))
        return self.builder.add("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]

    def _call(self, node: fx.Node, other: fx.Node, values: dict[fx.Node, Any]) -> Any:
        arguments = self._merge(node.args, other.args, values)
        keywords = self._merge(node.kwargs, other.kwargs, values)
        if node.target is operator.getitem:
            return arguments[0][arguments[1]]
        known = _evaluated(node, arguments, keywords)
        if known is not None:
            return known
        self._batch = self.builder.batch(_stored([arguments, keywords]))
        add = self._operators.get(_name(node.target))
        if add is None:
            raise ModelError(f"The network uses {node.target}, which Innerear cannot export.")
        shape = self._shape(node, other)
        traced = node.meta.get("val")
        kind = traced.dtype if isinstance(traced, Tensor) else None
        self._kind = np.dtype(np.float64 if kind == torch.float64 else np.float32)
        result = add(self, shape, *arguments, **keywords)
        if isinstance(result, str):
            result = Value(result, shape)
        if isinstance(result, Value):
            return replace(result, boolean=kind == torch.bool)
        return tuple(
            part if isinstance(part, Value) else Value(part, size)
            for part, size in zip(result, shape, strict=False)
        )

    def _shape(self, node: fx.Node, other: fx.Node) -> Shape:
        def shape(a: Any, b: Any) -> Shape:
            if isinstance(a, Tensor):
                return tuple(self._size(x, y) for x, y in zip(a.shape, b.shape, strict=True))
            if isinstance(a, (tuple, list)):
                return tuple(shape(x, y) for x, y in zip(a, b, strict=True))
            return ()

        return shape(node.meta.get("val"), other.meta.get("val"))

    def _size(self, a: int, b: int) -> int | BatchSize:
        if a == b:
            return a
        multiple = a // self._batches[0]
        if (a, b) != (multiple * self._batches[0], multiple * self._batches[1]):
            raise ModelError(f"The network has a size that grows with the batch from {a} to {b}.")
        return BatchSize(multiple)

    def _merge(self, a: Any, b: Any, values: dict[fx.Node, Any]) -> Any:
        if isinstance(a, fx.Node):
            return values[a]
        if isinstance(a, (tuple, list)):
            return [self._merge(x, y, values) for x, y in zip(a, b, strict=True)]
        if isinstance(a, dict):
            return {key: self._merge(a[key], b[key], values) for key in a}
        if isinstance(a, int) and not isinstance(a, bool):
            return self._size(a, b)
        return a


def _stored(given: Any) -> list[str]:
    """Return the names of the tensors in the graph that arguments stand for."""
    if isinstance(given, Value):
        return _stored(given.base) if given.base else [given.name]
    if isinstance(given, dict):
        return _stored(list(given.values()))
    if isinstance(given, (list, tuple)):
        return [name for part in given for name in _stored(part)]
    return []


def _name(target: Any) -> str:
    schema = getattr(target, "_schema", None)
    return str(schema.name if schema else target).removeprefix("aten::")


def _evaluated(node: fx.Node, arguments: Any, keywords: Any) -> Any:
    """Return what a call gives, where all that it is given is known already."""
    unknown = False

    def known(value: Any) -> Any:
        nonlocal unknown
        if isinstance(value, Value):
            unknown |= value.constant is None
            return value.constant
        if isinstance(value, list):
            return [known(part) for part in value]
        unknown |= isinstance(value, BatchSize)
        return value

    given, named = known(arguments), {key: known(value) for key, value in keywords.items()}
    if unknown or not callable(node.target):
        return None
    result = node.target(*given, **named)
    if isinstance(result, Tensor):
        return Value("", tuple(result.shape), result)
    return tuple(Value("", tuple(part.shape), part) for part in result)
