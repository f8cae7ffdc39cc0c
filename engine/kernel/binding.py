"""Chooses between the compiled stages and their twins in NumPy; nothing else does."""

import os
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

SWITCH = "INNEREAR_KERNEL"
"""The environment's variable that decides: `numpy` for the twins, all else for what is there."""

Run = Callable[..., float]
"""A stage with some arrays: takes the others, and the numbers that follow; returns a number."""


def _compiled_bind() -> Callable[..., Run] | None:
    if os.environ.get(SWITCH) == "numpy":
        return None
    try:
        found: Callable[..., Run] = import_module("._compiled", __package__).bind
    except ImportError:  # installed where no compiler was
        return None
    return found


_BIND = _compiled_bind()
KERNEL = "in NumPy" if _BIND is None else "compiled"
"""How the stages of this process are made, for people."""


def bind(stage: Callable[..., float], *arrays: "NDArray[Any]") -> Run:
    """Return a stage that works on these arrays, compiled where that is possible.

    Args:
        stage: a twin in this package.
        *arrays: the first ones that it takes; they stay where they are.

    Returns:
        A function of the other arrays and numbers of the stage. Compiled, it holds Python's lock
        until it returns, and takes some microseconds.
    """
    if _BIND is None:
        return partial(stage, *arrays)
    return _BIND(stage.__name__, *arrays)
