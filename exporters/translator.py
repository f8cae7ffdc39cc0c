"""Translates traced torch graphs (ATen operators) into ONNX, with a batch of any size."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx

from ..engine.errors import ModelError
from .graph_builder import GraphBuilder


@dataclass(frozen=True)
class BatchSize:
    """A size that is a multiple of the batch."""

    multiple: int


@dataclass(frozen=True)
class Value:
    """A tensor of the graph under construction, or a constant that need not get into it.

    Attributes:
        name: in the ONNX graph; "" for a constant.
        shape: with BatchSize where it depends on the batch.
        constant: the tensor, where it is known.
    """

    name: str
    shape: tuple[Any, ...]
    constant: Tensor | None = None


class Translator:
    """Turns a function, traced with two sizes of batch, into nodes of a GraphBuilder.

    Tracing twice shows which numbers in the graph depend on the batch: they differ.
    """

    def __init__(self, builder: GraphBuilder, operators: Mapping[str, Callable[..., Any]]) -> None:
        """Add nodes to `builder`.

        Args:
            builder: of the graph.
            operators: name of an ATen operator -> function of (translator, shape of the result,
                the operator's arguments) that adds nodes and returns the name of their result,
                a Value, or a tuple of names where the operator has several results.
        """
        self.builder = builder
        self._operators = operators
        self._batches = (1, 1)

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
        results: list[str] = []
        for node, other in zip(nodes, others, strict=True):
            if node.op == "placeholder":
                values[node] = Value(next(waiting), self._shape(node, other))
            elif node.op == "get_attr":
                tensor = getattr(first, str(node.target)).detach()
                values[node] = Value("", tuple(tensor.shape), tensor)
            elif node.op == "output":
                results = [
                    self.name(value) for value in self._merge(node.args, other.args, values)[0]
                ]
            else:
                values[node] = self._call(node, other, values)
        return results

    def name(self, value: Any) -> str:
        """Return the ONNX name of a value or a number, storing it first where it is constant."""
        if not isinstance(value, Value):
            return self.builder.constant(np.float32(value))
        if value.constant is None:
            return value.name
        array = value.constant.detach().numpy()
        return self.builder.constant(
            array.astype(np.float32) if array.dtype == np.float64 else array
        )

    def _call(self, node: fx.Node, other: fx.Node, values: dict[fx.Node, Any]) -> Any:
        arguments = self._merge(node.args, other.args, values)
        keywords = self._merge(node.kwargs, other.kwargs, values)
        if node.target is operator.getitem:
            return arguments[0][arguments[1]]
        known = _evaluated(node, arguments, keywords)
        if known is not None:
            return known
        add = self._operators.get(_name(node.target))
        if add is None:
            raise ModelError(f"The network uses {node.target}, which Innerear cannot export.")
        shape = self._shape(node, other)
        result = add(self, shape, *arguments, **keywords)
        if isinstance(result, str):
            return Value(result, shape)
        if isinstance(result, Value):
            return result
        return tuple(Value(name, part) for name, part in zip(result, shape, strict=False))

    def _shape(self, node: fx.Node, other: fx.Node) -> tuple[Any, ...]:
        def shape(a: Any, b: Any) -> tuple[Any, ...]:
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
    if isinstance(result, torch.Tensor):
        return Value("", tuple(result.shape), result)
    return tuple(Value("", tuple(part.shape), part) for part in result)
