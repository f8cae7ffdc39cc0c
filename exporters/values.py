"""Tensors of a graph under construction, seen through views that cost nothing until needed."""

from dataclasses import dataclass, replace
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
    """A tensor in the graph, possibly seen otherwise than it is stored; or a constant.

    A view is kept rather than a node: most are undone by the next one, or what follows can be
    computed on the stored tensor as well.

    Attributes:
        name: of the stored tensor; "" for a constant that is not in the graph yet.
        shape: as the traced function sees it.
        constant: the tensor, where it is known.
        view: how `shape` comes from the stored tensor: "" (it is the same), "reshaped",
            "permuted" (by `order`) or "expanded" (sizes of 1 repeated, as in broadcasting).
        stored: shape of the stored tensor.
        order: of a permutation: `shape[i]` is `stored[order[i]]`.
    """

    name: str
    shape: Shape
    constant: Tensor | None = None
    view: str = ""
    stored: Shape = ()
    order: tuple[int, ...] = ()

    def reshaped(self, shape: Shape) -> "Value":
        """See a stored or reshaped tensor in another shape."""
        stored = self.stored if self.view else self.shape
        if shape == stored:
            return Value(self.name, shape)
        return Value(self.name, shape, view="reshaped", stored=stored)

    def permuted(self, order: tuple[int, ...]) -> "Value":
        """See a stored or permuted tensor with its axes in another order."""
        stored = self.stored if self.view else self.shape
        total = tuple(self.order[axis] for axis in order) if self.view else order
        shape = tuple(self.shape[axis] for axis in order)
        if total == tuple(range(len(total))):
            return Value(self.name, stored)
        if keeps_order(total, stored):
            return Value(self.name, shape, view="reshaped", stored=stored)
        return Value(self.name, shape, view="permuted", stored=stored, order=total)

    def expanded(self, shape: Shape) -> "Value":
        """See a stored or expanded tensor repeated along its axes of size 1."""
        stored = self.stored if self.view else self.shape
        if shape == stored:
            return Value(self.name, shape)
        return Value(self.name, shape, view="expanded", stored=stored)

    def plain(self) -> "Value":
        """Return the stored tensor as it is."""
        return replace(self, shape=self.stored, view="", stored=(), order=()) if self.view else self


def keeps_order(order: tuple[int, ...], stored: Shape) -> bool:
    """Say whether a permutation moves only axes of size 1, so that it is a reshape."""
    large = [axis for axis in order if stored[axis] != 1]
    return large == sorted(large)
