"""ATen's elementwise operators in ONNX."""

from typing import Any

import numpy as np
import torch

from ...engine.errors import ModelError
from .elementwise import add_elementwise
from .translator import Handler, Translator
from .values import Shape, Value

# HardSigmoid with such a slope is a step: it cannot tell numbers below the slope's inverse from 0.
_STEEP = 3e38
_FLOAT, _INTEGER, _BOOLEAN = 1, 7, 9  # of onnx.TensorProto

_IDENTITIES = {"Add": 0, "Sub": 0, "Mul": 1, "Div": 1}


def unary(operator: str) -> Handler:
    """Return what adds an operator of ONNX that takes one tensor."""

    def add(t: Translator, shape: Shape, x: Value) -> Value:
        return add_elementwise(t, operator, shape, x)

    return add


def binary(operator: str) -> Handler:
    """Return what adds an operator of ONNX that takes two tensors or numbers, with broadcasting."""

    def add(t: Translator, shape: Shape, a: Any, b: Any, *, alpha: float = 1) -> Value:
        if not isinstance(b, Value) and isinstance(a, Value) and b == _IDENTITIES.get(operator):
            return a
        if alpha != 1:
            b = add_elementwise(t, "Mul", b.shape, b, alpha) if isinstance(b, Value) else b * alpha
        if operator == "Div" and isinstance(b, (int, float)):
            return add_elementwise(t, "Mul", shape, a, 1.0 / b)
        return add_elementwise(t, operator, shape, a, b)

    return add


def rsqrt(t: Translator, shape: Shape, x: Value) -> Value:
    """Add 1 / sqrt(x)."""
    return add_elementwise(t, "Reciprocal", shape, add_elementwise(t, "Sqrt", shape, x))


def log1p(t: Translator, shape: Shape, x: Value) -> Value:
    """Add log(1 + x)."""
    return add_elementwise(t, "Log", shape, add_elementwise(t, "Add", shape, x, 1.0))


def log10(t: Translator, shape: Shape, x: Value) -> Value:
    """Add the decimal logarithm."""
    logarithm = add_elementwise(t, "Log", shape, x)
    return add_elementwise(t, "Mul", shape, logarithm, 1.0 / np.log(10.0))


def same(t: Translator, shape: Shape, x: Value, *_: Any, **__: Any) -> Value:
    """Add nothing: the result is x."""
    return x


def rsub(t: Translator, shape: Shape, a: Value, b: Any, alpha: float = 1) -> Value:
    """Add b - alpha * a."""
    scaled = a if alpha == 1 else add_elementwise(t, "Mul", a.shape, a, alpha)
    return add_elementwise(t, "Sub", shape, b, scaled)


def power(t: Translator, shape: Shape, x: Value, exponent: Any) -> Value:
    """Add x to the power of a number or a tensor."""
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


def heaviside(t: Translator, shape: Shape, x: Value, at_zero: Value) -> Value:
    """Add a step that is 0 or 1 at 0."""
    if at_zero.constant is None or at_zero.constant.ndim or float(at_zero.constant) not in (0, 1):
        raise ModelError("A step can be exported that is 0 or 1 at 0.")
    return step(t, shape, x, float(at_zero.constant))


def step(t: Translator, shape: Shape, x: Value, at_zero: float) -> Value:
    """Add 1 where x > 0, 0 where x < 0, in one pass; a comparison and a cast take two."""
    return add_elementwise(t, "HardSigmoid", shape, x, alpha=_STEEP, beta=at_zero)


def clamp(t: Translator, shape: Shape, x: Value, low: Any = None, high: Any = None) -> Value:
    """Add bounds, of which either may be missing."""
    for operator, bound in (("Max", low), ("Min", high)):
        if bound is not None:
            x = add_elementwise(t, operator, shape, x, bound)
    return x


def clamp_max(t: Translator, shape: Shape, x: Value, high: Any) -> Value:
    """Add an upper bound."""
    return clamp(t, shape, x, None, high)


def relu6(t: Translator, shape: Shape, x: Value) -> Value:
    """Add bounds of 0 and 6."""
    return clamp(t, shape, x, 0.0, 6.0)


def sigmoid_backward(t: Translator, shape: Shape, g: Value, y: Value) -> Value:
    """Add the gradient of a sigmoid with the result y."""
    slope = add_elementwise(t, "Mul", shape, y, add_elementwise(t, "Sub", shape, 1.0, y))
    return add_elementwise(t, "Mul", shape, g, slope)


def tanh_backward(t: Translator, shape: Shape, g: Value, y: Value) -> Value:
    """Add the gradient of a tanh with the result y."""
    square = add_elementwise(t, "Mul", shape, y, y)
    slope = add_elementwise(t, "Sub", shape, 1.0, square)
    return add_elementwise(t, "Mul", shape, g, slope)


def threshold_backward(t: Translator, shape: Shape, g: Value, x: Value, low: float) -> Value:
    """Add the gradient g where x is above a threshold, else 0."""
    above = x if low == 0 else add_elementwise(t, "Sub", shape, x, low)
    return add_elementwise(t, "Mul", shape, g, step(t, shape, above, 0.0))


def hardtanh_backward(
    t: Translator, shape: Shape, g: Value, x: Value, low: float, high: float
) -> Value:
    """Add the gradient g where x is between two bounds, else 0."""
    above = step(t, shape, add_elementwise(t, "Sub", shape, x, low), 0.0)
    below = step(t, shape, add_elementwise(t, "Sub", shape, high, x), 0.0)
    gate = add_elementwise(t, "Mul", shape, above, below)
    return add_elementwise(t, "Mul", shape, g, gate)


def where(t: Translator, shape: Shape, condition: Value, a: Any, b: Any) -> Value:
    """Add a choice between a and b."""
    return add_elementwise(t, "Where", shape, condition, a, b)


def masked_fill(t: Translator, shape: Shape, x: Value, mask: Value, value: Any) -> Value:
    """Add a value in the places of a mask."""
    return add_elementwise(t, "Where", shape, mask, value, x)


def to_copy(t: Translator, shape: Shape, x: Value, dtype: Any = None, **_: Any) -> Value:
    """Add a change of the type."""
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
