"""Operators on one number at a time, of ONNX as of torch."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from .operator_inputs import (
    Attributes,
    Inputs,
    Operator,
    given,
    plain,
)

_TYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 11: torch.float64}
"""Number of an ONNX type -> the torch type."""


def _variadic(function: Callable[[Tensor, Tensor], Tensor]) -> Operator:
    """Return an operator of one input or more, which takes them two by two."""

    def fold(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
        first, *others = (given(each) for each in inputs)
        for other in others:
            first = function(first, other)
        return (first,)

    return fold


def _hard_sigmoid(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    alpha, beta = attributes.get("alpha", 0.2), attributes.get("beta", 0.5)
    return ((given(inputs[0]) * alpha + beta).clamp(0.0, 1.0),)


def _cast(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    return (given(inputs[0]).to(_TYPES[int(attributes["to"])]),)


def _divide(left: Tensor, right: Tensor) -> Tensor:
    whole = not left.is_floating_point() and not right.is_floating_point()
    return torch.div(left, right, rounding_mode="trunc" if whole else None)


def _modulo(attributes: Attributes, inputs: Inputs) -> tuple[Tensor, ...]:
    function = torch.fmod if attributes.get("fmod", 0) else torch.remainder
    return (function(given(inputs[0]), given(inputs[1])),)


ELEMENTWISE: Mapping[str, Operator] = {
    "Abs": plain(torch.abs),
    "Add": plain(torch.add),
    "And": plain(torch.logical_and),
    "Cast": _cast,
    "Cos": plain(torch.cos),
    "Div": plain(_divide),
    "Equal": plain(torch.eq),
    "Erf": plain(torch.erf),
    "Exp": plain(torch.exp),
    "Floor": plain(torch.floor),
    "Greater": plain(torch.gt),
    "GreaterOrEqual": plain(torch.ge),
    "HardSigmoid": _hard_sigmoid,
    "Identity": plain(lambda data: data),
    "Less": plain(torch.lt),
    "LessOrEqual": plain(torch.le),
    "Log": plain(torch.log),
    "Max": _variadic(torch.maximum),
    "Min": _variadic(torch.minimum),
    "Mod": _modulo,
    "Mul": plain(torch.mul),
    "Neg": plain(torch.neg),
    "Not": plain(torch.logical_not),
    "Or": plain(torch.logical_or),
    "Pow": plain(torch.pow),
    "Reciprocal": plain(torch.reciprocal),
    "Relu": plain(torch.relu),
    "Sigmoid": plain(torch.sigmoid),
    "Sign": plain(torch.sign),
    "Sin": plain(torch.sin),
    "Sqrt": plain(torch.sqrt),
    "Sub": plain(torch.sub),
    "Sum": _variadic(torch.add),
    "Tanh": plain(torch.tanh),
    "Where": plain(torch.where),
}
"""Name of an ONNX operator -> what computes it."""
