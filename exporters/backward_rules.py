"""Torch operations whose backward pass is written out in terms that ONNX Runtime runs fast."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


class RuledReLU(Function):
    """A ReLU that passes the gradient as a run-time rule says.

    gradient: g * (f > 0); deconv: g * (g > 0); guided: both (Zeiler & Fergus, 2014;
    Springenberg et al., 2015). Two numbers select the rule, so that the switch costs no branch:
    g is raised to at least `lowest` (minus infinity or 0) and multiplied by the sign of f, which
    is first raised to at least `open_gate` (0 or 1).
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, lowest: Tensor, open_gate: Tensor) -> Tensor:
        """Return max(x, 0)."""
        f = torch.relu(x)
        ctx.save_for_backward(f, lowest, open_gate)
        return f

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        """Pass the gradient by the rule."""
        f, lowest, open_gate = ctx.saved_tensors
        gate = torch.sign(torch.maximum(f, open_gate))
        return torch.maximum(gradients[0], lowest) * gate, None, None


def rule_switch(rule: Tensor) -> tuple[Tensor, Tensor]:
    """Return `lowest` and `open_gate` of RuledReLU for the scalar `rule` (0, 1 or 2)."""
    number = rule.to(torch.float32)
    lowest = torch.clamp(number, 0.0, 1.0) * 3e38 - 3e38
    open_gate = torch.relu(1.0 - torch.abs(number - 1.0))
    return lowest, open_gate


class Convolution(Function):
    """A convolution, 1-D or 2-D, whose backward pass is again one."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: list[int],
        padding: list[int],
        dilation: list[int],
        groups: int,
    ) -> Tensor:
        """Convolve; the arguments are torch's."""
        ctx.sizes = list(x.shape[2:])
        ctx.settings = (weight, stride, padding, dilation, groups)
        return torch.convolution(
            x, weight, bias, stride, padding, dilation, False, [0] * len(stride), groups
        )

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradient with respect to x alone."""
        weight, stride, padding, dilation, groups = ctx.settings
        (gradient,) = gradients
        kernel = weight.shape[2:]
        reach = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        if all(s == 1 for s in stride) and all(p <= r for p, r in zip(padding, reach, strict=True)):
            back = [r - p for r, p in zip(reach, padding, strict=True)]
            flipped, no = transposed_kernel(weight, groups), [0] * len(kernel)
            x = torch.convolution(
                gradient, flipped, None, stride, back, dilation, False, no, groups
            )
        else:
            missing = [
                size - ((count - 1) * s - 2 * p + r + 1)
                for size, count, s, p, r in zip(
                    ctx.sizes, gradient.shape[2:], stride, padding, reach, strict=True
                )
            ]
            x = torch.convolution(
                gradient, weight, None, stride, padding, dilation, True, missing, groups
            )
        return x, None, None, None, None, None, None


def transposed_kernel(weight: Tensor, groups: int) -> Tensor:
    """Return the kernel whose convolution is the transposed convolution by `weight`.

    Args:
        weight: [out, in / groups, ...].
        groups: of the convolution.

    Returns:
        [in, out / groups, ...], reversed in time (and frequency).
    """
    outer, inner, *kernel = weight.shape
    per_group = weight.reshape(groups, outer // groups, inner, *kernel).transpose(1, 2)
    swapped = per_group.reshape(groups * inner, outer // groups, *kernel)
    return swapped.flip(list(range(2, 2 + len(kernel)))).contiguous()


def max_pool(x: Tensor, kernel: list[int]) -> Tensor:
    """Max-pool x over windows that touch but do not overlap, as torch does.

    Args:
        x: [batch, channels, ...].
        kernel: window per axis after the second; samples that fill no window are dropped.
    """
    for axis, size in enumerate(kernel, start=2):
        if size > 1:
            count = x.shape[axis] // size
            whole = x.narrow(axis, 0, count * size)
            parts = whole.reshape(*x.shape[:axis], count, size, *x.shape[axis + 1 :])
            best, *others = [parts.select(axis + 1, phase) for phase in range(size)]
            for other in others:
                best = Larger.apply(best, other)  # type: ignore[no-untyped-call]
            x = best
    return x


class Larger(Function):
    """The larger of two tensors; where they are equal the gradient goes to the first alone."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        """Return max(a, b)."""
        ctx.save_for_backward(a, b)
        return torch.maximum(a, b)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        """Give the gradient to the winner."""
        a, b = ctx.saved_tensors
        (gradient,) = gradients
        to_a = gradient * not_negative(a - b)
        return to_a, gradient - to_a


def not_negative(x: Tensor) -> Tensor:
    """Return 1 where x >= 0, else 0, as floats."""
    return torch.heaviside(x, torch.ones((), dtype=x.dtype))
