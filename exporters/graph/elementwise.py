"""Adds elementwise operators, on the stored tensors wherever their views allow it."""

from typing import Any

import numpy as np
import torch

from .square_blocks import resized
from .translator import Translator
from .values import BatchSize, Shape, Value, keeps_order

_ARITHMETIC = {"Add", "Sub", "Mul", "Div", "Max", "Min", "Pow"}
_FLOAT = 1  # of onnx.TensorProto
_LARGE = 20_000  # numbers
_ROW = 512  # numbers
_BLOCK = 16  # channels, or 8 on some processors


def add_elementwise(
    t: Translator, operator: str, shape: Shape, *operands: Any, **settings: Any
) -> Value:
    """Add an elementwise ONNX operator with broadcasting.

    Args:
        t: whose graph it is added to.
        operator: of ONNX.
        shape: of the result.
        operands: values and numbers.
        settings: attributes of the operator.

    Returns:
        the result, seen through the same view as the operands where they have one.
    """
    if operator in _ARITHMETIC:
        operands = tuple(as_number(t, operand) for operand in operands)
    values = [value for value in operands if isinstance(value, Value)]
    for value in values:
        if value.view == "permuted" and value.shape == shape:
            names = [_in_order(t, operand, value.order) for operand in operands]
            if repeats := _repeats(operands, value):
                name = _add_in_long_rows(t, operator, names, value, repeats)
            else:
                name = t.builder.add(operator, *names, **settings)
            return Value(name, shape, view="permuted", stored=value.stored, order=value.order)
    reshaped = [value for value in values if value.view == "reshaped" and value.shape == shape]
    if reshaped and all(
        value.shape == () or (value.view == "reshaped" and value.stored == reshaped[0].stored)
        for value in values
    ):
        names = [
            value.name if isinstance(value, Value) and value.view else t.name(value)
            for value in operands
        ]
        result = Value(t.builder.add(operator, *names, **settings), reshaped[0].stored)
        return result.reshaped(shape)
    if operator == "Add" and (name := _add_in_blocks(t, shape, *operands)):
        return Value(name, shape)
    bases = [value.base if isinstance(value, Value) and value.base else value for value in operands]
    tensors = [base for base in bases if isinstance(base, Value) and base.shape != ()]
    if len(tensors) == 1 and tensors[0].view == "reshaped":
        # One tensor and numbers: on the stored one, and expanded afterwards.
        same = add_elementwise(t, operator, tensors[0].shape, *bases, **settings)
        return same.expanded(shape)
    stored = _broadcast([base.shape for base in bases if isinstance(base, Value)])
    names = [t.name(base) for base in bases]
    return Value(t.builder.add(operator, *names, **settings), stored).expanded(shape)


def _add_in_blocks(t: Translator, shape: Shape, *operands: Any) -> str:
    """Add a number per channel to a map that ONNX Runtime keeps in blocks of channels.

    There it adds only tensors of one shape, so the numbers are spread out first, in blocks: a
    pooling that changes nothing brings them there. The sum is part of a convolution then.

    Returns:
        the name of the sum, or "" where the operands are something else.
    """
    numbers = [each for each in operands if isinstance(each, Value) and each.base]
    maps = [each for each in operands if isinstance(each, Value) and not each.view]
    if len(shape) != 4 or shape[0] != BatchSize(1) or not (len(numbers) == len(maps) == 1):
        return ""
    (channel,), (map_,) = numbers, maps
    per_channel = (*shape[:2], 1, 1)
    if shape[1] % _BLOCK or map_.constant is not None or map_.shape != shape:
        return ""
    if not channel.base or channel.base.shape != per_channel:
        return ""
    in_blocks = t.builder.add("MaxPool", t.name(channel.base), kernel_shape=[1, 1])
    times = t.builder.constant(np.array([1, 1, *shape[2:]], np.float32))
    spread = resized(t, in_blocks, times)
    t.builder.shape(spread, [t.builder.batch([spread]), *shape[1:]])
    return t.builder.add("Add", t.name(map_), spread)


def _repeats(operands: tuple[Any, ...], value: Value) -> int:
    """Return how many rows to join where one number per channel meets few channels.

    ONNX Runtime repeats such numbers row by row, which costs more than the sums themselves.

    Args:
        operands: of the operator.
        value: the one among them that is stored as [batch, height, width, channels].
    """
    others = [operand for operand in operands if operand is not value]
    if len(operands) != 2 or len(others) != 1 or len(value.stored) != 4:
        return 0
    (other,) = others
    _, height, width, channels = value.stored
    if not isinstance(other, Value) or not other.base or other.base.shape[2:] != (1, 1):
        return 0
    if height * width * channels < _LARGE:
        return 0
    cells = height * width
    return max((n for n in range(2, _ROW // channels + 1) if cells % n == 0), default=0)


def _add_in_long_rows(
    t: Translator, operator: str, names: list[str], value: Value, repeats: int
) -> str:
    _, height, width, channels = value.stored
    wide = t.fixed_shape((value.stored[0], 1, height * width // repeats, repeats * channels))
    rows = [
        t.builder.add("Reshape", name, wide)
        if name == value.name
        else t.builder.add("Concat", *[name] * repeats, axis=3)
        for name in names
    ]
    return t.builder.add("Reshape", t.builder.add(operator, *rows), t.fixed_shape(value.stored))


def as_number(t: Translator, operand: Any) -> Any:
    """Return 0 and 1 for truth values, and anything else as it is."""
    if not isinstance(operand, Value) or not operand.boolean:
        return operand
    if operand.constant is not None:
        return Value("", operand.shape, operand.constant.to(torch.float32))
    return add_elementwise(t, "Cast", operand.shape, operand, to=_FLOAT)


def _in_order(t: Translator, operand: Any, order: tuple[int, ...]) -> str:
    """Return the name of an operand, its axes as in the stored tensor of a permuted one."""
    if not isinstance(operand, Value) or not operand.shape:
        return t.name(operand)
    if operand.view == "permuted" and operand.order == order:
        return operand.name
    rank = len(order)
    back = tuple(order.index(axis) for axis in range(rank))
    if operand.constant is not None:
        full = operand.constant.reshape([1] * (rank - operand.constant.ndim) + list(operand.shape))
        return t.name(Value("", (), torch.permute(full, back).contiguous()))
    operand = operand.base or operand
    shape = (1,) * (rank - len(operand.shape)) + operand.shape
    turned = tuple(shape[axis] for axis in back)
    if keeps_order(back, shape):
        return t.name(t.solid(operand, "reshaped").reshaped(turned))
    if len(operand.shape) < rank:
        operand = t.solid(operand, "reshaped").reshaped(shape)
    return t.name(t.solid(operand, "permuted").permuted(back))


def _broadcast(shapes: list[Shape]) -> Shape:
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return tuple(
        next((size for size in sizes if size != 1), 1) for sizes in zip(*padded, strict=True)
    )
