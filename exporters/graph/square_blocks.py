"""The mean of each block of a map, and its gradient, which repeats a number over its block.

Written with shapes that take the blocks apart, both would cost more than the convolutions around
them; a pooling and a resizing stay in the blocks of channels that convolutions leave.
"""

from collections.abc import Sequence

import numpy as np

from .translator import Translator
from .values import Shape, Value

_APART = 6
"""Axes of a map with its blocks taken apart: batch, channels, rows, in a block, columns, in one."""


def block_mean(t: Translator, shape: Shape, x: Value, over: Sequence[int]) -> Value | None:
    """Add the mean of each block of a map that is seen with its blocks taken apart.

    Args:
        t: whose graph it is added to.
        shape: of the result.
        x: [batch, channels, rows, height, columns, width], a view of [batch, channels, rows *
            height, columns * width].
        over: the axes of the mean.

    Returns:
        the result; None where these are no blocks.
    """
    if list(over) != [3, 5] or x.view != "reshaped" or len(x.shape) != _APART:
        return None
    batch, channels, rows, height, columns, width = x.shape
    if x.stored != (batch, channels, rows * height, columns * width):
        return None
    block = [height, width]
    pooled = t.builder.add("AveragePool", x.name, kernel_shape=block, strides=block)
    return Value(pooled, (batch, channels, rows, columns)).reshaped(shape)


def repeated_over_blocks(t: Translator, shape: Shape, x: Value) -> Value | None:
    """Add a map whose every number is repeated over a block.

    Args:
        t: whose graph it is added to.
        shape: in which the result is seen; the blocks are put together in it, at least in part.
        x: [batch, channels, rows, 1, columns, 1], expanded to [..., height, ..., width]; rows or
            columns may be expanded, too.

    Returns:
        the result; None where it is something else that is expanded.
    """
    if x.base is None or len(x.shape) != _APART or len(shape) >= _APART:
        return None
    batch, channels, rows, height, columns, width = x.shape
    high, wide = x.base.shape[2], x.base.shape[4]
    if x.base.shape != (batch, channels, high, 1, wide, 1) or high == wide == 1:
        return None
    small = t.solid(x.base, "reshaped").reshaped((batch, channels, high, wide))
    whole = (batch, channels, rows * height, columns * width)
    times = t.builder.constant(np.array([1, 1, whole[2] / high, whole[3] / wide], np.float32))
    return Value(resized(t, t.name(small), times), whole).reshaped(shape)


def resized(t: Translator, name: str, times: str) -> str:
    """Add a map whose every number is repeated as often as `times` says of each axis."""
    settings = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return t.builder.add("Resize", name, "", times, mode="nearest", **settings)
