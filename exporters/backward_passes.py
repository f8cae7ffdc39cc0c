"""Torch operations whose backward pass is written out in terms that ONNX Runtime runs fast."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional


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
        reach = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True)]
        if set(stride) == {1} and all(p <= r for p, r in zip(padding, reach, strict=True)):
            back = [r - p for r, p in zip(reach, padding, strict=True)]
            turned, none = transposed_kernel(weight, groups), [0] * len(stride)
            x = torch.convolution(
                gradient, turned, None, stride, back, dilation, False, none, groups
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
        to_a = gradient * torch.heaviside(a - b, torch.ones((), dtype=a.dtype))
        return to_a, gradient - to_a


def first_maximum(values: list[Tensor]) -> Tensor:
    """Return the elementwise maximum; its gradient goes to the first of those that have it."""
    best, *others = values
    for other in others:
        best = Larger.apply(best, other)  # type: ignore[no-untyped-call]
    return best


def max_pool(x: Tensor, kernel: list[int]) -> Tensor:
    """Max-pool x over windows that touch but do not overlap, as torch does.

    Args:
        x: [batch, channels, ...].
        kernel: window per axis after the second; samples that fill no window are dropped.
    """
    if len(kernel) == 1:
        # With time before channels, what is pooled lies in long runs.
        count, channels = x.shape[2] // kernel[0], x.shape[1]
        whole = x.transpose(1, 2).narrow(1, 0, count * kernel[0])
        rows = whole.reshape(x.shape[0], count, kernel[0] * channels)
        return first_maximum(list(torch.split(rows, channels, 2))).transpose(1, 2)
    for axis, size in enumerate(kernel, start=2):
        if size > 1:
            count = x.shape[axis] // size
            whole = x.narrow(axis, 0, count * size)
            parts = whole.reshape(*x.shape[:axis], count, size, *x.shape[axis + 1 :])
            x = first_maximum([parts.select(axis + 1, phase) for phase in range(size)])
    return x


class PhaseConvolution(Function):
    """A 1-D convolution whose output comes in `stride` phases, ready to be pooled over them.

    Where the kernel is as long as there are phases, each phase is one matrix product: with time
    before channels, the samples that a frame sees lie in one row.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, padding: int, frames: int
    ) -> tuple[Tensor, ...]:
        """Convolve.

        Args:
            ctx: torch's.
            x: [batch, time, in].
            weight: [out, in, kernel]; there are as many phases as the kernel has taps.
            padding: zeros before x.
            frames: of each phase; phase p has the samples p, p + phases, ... of the output.

        Returns:
            [batch, frames, out] for each phase.
        """
        ctx.settings = (weight, padding, x.shape[1])
        return _phases(x, weight, padding, frames)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradient with respect to x alone."""
        weight, padding, samples = ctx.settings
        count = weight.shape[2]
        batch, frames, units = gradients[0].shape
        whole = torch.cat(gradients, 2).reshape(batch, frames * count, units)
        back = _phases(
            whole, transposed_kernel(weight, 1), count - 1 - padding, -(-samples // count)
        )
        x = torch.cat(back, 2).reshape(batch, -1, weight.shape[1])
        return x.narrow(1, 0, samples), None, None, None


def _phases(x: Tensor, weight: Tensor, padding: int, frames: int) -> tuple[Tensor, ...]:
    units, channels, count = weight.shape
    matrix = weight.permute(2, 1, 0).reshape(count * channels, units)
    batch, samples, _ = x.shape
    phases = []
    for phase in range(count):
        before = padding - phase
        shifted = x
        if before or frames * count != samples:
            after = frames * count - samples - before
            shifted = functional.pad(x, (0, 0, before, after))
        rows = shifted.reshape(batch * frames, count * channels)
        phases.append(torch.mm(rows, matrix).reshape(batch, frames, units))
    return tuple(phases)


def patch_convolution(x: Tensor, weight: Tensor) -> Tensor:
    """Convolve with a stride as long as the kernel: one matrix product.

    Args:
        x: [batch, time, in].
        weight: [out, in, kernel].

    Returns:
        [batch, frames, out].
    """
    units, channels, count = weight.shape
    frames = x.shape[1] // count
    rows = x.narrow(1, 0, frames * count).reshape(x.shape[0] * frames, count * channels)
    matrix = weight.permute(2, 1, 0).reshape(count * channels, units)
    return torch.mm(rows, matrix).reshape(x.shape[0], frames, units)
