"""What an ONNX operator gets, as a torch operator takes it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor

Attributes = Mapping[str, Any]
Inputs = Sequence[Tensor | None]
"""Those that are left out are None."""
Operator = Callable[[Attributes, Inputs], tuple[Tensor, ...]]
"""A function of the attributes and the inputs of a node; returns its outputs."""


def plain(function: Callable[..., Tensor]) -> Operator:
    """Return an operator that hands its inputs on as they are."""
    return lambda attributes, inputs: (function(*inputs),)


def given(tensor: Tensor | None) -> Tensor:
    """Return an input that a node must have."""
    assert tensor is not None  # ONNX Runtime has opened the graph: it is whole
    return tensor


def numbers(tensor: Tensor | None) -> list[int]:
    """Return an input that is a list of whole numbers."""
    return [int(each) for each in given(tensor).reshape(-1).tolist()]


def lengths_of(tensor: Tensor) -> list[int]:
    """Return a shape as plain numbers: while a graph is traced, those of `shape` are not."""
    return [int(length) for length in tensor.shape]


def optional(inputs: Inputs, at: int) -> Tensor | None:
    """Return an input that a node may have."""
    return inputs[at] if at < len(inputs) else None
