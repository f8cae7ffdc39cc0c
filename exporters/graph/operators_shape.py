"""ATen's operators that move numbers without changing them, in ONNX."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...engine.errors import ModelError
from .square_blocks import repeated_over_blocks
from .translator import Translator
from .values import BatchSize, Shape, Value, axis_of, keeps_order


def view(t: Translator, shape: Shape, x: Value, *_: Any) -> Value:
    """Add another shape of the same numbers."""
    if shape == x.shape:
        return x
    if (map_ := repeated_over_blocks(t, shape, x)) is not None:
        return map_
    if x.base is not None and _large(shape) == _large(x.shape):
        kept = iter(n for n, seen in zip(x.base.shape, x.shape, strict=True) if seen != 1)
        base = tuple(1 if size == 1 else next(kept) for size in shape)
        return t.solid(x.base, "reshaped").reshaped(base).expanded(shape)
    return t.solid(x, "reshaped").reshaped(shape)


def _large(shape: Shape) -> list[Any]:
    return [size for size in shape if size != 1]


def permute(t: Translator, shape: Shape, x: Value, axes: Sequence[int]) -> Value:
    """Add another order of the axes."""
    order = tuple(axis_of(x, axis) for axis in axes)
    if x.base is not None:
        base = permute(t, tuple(x.base.shape[axis] for axis in order), x.base, order)
        return base.expanded(shape)
    if keeps_order(order, x.shape):
        return t.solid(x, "reshaped").reshaped(shape)
    return t.solid(x, "permuted").permuted(order)


def transpose(t: Translator, shape: Shape, x: Value, a: int, b: int) -> Any:
    """Add an exchange of two axes."""
    axes = list(range(len(x.shape)))
    a, b = axis_of(x, a), axis_of(x, b)
    axes[a], axes[b] = b, a
    return permute(t, shape, x, axes)


def transpose_matrix(t: Translator, shape: Shape, x: Value) -> Any:
    """Add the transpose of a matrix."""
    return permute(t, shape, x, list(reversed(range(len(x.shape)))))


def expand(t: Translator, shape: Shape, x: Value, *_: Any, **__: Any) -> Value:
    """Add repetitions along axes of size 1."""
    base = x.base or t.solid(x, "reshaped")
    base = base.reshaped((1,) * (len(shape) - len(base.shape)) + base.shape)
    return base.expanded(shape)


def full(t: Translator, shape: Shape, *arguments: Any, **_: Any) -> Value:
    """Add a tensor of one number."""
    number = t.builder.constant(np.full((1,) * len(shape), arguments[-1], np.float32))
    return Value(number, (1,) * len(shape)).expanded(shape)


def zeros(t: Translator, shape: Shape, *_: Any, **__: Any) -> Any:
    """Add a tensor of zeros."""
    return full(t, shape, 0.0)


def ones(t: Translator, shape: Shape, *_: Any, **__: Any) -> Any:
    """Add a tensor of ones."""
    return full(t, shape, 1.0)


def cat(t: Translator, shape: Shape, parts: Sequence[Value], axis: int = 0) -> Any:
    """Add the parts one after the other along an axis."""
    if len(parts) == 1:
        return parts[0]
    return t.builder.add("Concat", *(t.name(part) for part in parts), axis=axis_of(parts[0], axis))


def stack(t: Translator, shape: Shape, parts: Sequence[Value], axis: int = 0) -> str:
    """Add the parts along a new axis."""
    axis %= len(shape)
    wide = [(*part.shape[:axis], 1, *part.shape[axis:]) for part in parts]
    names = [
        t.name(t.solid(part, "reshaped").reshaped(shape_))
        for part, shape_ in zip(parts, wide, strict=True)
    ]
    return t.builder.add("Concat", *names, axis=axis)


def slice_axis(
    t: Translator,
    shape: Shape,
    x: Value,
    axis: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Any:
    """Add a part of an axis."""
    if shape == x.shape:
        return x
    axis = axis_of(x, axis)
    limits = slice(start, end).indices(_fixed_size(x, axis))
    numbers = [t.builder.integers(value) for value in (limits[0], limits[1], axis, step)]
    return t.builder.add("Slice", t.name(x), *numbers)


def _fixed_size(x: Value, axis: int) -> int:
    size = x.shape[axis]
    if isinstance(size, BatchSize):
        raise ModelError("The network cuts its batch into pieces; that cannot be exported.")
    return int(size)


def slice_backward(
    t: Translator, shape: Shape, g: Value, _: Any, axis: int, start: int, end: int, step: int
) -> Any:
    """Add zeros around, and between, the samples that were taken."""
    if shape == g.shape:
        return g
    axis %= len(shape)
    size, count = int(shape[axis]), int(g.shape[axis])
    start = slice(start, end).indices(size)[0]
    if step == 1:
        return _padded(t, t.name(g), len(shape), axis, start, size - start - count)
    # Samples with zeros between them; the last zeros may reach beyond the end.
    wide = t.solid(g, "reshaped").reshaped((*shape[:axis], count, 1, *shape[axis + 1 :]))
    spread = _padded(t, t.name(wide), len(shape) + 1, axis + 1, 0, step - 1)
    flat = t.fixed_shape((*shape[:axis], count * step, *shape[axis + 1 :]))
    spread = t.builder.add("Reshape", spread, flat)
    return _padded(t, spread, len(shape), axis, start, size - start - count * step)


def _padded(t: Translator, name: str, rank: int, axis: int, before: int, after: int) -> str:
    """Add zeros at both ends of an axis; negative numbers take samples away."""
    pads = [0] * (2 * rank)
    pads[axis], pads[rank + axis] = before, after
    return t.builder.add("Pad", name, t.builder.integers(*pads)) if any(pads) else name


def select(t: Translator, shape: Shape, x: Value, axis: int, index: int) -> str:
    """Add one place of an axis."""
    axis = axis_of(x, axis)
    at = t.builder.constant(np.int64(index % _fixed_size(x, axis)))
    return t.builder.add("Gather", t.name(x), at, axis=axis)


def select_backward(t: Translator, shape: Shape, g: Value, _: Any, axis: int, index: int) -> str:
    """Add zeros around the one place that was taken."""
    axis %= len(shape)
    index %= shape[axis]
    wide = t.solid(g, "reshaped").reshaped((*shape[:axis], 1, *shape[axis + 1 :]))
    return _padded(t, t.name(wide), len(shape), axis, index, shape[axis] - index - 1)


def pad(t: Translator, shape: Shape, x: Value, pad: Sequence[int], value: float = 0) -> Any:
    """Add a constant around the tensor."""
    rank = len(x.shape)
    pads = [0] * (2 * rank)
    for number in range(len(pad) // 2):
        axis = rank - 1 - number
        pads[axis], pads[rank + axis] = pad[2 * number], pad[2 * number + 1]
    if not value and min(pads) >= 0 and x.constant is None:
        # A convolution adds such zeros by itself.
        x = t.solid(x)
        return Value(x.name, shape, view="padded", stored=x.shape, pads=tuple(pads))
    settings = [t.builder.integers(*pads)] + ([t.name(float(value))] if value else [])
    return t.builder.add("Pad", t.name(x), *settings)


def split(t: Translator, shape: Shape, x: Value, _: Any, axis: int = 0) -> tuple[str, ...]:
    """Add the parts of an axis."""
    axis = axis_of(x, axis)
    sizes = t.builder.integers(*(part[axis] for part in shape))
    return t.builder.add_many("Split", t.name(x), sizes, outputs=len(shape), axis=axis)


def unbind(t: Translator, shape: Shape, x: Value, axis: int = 0) -> tuple[Value, ...]:
    """Add each place of an axis."""
    ones = t.builder.integers(*[1] * len(shape))
    axis = axis_of(x, axis)
    names = t.builder.add_many("Split", t.name(x), ones, outputs=len(shape), axis=axis)
    single = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    return tuple(
        Value(name, single).reshaped(part) for name, part in zip(names, shape, strict=True)
    )


def flip(t: Translator, shape: Shape, x: Value, axes: Sequence[int]) -> str:
    """Add axes in reverse."""
    count = len(axes)
    ends = t.builder.integers(*[np.iinfo(np.int64).min] * count)
    backwards = t.builder.integers(*[-1] * count)
    where = t.builder.integers(*(axis_of(x, axis) for axis in axes))
    return t.builder.add("Slice", t.name(x), backwards, ends, where, backwards)


def index(t: Translator, shape: Shape, x: Value, *arguments: Any) -> str:
    """Add the places of an axis that indices name."""
    if isinstance(arguments[0], list):
        (indices,) = [part for part in arguments[0] if part is not None]
        axis = next(n for n, part in enumerate(arguments[0]) if part is not None)
    else:
        axis, indices = arguments
    return t.builder.add("Gather", t.name(x), t.name(indices), axis=axis_of(x, axis))
