"""ATen's matrix products, convolutions, poolings and reductions in ONNX."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...engine.errors import ModelError
from .elementwise import as_number
from .square_blocks import block_mean
from .translator import Handler, Translator
from .values import BatchSize, Shape, Value, axis_of


def reduction(operator: str) -> Handler:
    """Return what adds an operator of ONNX that reduces axes, by its name without "Reduce"."""

    def add(
        t: Translator, shape: Shape, x: Value, axes: Any = None, keepdim: bool = False, **__: Any
    ) -> Any:
        x = as_number(t, x)
        axes = [axes] if isinstance(axes, int) else axes
        over = [axis_of(x, axis) for axis in axes] if axes else list(range(len(x.shape)))
        if operator == "Mean" and (pooled := block_mean(t, shape, x, over)):
            return pooled
        if operator == "Mean" and over in ([2, 3], [2]) and len(x.shape) == 4 and not x.view:
            # Poolings keep to the blocks of channels that convolutions leave.
            batch, channels, height, width = x.shape
            if over == [2, 3]:
                name = t.builder.add("GlobalAveragePool", x.name)
                return Value(name, (batch, channels, 1, 1)).reshaped(shape)
            column = [height, 1]
            name = t.builder.add("AveragePool", x.name, kernel_shape=column, strides=column)
            return Value(name, (batch, channels, 1, width)).reshaped(shape)
        if x.view == "permuted" and x.order == (0, 2, 1) and over == [2]:
            # The mean over time where time is not the last axis: a product with a row of ones
            # takes a third of the time.
            frames = int(x.shape[2])
            weight = 1.0 / frames if operator == "Mean" else 1.0
            if operator in ("Mean", "Sum"):
                row = t.builder.constant(np.full((1, frames), weight, np.float32))
                total = Value(t.builder.add("MatMul", row, x.name), (x.shape[0], 1, x.shape[1]))
                return total.reshaped(shape)
        axes_name = t.builder.integers(*over)
        return t.builder.add(f"Reduce{operator}", t.name(x), axes_name, keepdims=int(keepdim))

    return add


def softmax(t: Translator, shape: Shape, x: Value, axis: int, _: bool) -> str:
    """Add a softmax along an axis."""
    return t.builder.add("Softmax", t.name(x), axis=axis_of(x, axis))


def matmul(t: Translator, shape: Shape, a: Value, b: Value) -> Value:
    """Add a product of matrices, or of batches of them."""
    if a.base is not None and a.base.shape[-2:] == a.shape[-2:]:
        a = a.base  # one matrix for the whole batch
    rows = shape[0]
    if a.view == "reshaped" and len(shape) == 2 and isinstance(rows, BatchSize):
        # Rows of a matrix that began as [batch, frames, ...] and will be seen so again.
        apart = (BatchSize(1), rows.multiple)
        x = a.reshaped((*apart, a.shape[1]))
        result = Value(t.builder.add("MatMul", t.name(x), t.name(b)), (*apart, shape[1]))
        return result.reshaped(shape)
    return Value(t.builder.add("MatMul", t.name(a), t.name(b)), shape)


def addmm(
    t: Translator,
    shape: Shape,
    bias: Value,
    a: Value,
    b: Value,
    *,
    beta: float = 1,
    alpha: float = 1,
) -> str:
    """Add a product of matrices and a bias."""
    names = [t.name(value) for value in (a, b, bias)]
    return t.builder.add("Gemm", *names, alpha=float(alpha), beta=float(beta))


def convolution(
    t: Translator,
    shape: Shape,
    x: Value,
    weight: Value,
    bias: Value | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
) -> str:
    """Add a convolution, of which the transposed kind is one."""
    pads = np.array([*padding, *padding])
    if x.view == "padded" and not transposed and not any(x.pads[:2] + x.pads[4:6]):
        pads += (*x.pads[2:4], *x.pads[6:])
        x = Value(x.name, x.stored)
    names = [t.name(value) for value in (x, weight, bias) if value is not None]
    settings: dict[str, Any] = {
        "strides": list(stride),
        "pads": pads.tolist(),
        "dilations": list(dilation),
        "group": groups,
        "kernel_shape": list(weight.shape[2:]),
    }
    if transposed:
        return t.builder.add(
            "ConvTranspose", *names, **settings, output_padding=list(output_padding)
        )
    return t.builder.add("Conv", *names, **settings)


def max_pool2d(
    t: Translator,
    shape: Shape,
    x: Value,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0, 0),
    dilation: Sequence[int] = (1, 1),
    ceil: bool = False,
) -> tuple[str, ...]:
    """Add a max-pooling and its indices."""
    # ONNX's indices count through the whole tensor, torch's through one map: only the backward
    # pass below sees them, and it takes ONNX's.
    return t.builder.add_many(
        "MaxPool",
        t.name(x),
        outputs=2,
        kernel_shape=list(kernel),
        strides=list(stride or kernel),
        pads=[*padding, *padding],
        dilations=list(dilation),
        ceil_mode=int(ceil),
    )


def max_pool2d_backward(t: Translator, shape: Shape, g: Value, x: Value, *settings: Any) -> str:
    """Add the gradient of a max-pooling, from its indices."""
    add, flat = t.builder.add, t.builder.integers(-1)
    zeros, indices = add("Mul", t.name(x), t.name(0.0)), t.name(settings[-1])
    batch = t.builder.batch([t.name(g)])
    if batch != t.builder.batch([zeros]):
        zeros, indices = _for_each(t, batch, shape, zeros, indices)
    zeros, indices = add("Reshape", zeros, flat), add("Reshape", indices, flat)
    gradient = add("Reshape", t.name(g), flat)
    spread = add("ScatterElements", zeros, indices, gradient, reduction="add")
    return add("Reshape", spread, t.fixed_shape(shape))


def _for_each(t: Translator, batch: str, shape: Shape, zeros: str, indices: str) -> tuple[str, str]:
    """Repeat what a pooling of another batch chose, and count each index from its own map's start.

    Args:
        t: whose graph it is added to.
        batch: name of that which is wanted.
        shape: of what was pooled, in that batch.
        zeros: of the same shape, in the other batch.
        indices: into that.
    """
    add = t.builder.add
    size, count = t.builder.integers(int(np.prod(shape[1:]))), t.builder.batch_size(batch)
    ones = [1] * (len(shape) - 1)
    zeros = add("Expand", zeros, add("Concat", count, t.builder.integers(*ones), axis=0))
    last = add("Squeeze", count)
    first, step = (t.builder.constant(np.int64(number)) for number in (0, 1))
    starts = add("Mul", add("Range", first, last, step), size)
    starts = add("Reshape", starts, t.builder.integers(-1, *ones))
    return zeros, add("Add", add("Mod", indices, size), starts)


def avg_pool(
    t: Translator,
    shape: Shape,
    x: Value,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] | int = 0,
    ceil: bool = False,
    count_include_pad: bool = True,
    divisor: int | None = None,
) -> str:
    """Add a mean over windows."""
    if divisor is not None:
        raise ModelError("Average pooling with its own divisor cannot be exported.")
    around = [padding] * len(kernel) if isinstance(padding, int) else list(padding)
    return t.builder.add(
        "AveragePool",
        t.name(x),
        kernel_shape=list(kernel),
        strides=list(stride or kernel),
        pads=[*around, *around],
        ceil_mode=int(ceil),
        count_include_pad=int(count_include_pad),
    )
