"""Backward rules of a ReLU: one operator in the traced graph, one of three in ONNX.

Gradient: g * (f > 0). Deconvolution: g * (g > 0), Zeiler & Fergus, 2014. Guided: both,
Springenberg et al., 2015. f is the ReLU's input or its result: the sign is the same.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from ...engine.packs.onnx_runners import RULES
from .elementwise import add_elementwise
from .operators import OPERATORS
from .operators_elementwise import step
from .storage import channels_last
from .translator import Handler, Translator
from .values import Shape, Value

_NAME = "innerear::relu_backward"


@torch.library.custom_op(_NAME, mutates_args=())
def _relu_backward(g: Tensor, f: Tensor) -> Tensor:
    return g * (f > 0)


class RuledReLU(Function):
    """A ReLU whose backward pass stays one operator in a traced graph."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, pooled: bool) -> Tensor:
        """Return max(x, 0).

        Args:
            ctx: torch's.
            x: any.
            pooled: whether x comes from a pooling. Then x is stored with its channels last anyway
                (see `MaxPool`), and remembered rather than the result: the sign is the same.
        """
        f = torch.relu(x)
        ctx.save_for_backward(channels_last(x) if pooled else f)
        return f

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Pass the gradient by the rule that is chosen in export."""
        return torch.ops.innerear.relu_backward(gradients[0], ctx.saved_tensors[0]), None


def _gradient(t: Translator, shape: Shape, g: Value, f: Value) -> Value:
    return add_elementwise(t, "Mul", shape, g, step(t, shape, f, 0.0))


def _deconv(t: Translator, shape: Shape, g: Value, f: Value) -> Value:
    return add_elementwise(t, "Relu", shape, g)


def _guided(t: Translator, shape: Shape, g: Value, f: Value) -> Value:
    return _gradient(t, shape, _deconv(t, shape, g, f), f)


_BACKWARD = {"gradient": _gradient, "deconv": _deconv, "guided": _guided}


def operators_by_rule() -> list[Mapping[str, Handler]]:
    """Return the operators that can be exported, for each rule in the order of their numbers."""
    return [{**OPERATORS, _NAME: _BACKWARD[rule]} for rule in RULES]
