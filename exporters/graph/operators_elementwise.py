"""ATen's elementwise operators in ONNX."""

from typing import Any

import numpy as np
import torch

from ...engine.errors import ModelError
from .elementwise import add_elementwise
from .operators import handles
from .translator import Translator
from .values import Shape, Value

# HardSigmoid with such a slope is a step: it cannot tell numbers below the slope's inverse from 0.
_STEEP = 3e38
_FLOAT, _INTEGER, _BOOLEAN = 1, 7, 9  # of onnx.TensorProto

_UNARY = {
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
    "bitwise_not": "Not",
}
_BINARY = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "maximum": "Max",
    "minimum": "Min",
    "gt": "Greater",
    "ge": "GreaterOrEqual",
    "lt": "Less",
    "le": "LessOrEqual",
    "eq": "Equal",
    "logical_and": "And",
    "bitwise_and": "And",
    "logical_or": "Or",
    "bitwise_or": "Or",
}
_IDENTITIES = {"add": 0, "sub": 0, "mul": 1, "div": 1}


def _register_unary(aten: str, onnx_name: str) -> None:
    @handles(aten)
    def _(t: Translator, shape: Shape, x: Value) -> Value:
        return add_elementwise(t, onnx_name, shape, x)


def _register_binary(aten: str, onnx_name: str) -> None:
    @handles(aten)
    def _(t: Translator, shape: Shape, a: Any, b: Any, *, alpha: float = 1) -> Value:
        if not isinstance(b, Value) and isinstance(a, Value) and b == _IDENTITIES.get(aten):
            return a
        if alpha != 1:
            b = add_elementwise(t, "Mul", b.shape, b, alpha) if isinstance(b, Value) else b * alpha
        if aten == "div" and isinstance(b, (int, float)):
            return add_elementwise(t, "Mul", shape, a, 1.0 / b)
        return add_elementwise(t, onnx_name, shape, a, b)


for _aten, _onnx in _UNARY.items():
    _register_unary(_aten, _onnx)
for _aten, _onnx in _BINARY.items():
    _register_binary(_aten, _onnx)


@handles("rsqrt")
def _rsqrt(t: Translator, shape: Shape, x: Value) -> Value:
    return add_elementwise(t, "Reciprocal", shape, add_elementwise(t, "Sqrt", shape, x))


@handles("log1p")
def _log1p(t: Translator, shape: Shape, x: Value) -> Value:
    return add_elementwise(t, "Log", shape, add_elementwise(t, "Add", shape, x, 1.0))


@handles("log10")
def _log10(t: Translator, shape: Shape, x: Value) -> Value:
    logarithm = add_elementwise(t, "Log", shape, x)
    return add_elementwise(t, "Mul", shape, logarithm, 1.0 / np.log(10.0))


@handles("clone", "detach", "alias", "lift_fresh_copy", "contiguous", "dropout", "positive")
def _same(t: Translator, shape: Shape, x: Value, *_: Any, **__: Any) -> Value:
    return x


@handles("rsub")
def _rsub(t: Translator, shape: Shape, a: Value, b: Any, alpha: float = 1) -> Value:
    scaled = a if alpha == 1 else add_elementwise(t, "Mul", a.shape, a, alpha)
    return add_elementwise(t, "Sub", shape, b, scaled)


@handles("pow")
def _pow(t: Translator, shape: Shape, x: Value, exponent: Any) -> Value:
    if isinstance(exponent, Value):
        return add_elementwise(t, "Pow", shape, x, exponent)
    if exponent == 1:
        return x
    if exponent == 2:
        return add_elementwise(t, "Mul", shape, x, x)
    simple = {0.5: "Sqrt", -1: "Reciprocal"}
    if exponent in simple:
        return add_elementwise(t, simple[exponent], shape, x)
    return add_elementwise(t, "Pow", shape, x, exponent)


