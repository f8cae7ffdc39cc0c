"""The register of ATen operators that can be exported."""

from collections.abc import Callable
from typing import Any

from .values import Value

OPERATORS: dict[str, Callable[..., Any]] = {}
"""name of an ATen operator -> what adds it to a graph (see `Translator`)."""


def handles(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function for the ATen operators `names`."""

    def register(handler: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            OPERATORS[name] = handler
        return handler

    return register


def axis_of(value: Value, axis: int) -> int:
    """Return a non-negative axis."""
    return axis % max(len(value.shape), 1)
