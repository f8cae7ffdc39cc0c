"""Convolutions, products, poolings and sums, of ONNX as of torch."""

import functools
from collections.abc import Callable, Mapping, Sequence

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
    plain,
)

_SHORT = 4
"""The length of an axis up to which it is added up slice by slice."""
_CONVOLUTIONS = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
_TRANSPOSED: dict[int, Callable[..., Tensor]] = {
    1: functional.conv_transpose1d,
    2: functional.conv_transpose2d,
    3: functional.conv_transpose3d,
}
_MAX_POOLS: dict[int, Callable[..., Tensor]] = {
    1: functional.max_pool1d,
    2: functional.max_pool2d,
    3: functional.max_pool3d,
}
_AVERAGE_POOLS: dict[int, Callable[..., Tensor]] = {
    1: functional.avg_pool1d,
    2: functional.avg_pool2d,
    3: functional.avg_pool3d,
}


def _reduction(function: Callable[..., Tensor]) -> Operator:
    """Return an operator over some axes, which are its second input."""

    def reduce(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
        data = given(inputs[0])
        axes = numbers(inputs[1]) if len(inputs) > 1 and inputs[1] is not None else []
        if not axes and attributes.get("noop_with_empty_axes", 0):
            return (data,)
        over = axes or list(range(data.ndim))
        return (function(data, over, bool(attributes.get("keepdims", 1))),)

    return reduce


def _mean(data: Tensor, axes: Sequence[int], keepdim: bool) -> Tensor:
    """Return the mean over some axes; torch is slow over several short ones."""
    over = [axis % data.ndim for axis in axes]
    for axis, length in enumerate(lengths_of(data)):
        if axis in over and length <= _SHORT:
            data = functools.reduce(torch.add, data.unbind(axis)).unsqueeze(axis) / length
    data = data.mean(over, keepdim=True)
    return (
        data
        if keepdim
        else data.reshape(
            [length for axis, length in enumerate(lengths_of(data)) if axis not in over]
        )
    )


def _padded(data: Tensor, pads: Sequence[int], value: float) -> tuple[Tensor, list[int]]:
    """Return data and the padding that its operator can add itself, the same on both sides.

    Args:
        data: [batch, channels, ...].
        pads: the beginnings of all axes in space, then their ends.
        value: to pad with where the two sides differ.
    """
    half = len(pads) // 2
    begins, ends = list(pads[:half]), list(pads[half:])
    if begins == ends:
        return data, begins
    both = [each for pair in zip(reversed(begins), reversed(ends), strict=True) for each in pair]
    return functional.pad(data, both, value=value), [0] * half


def _space(attributes: Attributes, name: str, rank: int, default: int) -> list[int]:
    """Return an attribute that has one number for each axis in space."""
    return [int(each) for each in attributes.get(name, [default] * rank)]


def _conv(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data, weight, bias = given(inputs[0]), given(inputs[1]), optional(inputs, 2)
    rank = weight.ndim - 2
    data, padding = _padded(data, attributes.get("pads", [0] * 2 * rank), 0.0)
    return (
        _CONVOLUTIONS[rank](
            data,
            weight,
            bias,
            _space(attributes, "strides", rank, 1),
            padding,
            _space(attributes, "dilations", rank, 1),
            int(attributes.get("group", 1)),
        ),
    )


def _conv_transpose(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data, weight, bias = given(inputs[0]), given(inputs[1]), optional(inputs, 2)
    rank = weight.ndim - 2
    pads = attributes.get("pads", [0] * 2 * rank)
    result = _TRANSPOSED[rank](
        data,
        weight,
        bias,
        _space(attributes, "strides", rank, 1),
        0,
        _space(attributes, "output_padding", rank, 0),
        int(attributes.get("group", 1)),
        _space(attributes, "dilations", rank, 1),
    )
    for axis in range(rank):  # the padding of this operator is what is cut off
        length = lengths_of(result)[2 + axis] - pads[axis] - pads[rank + axis]
        result = result.narrow(2 + axis, pads[axis], length)
    return (result,)


def _max_pool(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data, kernel = given(inputs[0]), list(attributes["kernel_shape"])
    rank = len(kernel)
    data, padding = _padded(data, attributes.get("pads", [0] * 2 * rank), -np.inf)
    strides = _space(attributes, "strides", rank, 1)
    dilations = _space(attributes, "dilations", rank, 1)
    ceil = bool(attributes.get("ceil_mode", 0))
    if strides == kernel and not any(padding) and not ceil and set(dilations) == {1}:
        # Torch's own pooling looks for the place of each maximum, which takes ten times as long.
        for axis, size in enumerate(kernel, 2):
            data = functools.reduce(torch.maximum, data.unfold(axis, size, size).unbind(-1))
        return (data,)
    return (_MAX_POOLS[rank](data, kernel, strides, padding, dilations, ceil),)


def _average_pool(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data, kernel = given(inputs[0]), list(attributes["kernel_shape"])
    rank = len(kernel)
    data, padding = _padded(data, attributes.get("pads", [0] * 2 * rank), 0.0)
    strides = _space(attributes, "strides", rank, 1)
    ceil = bool(attributes.get("ceil_mode", 0))
    counted = bool(attributes.get("count_include_pad", 0))
    return (_AVERAGE_POOLS[rank](data, kernel, strides, padding, ceil, counted),)


def _global_average_pool(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    data = given(inputs[0])
    return (data.mean(list(range(2, data.ndim)), keepdim=True),)


def _gemm(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    left, right, added = given(inputs[0]), given(inputs[1]), optional(inputs, 2)
    left = left.t() if attributes.get("transA", 0) else left
    right = right.t() if attributes.get("transB", 0) else right
    alpha, beta = attributes.get("alpha", 1.0), attributes.get("beta", 1.0)
    product = torch.matmul(left, right)
    product = product if alpha == 1.0 else product * alpha
    if added is None:
        return (product,)
    return (product + (added if beta == 1.0 else added * beta),)


def _softmax(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    return (given(inputs[0]).softmax(int(attributes.get("axis", -1))),)


def _resize(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    """Repeat samples: the one kind of interpolation that is exported."""
    data = given(inputs[0])
    own = lengths_of(data)
    scales, sizes = optional(inputs, 2), optional(inputs, 3)
    if scales is not None and scales.numel():
        factors = [float(each) for each in scales.tolist()]
        lengths = [int(n * factor) for n, factor in zip(own, factors, strict=True)]
    else:
        lengths = numbers(sizes)
        factors = [out / n for out, n in zip(lengths, own, strict=True)]
    for axis, (length, factor) in enumerate(zip(lengths, factors, strict=True)):
        if length != own[axis]:
            at = np.floor(np.arange(length) / factor).astype(np.int64)
            data = data.index_select(axis, torch.from_numpy(np.minimum(at, own[axis] - 1)))
    return (data,)


LAYERS: Mapping[str, Operator] = {
    "AveragePool": _average_pool,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Gemm": _gemm,
    "GlobalAveragePool": _global_average_pool,
    "MatMul": plain(torch.matmul),
    "MaxPool": _max_pool,
    "ReduceMax": _reduction(torch.amax),
    "ReduceMean": _reduction(_mean),
    "ReduceMin": _reduction(torch.amin),
    "ReduceSum": _reduction(torch.sum),
    "Resize": _resize,
    "Softmax": _softmax,
}
"""Name of an ONNX operator -> what computes it."""