@handles("heaviside")
def _heaviside(t: Translator, shape: Shape, x: Value, at_zero: Value) -> Value:
    if at_zero.constant is None or at_zero.constant.ndim or float(at_zero.constant) not in (0, 1):
        raise ModelError("A step can be exported that is 0 or 1 at 0.")
    return step(t, shape, x, float(at_zero.constant))


def step(t: Translator, shape: Shape, x: Value, at_zero: float) -> Value:
    """Add 1 where x > 0, 0 where x < 0: one cheap pass, where comparing and casting takes two."""
    return add_elementwise(t, "HardSigmoid", shape, x, alpha=_STEEP, beta=at_zero)


@handles("clamp", "clamp_min", "hardtanh")
def _clamp(t: Translator, shape: Shape, x: Value, low: Any = None, high: Any = None) -> Value:
    for operator, bound in (("Max", low), ("Min", high)):
        if bound is not None:
            x = add_elementwise(t, operator, shape, x, bound)
    return x


@handles("clamp_max")
def _clamp_max(t: Translator, shape: Shape, x: Value, high: Any) -> Value:
    return _clamp(t, shape, x, None, high)  # type: ignore[no-any-return]


@handles("relu6")
def _relu6(t: Translator, shape: Shape, x: Value) -> Value:
    return _clamp(t, shape, x, 0.0, 6.0)  # type: ignore[no-any-return]


@handles("sigmoid_backward")
def _sigmoid_backward(t: Translator, shape: Shape, g: Value, y: Value) -> Value:
    slope = add_elementwise(t, "Mul", shape, y, add_elementwise(t, "Sub", shape, 1.0, y))
    return add_elementwise(t, "Mul", shape, g, slope)


@handles("tanh_backward")
def _tanh_backward(t: Translator, shape: Shape, g: Value, y: Value) -> Value:
    square = add_elementwise(t, "Mul", shape, y, y)
    slope = add_elementwise(t, "Sub", shape, 1.0, square)
    return add_elementwise(t, "Mul", shape, g, slope)


@handles("threshold_backward")
def _threshold_backward(t: Translator, shape: Shape, g: Value, x: Value, low: float) -> Value:
    above = x if low == 0 else add_elementwise(t, "Sub", shape, x, low)
    return add_elementwise(t, "Mul", shape, g, step(t, shape, above, 0.0))


@handles("hardtanh_backward")
def _hardtanh_backward(
    t: Translator, shape: Shape, g: Value, x: Value, low: float, high: float
) -> Value:
    above = step(t, shape, add_elementwise(t, "Sub", shape, x, low), 0.0)
    below = step(t, shape, add_elementwise(t, "Sub", shape, high, x), 0.0)
    gate = add_elementwise(t, "Mul", shape, above, below)
    return add_elementwise(t, "Mul", shape, g, gate)


@handles("where")
def _where(t: Translator, shape: Shape, condition: Value, a: Any, b: Any) -> Value:
    return add_elementwise(t, "Where", shape, condition, a, b)


@handles("masked_fill")
def _masked_fill(t: Translator, shape: Shape, x: Value, mask: Value, value: Any) -> Value:
    return add_elementwise(t, "Where", shape, mask, value, x)


@handles("_to_copy", "to")
def _to_copy(t: Translator, shape: Shape, x: Value, dtype: Any = None, **_: Any) -> Value:
    if dtype is None:
        return x
    if dtype == torch.float32 and x.view == "float64":
        return Value(x.name, x.stored)
    if dtype == torch.float64:
        x = t.solid(x)
        return Value(x.name, shape, view="float64", stored=shape)
    kinds = {torch.float32: _FLOAT, torch.int64: _INTEGER, torch.bool: _BOOLEAN}
    if dtype not in kinds:
        raise ModelError(f"The network computes in {dtype}, which Innerear cannot export.")
    return add_elementwise(t, "Cast", shape, x, to=kinds[dtype])
