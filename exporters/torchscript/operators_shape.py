"""Operators that only arrange numbers, of ONNX as of torch."""

from collections.abc import Mapping
from itertools import zip_longest

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .operator_inputs import (
    Attributes,
    Inputs,
    Operator,
    given,
    lengths_of,
    numbers,
    optional,
)


def _reshape(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data, shape = given(inputs[0]), numbers(inputs[1])
    if not attributes.get("allowzero", 0):  # a 0 stands for the length as it is
        shape = [
            length or own for length, own in zip_longest(shape, lengths_of(data)[: len(shape)])
        ]
    return (data.reshape(shape),)


def _transpose(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data = given(inputs[0])
    return (data.permute(*attributes.get("perm", range(data.ndim - 1, -1, -1))),)


def _squeeze(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data = given(inputs[0])
    axes = {each % data.ndim for each in numbers(inputs[1])}
    return (data.reshape([n for axis, n in enumerate(lengths_of(data)) if axis not in axes]),)


def _concat(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    return (torch.cat([given(each) for each in inputs], int(attributes["axis"])),)


def _split(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data, axis = given(inputs[0]), int(attributes.get("axis", 0))
    lengths = optional(inputs, 1)
    if lengths is not None:
        return data.split_with_sizes(numbers(lengths), axis)
    length, parts = lengths_of(data)[axis], int(attributes["num_outputs"])
    each = -(-length // parts)
    return data.split_with_sizes([each] * (parts - 1) + [length - each * (parts - 1)], axis)


def _slice(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data = given(inputs[0])
    starts, ends = numbers(inputs[1]), numbers(inputs[2])
    axes = optional(inputs, 3)
    steps = optional(inputs, 4)
    of_axes = range(len(starts)) if axes is None else numbers(axes)
    of_steps = [1] * len(starts) if steps is None else numbers(steps)
    for start, end, axis, step in zip(starts, ends, of_axes, of_steps, strict=True):
        length = lengths_of(data)[axis]
        # The least end stands for "to the first one" where it goes backwards.
        last = None if step < 0 and end < -length else end
        indices = range(length)[slice(start, last, step)]
        if step > 0:
            data = data.narrow(axis, indices.start, max(0, indices.stop - indices.start))
        if step > 1:
            data = data.unfold(axis, 1, step).squeeze(-1)
        if step < 0:
            data = data.index_select(axis, torch.tensor(list(indices)))
    return (data,)


def _pad(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data, pads = given(inputs[0]), numbers(inputs[1])
    value, axes = optional(inputs, 2), optional(inputs, 3)
    half = len(pads) // 2
    of_axes = range(half) if axes is None else [each % data.ndim for each in numbers(axes)]
    before_after = [(0, 0)] * data.ndim
    for at, axis in enumerate(of_axes):
        before_after[axis] = pads[at], pads[half + at]
    flat = [each for pair in reversed(before_after) for each in pair]
    return (functional.pad(data, flat, value=0.0 if value is None else float(value)),)


def _expand(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data, shape = given(inputs[0]), numbers(inputs[1])
    return (data.expand(np.broadcast_shapes(tuple(lengths_of(data)), tuple(shape))),)


def _gather(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data, at = given(inputs[0]), given(inputs[1])
    axis = int(attributes.get("axis", 0)) % data.ndim
    lengths = lengths_of(data)
    at = torch.where(at < 0, at + lengths[axis], at)
    found = data.index_select(axis, at.reshape(-1))
    return (found.reshape([*lengths[:axis], *lengths_of(at), *lengths[axis + 1 :]]),)


def _scatter_elements(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data, at, updates = (given(each) for each in inputs)
    axis = int(attributes.get("axis", 0))
    if attributes.get("reduction", b"none") == b"add":
        return (data.scatter_add(axis, at, updates),)
    return (data.scatter(axis, at, updates),)


def _range(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    start, limit, delta = (given(each).item() for each in inputs)
    return (torch.arange(start, limit, delta),)


def _shape(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    lengths = lengths_of(given(inputs[0]))
    return (torch.tensor(lengths[attributes.get("start", 0) : attributes.get("end")]),)


SHAPES: Mapping[str, Operator] = {
    "Concat": _concat,
    "Expand": _expand,
    "Gather": _gather,
    "Pad": _pad,
    "Range": _range,
    "Reshape": _reshape,
    "ScatterElements": _scatter_elements,
    "Shape": _shape,
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
}
"""Name of an ONNX operator -> what computes it."""
