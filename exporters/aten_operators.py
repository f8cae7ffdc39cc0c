"""ATen operators in ONNX: one small function for each, or one for several that are alike."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from ..engine.errors import ModelError
from .translator import BatchSize, Translator, Value

# HardSigmoid with such a slope is a step: it cannot tell numbers below the slope's inverse from 0.
_STEEP = 3e38

OPERATORS: dict[str, Callable[..., Any]] = {}
"""name of an ATen operator -> what adds it to a graph (see `Translator`)."""


def _handles(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(handler: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            OPERATORS[name] = handler
        return handler

    return register


def _ints(t: Translator, *values: int) -> str:
    return t.builder.constant(np.array(values, np.int64))


def _is_number(value: Any, number: float) -> bool:
    return isinstance(value, (int, float)) and value == number


def _axis(value: Value, axis: int) -> int:
    return axis % max(len(value.shape), 1)


def _unary(aten: str, onnx_name: str) -> None:
    @_handles(aten)
    def _(t: Translator, shape: Any, x: Value) -> str:
        return t.builder.add(onnx_name, t.name(x))


for _aten, _onnx in {
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "abs": "Abs",
    "neg": "Neg",
    "sign": "Sign",
    "sgn": "Sign",
    "reciprocal": "Reciprocal",
    "erf": "Erf",
    "sin": "Sin",
    "cos": "Cos",
    "floor": "Floor",
    "logical_not": "Not",
}.items():
    _unary(_aten, _onnx)


@_handles("rsqrt")
def _rsqrt(t: Translator, shape: Any, x: Value) -> str:
    return t.builder.add("Reciprocal", t.builder.add("Sqrt", t.name(x)))


@_handles("log1p")
def _log1p(t: Translator, shape: Any, x: Value) -> str:
    return t.builder.add("Log", t.builder.add("Add", t.name(x), t.name(1.0)))


@_handles("clone", "detach", "alias", "lift_fresh_copy", "contiguous", "dropout", "positive")
def _same(t: Translator, shape: Any, x: Value, *_: Any, **__: Any) -> Value:
    return x


def _binary(aten: str, onnx_name: str, identity: float | None = None) -> None:
    @_handles(aten)
    def _(t: Translator, shape: Any, a: Any, b: Any, *, alpha: float = 1) -> Any:
        if _is_number(b, identity) if identity is not None else False:
            return a
        right = t.name(b)
        if alpha != 1:
            right = t.builder.add("Mul", right, t.name(alpha))
        return t.builder.add(onnx_name, t.name(a), right)


_binary("add", "Add", 0.0)
_binary("sub", "Sub", 0.0)
_binary("mul", "Mul", 1.0)
_binary("div", "Div", 1.0)
_binary("maximum", "Max")
_binary("minimum", "Min")
_binary("gt", "Greater")
_binary("ge", "GreaterOrEqual")
_binary("lt", "Less")
_binary("le", "LessOrEqual")
_binary("eq", "Equal")
_binary("logical_and", "And")
_binary("bitwise_and", "And")
_binary("logical_or", "Or")


@_handles("rsub")
def _rsub(t: Translator, shape: Any, a: Value, b: Any, alpha: float = 1) -> str:
    scaled = t.name(a) if alpha == 1 else t.builder.add("Mul", t.name(a), t.name(alpha))
    return t.builder.add("Sub", t.name(b), scaled)


@_handles("pow")
def _pow(t: Translator, shape: Any, x: Value, exponent: Any) -> Any:
    if _is_number(exponent, 1):
        return x
    if _is_number(exponent, 2):
        return t.builder.add("Mul", t.name(x), t.name(x))
    if _is_number(exponent, 0.5):
        return t.builder.add("Sqrt", t.name(x))
    if _is_number(exponent, -1):
        return t.builder.add("Reciprocal", t.name(x))
    return t.builder.add("Pow", t.name(x), t.name(exponent))


@_handles("heaviside")
def _heaviside(t: Translator, shape: Any, x: Value, at_zero: Value) -> str:
    if at_zero.constant is None or not bool((at_zero.constant == 1).all()):
        raise ModelError("Only a step that is 1 at 0 can be exported.")
    return t.builder.add("HardSigmoid", t.name(x), alpha=_STEEP, beta=1.0)


@_handles("clamp", "clamp_min", "clamp_max", "hardtanh")
def _clamp(t: Translator, shape: Any, x: Value, low: Any = None, high: Any = None) -> str:
    bounds = ["" if bound is None else t.name(bound) for bound in (low, high)]
    return t.builder.add("Clip", t.name(x), *bounds)


@_handles("clamp_max")
def _clamp_max(t: Translator, shape: Any, x: Value, high: Any) -> str:
    return t.builder.add("Min", t.name(x), t.name(high))


@_handles("relu6")
def _relu6(t: Translator, shape: Any, x: Value) -> Any:
    return _clamp(t, shape, x, 0.0, 6.0)


@_handles("sigmoid_backward")
def _sigmoid_backward(t: Translator, shape: Any, g: Value, y: Value) -> str:
    b = t.builder
    slope = b.add("Mul", t.name(y), b.add("Sub", t.name(1.0), t.name(y)))
    return b.add("Mul", t.name(g), slope)


@_handles("tanh_backward")
def _tanh_backward(t: Translator, shape: Any, g: Value, y: Value) -> str:
    b = t.builder
    slope = b.add("Sub", t.name(1.0), b.add("Mul", t.name(y), t.name(y)))
    return b.add("Mul", t.name(g), slope)


@_handles("threshold_backward")
def _threshold_backward(t: Translator, shape: Any, g: Value, x: Value, threshold: float) -> str:
    return _masked(t, g, t.builder.add("Greater", t.name(x), t.name(threshold)))


@_handles("hardtanh_backward")
def _hardtanh_backward(
    t: Translator, shape: Any, g: Value, x: Value, low: float, high: float
) -> str:
    b = t.builder
    above = b.add("Greater", t.name(x), t.name(low))
    below = b.add("Less", t.name(x), t.name(high))
    return _masked(t, g, b.add("And", above, below))


@_handles("where")
def _where(t: Translator, shape: Any, condition: Value, a: Any, b: Any) -> str:
    return t.builder.add("Where", t.name(condition), t.name(a), t.name(b))


@_handles("masked_fill")
def _masked_fill(t: Translator, shape: Any, x: Value, mask: Value, value: Any) -> str:
    return t.builder.add("Where", t.name(mask), t.name(value), t.name(x))


def _masked(t: Translator, g: Value, condition: str) -> str:
    return t.builder.add("Where", condition, t.name(g), t.name(0.0))


@_handles("_to_copy", "to")
def _to_copy(t: Translator, shape: Any, x: Value, dtype: Any = None, **_: Any) -> Any:
    if dtype is None:
        return x
    kinds = {torch.float32: 1, torch.int64: 7, torch.bool: 9}
    if dtype not in kinds:
        raise ModelError(f"The network computes in {dtype}; only float32 can be exported.")
    return t.builder.add("Cast", t.name(x), to=kinds[dtype])


@_handles("view", "_unsafe_view", "reshape")
def _view(t: Translator, shape: Any, x: Value, *_: Any) -> Any:
    if shape == x.shape:
        return x
    return t.builder.add("Reshape", t.name(x), _shape_constant(t, shape))


def _shape_constant(t: Translator, shape: Any) -> str:
    if sum(isinstance(size, BatchSize) for size in shape) > 1:
        raise ModelError("The network has a tensor in which two sizes depend on the batch.")
    return _ints(t, *(-1 if isinstance(size, BatchSize) else size for size in shape))


@_handles("unsqueeze", "squeeze")
def _reshaped(t: Translator, shape: Any, x: Value, *_: Any) -> str:
    return t.builder.add("Reshape", t.name(x), _shape_constant(t, shape))


@_handles("permute")
def _permute(t: Translator, shape: Any, x: Value, axes: Sequence[int]) -> str:
    return t.builder.add("Transpose", t.name(x), perm=[_axis(x, axis) for axis in axes])


@_handles("transpose")
def _transpose(t: Translator, shape: Any, x: Value, a: int, b: int) -> Any:
    axes = list(range(len(x.shape)))
    a, b = _axis(x, a), _axis(x, b)
    axes[a], axes[b] = b, a
    return _permute(t, shape, x, axes)


@_handles("t")
def _t(t: Translator, shape: Any, x: Value) -> Any:
    return _permute(t, shape, x, list(reversed(range(len(x.shape)))))


@_handles("expand")
def _expand(t: Translator, shape: Any, x: Value, *_: Any, **__: Any) -> Any:
    if shape == x.shape:
        return x
    return t.builder.add("Expand", t.name(x), _run_time_shape(t, shape))


def _run_time_shape(t: Translator, shape: Any) -> str:
    """Return a tensor that holds `shape`, whose batch is known only at run time."""
    b = t.builder
    if not any(isinstance(size, BatchSize) for size in shape):
        return _ints(t, *shape)
    batch = b.add("Shape", "waveform", start=0, end=1)
    parts = []
    for size in shape:
        if not isinstance(size, BatchSize):
            parts.append(_ints(t, size))
        elif size.multiple == 1:
            parts.append(batch)
        else:
            parts.append(b.add("Mul", batch, _ints(t, size.multiple)))
    return b.add("Concat", *parts, axis=0)


@_handles("full", "full_like", "new_full")
def _full(t: Translator, shape: Any, *arguments: Any, **_: Any) -> str:
    value = np.float32(arguments[-1])
    return t.builder.add("Expand", t.builder.constant(value), _run_time_shape(t, shape))


@_handles("zeros", "zeros_like", "new_zeros")
def _zeros(t: Translator, shape: Any, *_: Any, **__: Any) -> Any:
    return _full(t, shape, 0.0)


@_handles("ones", "ones_like", "new_ones")
def _ones(t: Translator, shape: Any, *_: Any, **__: Any) -> Any:
    return _full(t, shape, 1.0)


@_handles("cat")
def _cat(t: Translator, shape: Any, parts: Sequence[Value], axis: int = 0) -> str:
    return t.builder.add("Concat", *(t.name(part) for part in parts), axis=_axis(parts[0], axis))


@_handles("stack")
def _stack(t: Translator, shape: Any, parts: Sequence[Value], axis: int = 0) -> str:
    axis %= len(shape)
    names = [t.builder.add("Unsqueeze", t.name(part), _ints(t, axis)) for part in parts]
    return t.builder.add("Concat", *names, axis=axis)


@_handles("slice")
def _slice(
    t: Translator,
    shape: Any,
    x: Value,
    axis: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Any:
    if shape == x.shape:
        return x
    start, end = _bounds(x, axis, start, end)
    return t.builder.add(
        "Slice", t.name(x), _ints(t, start), _ints(t, end), _ints(t, _axis(x, axis)), _ints(t, step)
    )


def _bounds(x: Value, axis: int, start: Any, end: Any) -> tuple[int, int]:
    size = x.shape[_axis(x, axis)]
    if isinstance(size, BatchSize):
        raise ModelError("The network cuts its batch into pieces; that cannot be exported.")
    return slice(start, end).indices(size)[:2]


@_handles("slice_backward")
def _slice_backward(
    t: Translator, shape: Any, g: Value, _: Any, axis: int, start: int, end: int, step: int
) -> str:
    size = shape[axis]
    start, end, _step = slice(start, end).indices(size)
    value, count = t.name(g), int(g.shape[axis])
    if step > 1:
        # Spread the samples, with zeros between them.
        value = t.builder.add("Unsqueeze", value, _ints(t, axis + 1))
        value = _padded(t, value, len(shape) + 1, axis + 1, 0, step - 1)
        spread = [*shape[:axis], count * step, *shape[axis + 1 :]]
        value = t.builder.add("Reshape", value, _shape_constant(t, spread))
        count *= step
        if start + count > size:
            value = _padded(t, value, len(shape), axis, 0, size - start - count)
            count = size - start
    return _padded(t, value, len(shape), axis, start, size - start - count)


def _padded(t: Translator, name: str, rank: int, axis: int, before: int, after: int) -> str:
    pads = [0] * (2 * rank)
    pads[axis], pads[rank + axis] = before, after
    if not any(pads):
        return name
    return t.builder.add("Pad", name, _ints(t, *pads))


@_handles("select")
def _select(t: Translator, shape: Any, x: Value, axis: int, index: int) -> Any:
    size = x.shape[_axis(x, axis)]
    if isinstance(size, BatchSize):
        raise ModelError("The network picks one of its batch; that cannot be exported.")
    at = t.builder.constant(np.int64(index % size))
    return t.builder.add("Gather", t.name(x), at, axis=_axis(x, axis))


@_handles("select_backward")
def _select_backward(t: Translator, shape: Any, g: Value, _: Any, axis: int, index: int) -> str:
    axis %= len(shape)
    index %= shape[axis]
    widened = t.builder.add("Unsqueeze", t.name(g), _ints(t, axis))
    return _padded(t, widened, len(shape), axis, index, shape[axis] - index - 1)


@_handles("constant_pad_nd")
def _pad(t: Translator, shape: Any, x: Value, pad: Sequence[int], value: float = 0) -> str:
    rank = len(x.shape)
    pads = [0] * (2 * rank)
    for number in range(len(pad) // 2):
        axis = rank - 1 - number
        pads[axis], pads[rank + axis] = pad[2 * number], pad[2 * number + 1]
    return t.builder.add("Pad", t.name(x), _ints(t, *pads), t.name(float(value)))


@_handles("split", "split_with_sizes", "unsafe_split")
def _split(t: Translator, shape: Any, x: Value, _: Any, axis: int = 0) -> tuple[str, ...]:
    axis = _axis(x, axis)
    sizes = _ints(t, *(part[axis] for part in shape))
    return t.builder.add_many("Split", t.name(x), sizes, outputs=len(shape), axis=axis)


@_handles("unbind")
def _unbind(t: Translator, shape: Any, x: Value, axis: int = 0) -> tuple[str, ...]:
    return tuple(_select(t, part, x, axis, number) for number, part in enumerate(shape))


@_handles("flip")
def _flip(t: Translator, shape: Any, x: Value, axes: Sequence[int]) -> str:
    count = len(axes)
    return t.builder.add(
        "Slice",
        t.name(x),
        _ints(t, *[-1] * count),
        _ints(t, *[np.iinfo(np.int64).min] * count),
        _ints(t, *(_axis(x, axis) for axis in axes)),
        _ints(t, *[-1] * count),
    )


@_handles("index_select", "index")
def _index(t: Translator, shape: Any, x: Value, *arguments: Any) -> str:
    if isinstance(arguments[0], list):
        (indices,) = [part for part in arguments[0] if part is not None]
        axis = arguments[0].index(indices)
    else:
        axis, indices = arguments
    return t.builder.add("Gather", t.name(x), t.name(indices), axis=_axis(x, axis))


def _reduction(aten: str, onnx_name: str) -> None:
    @_handles(aten)
    def _(
        t: Translator, shape: Any, x: Value, axes: Any = None, keepdim: bool = False, **__: Any
    ) -> str:
        axes = [axes] if isinstance(axes, int) else axes
        over = [_axis(x, axis) for axis in axes] if axes else list(range(len(x.shape)))
        # From opset 18 on every reduction takes its axes as an input.
        return t.builder.add(onnx_name, t.name(x), _ints(t, *over), keepdims=int(keepdim))


for _aten, _onnx in {
    "sum": "ReduceSum",
    "mean": "ReduceMean",
    "amax": "ReduceMax",
    "amin": "ReduceMin",
}.items():
    _reduction(_aten, _onnx)


@_handles("_softmax")
def _softmax(t: Translator, shape: Any, x: Value, axis: int, _: bool) -> str:
    return t.builder.add("Softmax", t.name(x), axis=_axis(x, axis))


@_handles("mm", "bmm", "matmul")
def _matmul(t: Translator, shape: Any, a: Value, b: Value) -> str:
    return t.builder.add("MatMul", t.name(a), t.name(b))


@_handles("addmm")
def _addmm(
    t: Translator, shape: Any, bias: Value, a: Value, b: Value, *, beta: float = 1, alpha: float = 1
) -> str:
    names = (t.name(value) for value in (a, b, bias))
    return t.builder.add("Gemm", *names, alpha=float(alpha), beta=float(beta))


@_handles("convolution")
def _convolution(
    t: Translator,
    shape: Any,
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
    names = [t.name(x), t.name(weight)]
    if bias is not None:
        names.append(t.name(bias))
    settings: dict[str, Any] = {
        "strides": list(stride),
        "pads": [*padding, *padding],
        "dilations": list(dilation),
        "group": groups,
        "kernel_shape": list(weight.shape[2:]),
    }
    if transposed:
        settings["output_padding"] = list(output_padding)
        return t.builder.add("ConvTranspose", *names, **settings)
    return t.builder.add("Conv", *names, **settings)


@_handles("max_pool2d_with_indices")
def _max_pool2d(
    t: Translator,
    shape: Any,
    x: Value,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0, 0),
    dilation: Sequence[int] = (1, 1),
    ceil: bool = False,
) -> tuple[str, ...]:
    # The indices that ONNX returns count through the whole tensor, torch's through one map:
    # nobody but the backward pass below sees them, and it takes ONNX's.
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


@_handles("max_pool2d_with_indices_backward")
def _max_pool2d_backward(t: Translator, shape: Any, g: Value, x: Value, *settings: Any) -> str:
    b = t.builder
    indices = settings[-1]
    flat = _ints(t, -1)
    zeros = b.add("Reshape", b.add("Mul", t.name(x), t.name(0.0)), flat)
    spread = b.add(
        "ScatterElements",
        zeros,
        b.add("Reshape", t.name(indices), flat),
        b.add("Reshape", t.name(g), flat),
        reduction="add",
    )
    return b.add("Reshape", spread, _shape_constant(t, shape))


@_handles("avg_pool2d", "avg_pool1d")
def _avg_pool(
    t: Translator,
    shape: Any,
    x: Value,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] | int = 0,
    ceil: bool = False,
    count_include_pad: bool = True,
    divisor: int | None = None,
) -> str:
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


@_handles("native_batch_norm", "_native_batch_norm_legit_no_training")
def _batch_norm(t: Translator, shape: Any, x: Value, *settings: Any) -> Any:
    raise ModelError("Batch normalisation that follows no convolution cannot be exported.")
