"""Tensors of a graph under construction, with views that add no nodes until they must."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

Shape = tuple[Any, ...]
"""Sizes: integers, or BatchSize where they depend on the batch."""


@dataclass(frozen=True)
class BatchSize:
    """A size that is a multiple of the batch."""

    multiple: int


@dataclass(frozen=True)
class Value:
    """A tensor in the graph, possibly through a view; or a constant.

    Views are kept instead of nodes: most are undone by the next one, or the next operator can work
    on the stored tensor.

    Attributes:
        name: of the stored tensor; "" for a constant that is not in the graph yet.
        shape: as the traced function sees it.
        constant: the tensor, where it is known.
        view: how `shape` comes from the stored tensor: "" (it is the same), "reshaped",
            "permuted" (by `order`), "padded" (with zeros, `pads`), "float64" (a float32
            tensor, in that type) or "expanded" (sizes of 1 of `base` repeated).
        stored: shape of the stored tensor.
        order: of a permutation: `shape[i]` is `stored[order[i]]`.
        pads: zeros before each axis, then zeros after each.
        base: what is expanded.
        boolean: whether it holds truth values.
    """

    name: str
    shape: Shape
    constant: Tensor | None = None
    view: str = ""
    stored: Shape = ()
    order: tuple[int, ...] = ()
    pads: tuple[int, ...] = ()
    base: "Value | None" = None
    boolean: bool = False

    def reshaped(self, shape: Shape) -> "Value":
        """See a stored or reshaped tensor in another shape."""
        stored = self.stored if self.view else self.shape
        if shape == stored:
            return Value(self.name, shape)
        return Value(self.name, shape, view="reshaped", stored=stored)

    def permuted(self, order: tuple[int, ...]) -> "Value":
        """See a tensor with its axes in another order.

        It must be stored so, or permuted; or reshaped, where only axes of size 1 move.
        """
        if keeps_order(order, self.shape) and self.view != "permuted":
            return self.reshaped(tuple(self.shape[axis] for axis in order))
        stored = self.stored if self.view else self.shape
        total = tuple(self.order[axis] for axis in order) if self.view else order
        shape = tuple(self.shape[axis] for axis in order)
        if total == tuple(range(len(total))):
            return Value(self.name, stored)
        return Value(self.name, shape, view="permuted", stored=stored, order=total)

    def expanded(self, shape: Shape) -> "Value":
        """See a stored, reshaped or constant tensor repeated along its axes of size 1."""
        return self if shape == self.shape else Value("", shape, view="expanded", base=self)


def keeps_order(order: tuple[int, ...], stored: Shape) -> bool:
    """Say whether a permutation moves only axes of size 1, so that it is a reshape."""
    large = [axis for axis in order if stored[axis] != 1]
    return large == sorted(large)


def axis_of(value: Value, axis: int) -> int:
    """Return a non-negative axis."""
    return axis % max(len(value.shape), 1)
