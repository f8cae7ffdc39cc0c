"""Torch operations whose backward pass is written in operations that are fast in ONNX Runtime.

In the forward pass, ONNX Runtime convolves and pools in blocks of channels; nothing here prevents
that. In the backward pass channels are stored last, so that the samples of a pooling's windows are
contiguous.
"""

from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from ..graph.storage import channels_last


class Convolution(Function):
    """A 2-D convolution whose backward pass is a convolution, or a matrix product."""

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
        last: bool,
    ) -> Tensor:
        """Convolve; the arguments are torch's, but for the last.

        Args:
            ctx: torch's.
            x: [batch, channels, height, width].
            weight: [out, in / groups, height, width].
            bias: [out].
            stride, dilation: for height and width.
            padding: zeros above, to the left, below, and to the right.
            groups: of channels.
            last: whether the gradient with respect to x is to have its channels last.
        """
        ctx.settings = (list(x.shape[2:]), weight, stride, padding, dilation, groups, last)
        return convolved(x, weight, bias, stride, padding, dilation, groups)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradient with respect to x alone."""
        x = _convolution_back(gradients[0], *ctx.settings)
        return x, None, None, None, None, None, None, None


def convolved(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: list[int],
    padding: list[int],
    dilation: list[int],
    groups: int,
) -> Tensor:
    """Convolve with padding as in `Convolution`; symmetric zeros take no operator of their own."""
    around = padding[:2]
    if padding[2:] != around:
        above, left, below, right = padding
        x, around = functional.pad(x, (left, right, above, below)), [0, 0]
    return torch.convolution(x, weight, bias, stride, around, dilation, False, [0, 0], groups)


# Fewer channels than this leave most of a block empty where ONNX Runtime convolves in blocks.
_FEW_CHANNELS = 5


def _convolution_back(
    gradient: Tensor,
    sizes: list[int],
    weight: Tensor,
    stride: list[int],
    padding: list[int],
    dilation: list[int],
    groups: int,
    last: bool,
) -> Tensor:
    """Pass a gradient back through a convolution, in the fastest of several ways.

    Args:
        gradient: [batch, out, ...].
        sizes: height and width of the input.
        weight, stride, padding, dilation, groups: of the convolution, see `Convolution`.
        last: whether to store the result's channels last.
    """
    kernel = list(weight.shape[2:])
    reach = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    if gradient.shape[2] == 1 and kernel == [1, stride[1]] and not any(padding) and groups == 1:
        narrow = gradient.shape[3] < weight.shape[0]
        return _patches_back(gradient, weight, sizes[1], channels_stored_last=narrow)
    starts = padding[:2]
    before = [r - p for r, p in zip(reach, starts, strict=True)]
    many = weight.shape[1] >= _FEW_CHANNELS
    if min(before) >= 0 and (groups > 1 or (many and set(stride) == {1})):
        x = _spread_out(gradient, stride)
        after = [
            size + r - length - b
            for size, r, length, b in zip(sizes, reach, x.shape[2:], before, strict=True)
        ]
        turned = transposed_kernel(weight, groups)
        x = convolved(x, turned, None, [1, 1], before + after, dilation, groups)
    else:
        missing = [
            size - ((count - 1) * s - 2 * p + r + 1)
            for size, count, s, p, r in zip(
                sizes, gradient.shape[2:], stride, starts, reach, strict=True
            )
        ]
        if any(m >= max(s, d) for m, s, d in zip(missing, stride, dilation, strict=True)):
            return _cut_back(gradient, sizes, weight, stride, starts, dilation, groups, last)
        more, less = [max(each, 0) for each in missing], [min(each, 0) for each in missing]
        x = torch.convolution(gradient, weight, None, stride, starts, dilation, True, more, groups)
        if any(less):
            x = functional.pad(x, (0, less[1], 0, less[0]))
    return channels_last(x) if last else x


def _cut_back(
    gradient: Tensor,
    sizes: list[int],
    weight: Tensor,
    stride: list[int],
    starts: list[int],
    dilation: list[int],
    groups: int,
    last: bool,
) -> Tensor:
    """Pass a gradient back through a convolution that is padded in front alone, or nearly so.

    Torch adds at the end only less than a step; so all is computed, and what was padding cut off.
    """
    x = torch.convolution(gradient, weight, None, stride, [0, 0], dilation, True, [0, 0], groups)
    ends = [size + p - length for size, p, length in zip(sizes, starts, x.shape[2:], strict=True)]
    x = functional.pad(x, (-starts[1], ends[1], -starts[0], ends[0]))
    return channels_last(x) if last else x


def _spread_out(x: Tensor, stride: list[int]) -> Tensor:
    """Put stride - 1 zeros after each sample of [batch, channels, height, width]."""
    if set(stride) == {1}:
        return x
    batch, channels, rows, columns = x.shape
    cells = channels_last(x).permute(0, 2, 3, 1).reshape(batch, rows, 1, columns, 1, channels)
    wide = functional.pad(cells, (0, 0, 0, stride[1] - 1, 0, 0, 0, stride[0] - 1))
    spread = wide.reshape(batch, rows * stride[0], columns * stride[1], channels)
    return spread.permute(0, 3, 1, 2)


def _patches_back(
    gradient: Tensor, weight: Tensor, samples: int, channels_stored_last: bool
) -> Tensor:
    """Pass a gradient through a convolution whose stride is as long as its kernel."""
    units, channels, _, count = weight.shape
    batch, _, _, frames = gradient.shape
    if channels_stored_last:
        matrix = weight.permute(0, 2, 3, 1).reshape(units, count * channels)
        rows = gradient.permute(0, 2, 3, 1).reshape(batch * frames, units)
        patches = torch.mm(rows, matrix)
    else:
        matrix = weight.permute(2, 3, 1, 0).reshape(1, count * channels, units)
        columns = gradient.reshape(batch, units, frames)
        patches = torch.bmm(matrix.expand(batch, -1, -1), columns).transpose(1, 2)
    x = patches.reshape(batch, 1, frames * count, channels)
    if missing := samples - frames * count:
        x = functional.pad(x, (0, 0, 0, missing))
    return x.permute(0, 3, 1, 2)


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


class ExactProduct(Function):
    """A product with a matrix in float64, whose gradient is computed in float32."""

    @staticmethod
    def forward(ctx: Any, matrix: Tensor, x: Tensor) -> Tensor:
        """Return matrix @ x, both float64; the matrix is a constant."""
        ctx.matrix = matrix
        return matrix @ x

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor]:
        """Return the gradient with respect to x, float64 again."""
        gradient = ctx.matrix.t().to(torch.float32) @ gradients[0].to(torch.float32)
        return None, gradient.to(torch.float64)


class Square(Function):
    """x squared."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return x * x."""
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Return 2 g x; g is doubled first, for it may be one number for many."""
        (x,) = ctx.saved_tensors
        return (gradients[0] * 2) * x  # type: ignore[no-any-return]


class MaxPool(Function):
    """Max-pooling over windows that touch but do not overlap."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: list[int]) -> Tensor:
        """Pool [batch, channels, height, width]; what fills no window is dropped."""
        largest = functional.max_pool2d(x, kernel)
        ctx.save_for_backward(channels_last(x), channels_last(largest))
        ctx.kernel = kernel
        return largest

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Give the gradient to the first of the samples that are the largest, as torch does."""
        x, largest = (saved.permute(0, 2, 3, 1) for saved in ctx.saved_tensors)
        high, wide = ctx.kernel
        batch, rows, columns, channels = largest.shape
        whole = x[:, : rows * high, : columns * wide]
        lines = whole.reshape(batch, rows, high * columns, wide * channels)
        left = gradients[0].permute(0, 2, 3, 1)
        given: list[Tensor] = []
        for row, column in product(range(high), range(wide)):
            if (row, column) == (high - 1, wide - 1):
                given.append(left)  # whatever no other sample has taken
                break
            line = lines.narrow(2, row * columns, columns)
            cell = line.narrow(3, column * channels, channels)
            given.append(left * (cell == largest).to(left.dtype))
            left = left - given[-1]
        spread = torch.cat(
            [torch.cat(given[n : n + wide], 3) for n in range(0, len(given), wide)], 2
        )
        spread = spread.reshape(batch, rows * high, columns * wide, channels)
        missing = (x.shape[1] - rows * high, x.shape[2] - columns * wide)
        if any(missing):
            spread = functional.pad(spread, (0, 0, 0, missing[1], 0, missing[0]))
        return spread.permute(0, 3, 1, 2), None
