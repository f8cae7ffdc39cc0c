"""Activation functions and poolings in simpler operations, whose backward passes are exported."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def _elu(x: Tensor, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Tensor:
    below = alpha * (torch.exp(input_scale * x.clamp(max=0.0)) - 1.0)
    return scale * (x.clamp(min=0.0) + below)


def _celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return _elu(x, alpha, 1.0, 1.0 / alpha)


def _selu(x: Tensor) -> Tensor:
    return _elu(x, 1.6732632423543772, 1.0507009873554805)  # Klambauer et al., 2017


def _gelu(x: Tensor, approximate: str = "none") -> Tensor:
    if approximate == "tanh":
        inner = math.sqrt(2.0 / math.pi) * (x + 0.044715 * x * x * x)
        return 0.5 * x * (1.0 + torch.tanh(inner))
    return 0.5 * x * (1.0 + torch.erf(x * math.sqrt(0.5)))


def _silu(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x)


def _leaky_relu(x: Tensor, slope: float = 0.01) -> Tensor:
    return x.clamp(min=0.0) + slope * x.clamp(max=0.0)


def _prelu(x: Tensor, weight: Tensor) -> Tensor:
    slope = weight.reshape(1, -1, *[1] * (x.ndim - 2)) if weight.ndim == 1 else weight
    return x.clamp(min=0.0) + slope * x.clamp(max=0.0)


def _softplus(x: Tensor, beta: float = 1.0, _threshold: float = 20.0) -> Tensor:
    y = beta * x
    return (y.clamp(min=0.0) + torch.log1p(torch.exp(-y.abs()))) / beta


def _mish(x: Tensor) -> Tensor:
    return x * torch.tanh(_softplus(x))


def _hardswish(x: Tensor) -> Tensor:
    return x * (x + 3.0).clamp(min=0.0).clamp(max=6.0) * (1.0 / 6.0)


def _avg_pool1d(
    x: Tensor, kernel: Any, stride: Any = (), padding: Any = 0, *settings: Any
) -> Tensor:
    (size,) = [kernel] if isinstance(kernel, int) else kernel
    if stride not in ((), [], size, [size]) or padding not in (0, [0]) or any(settings[:1]):
        return torch.nn.functional.avg_pool1d(x, kernel, stride, padding, *settings)
    count = x.shape[2] // size
    windows = x[:, :, : count * size].reshape(x.shape[0], x.shape[1], count, size)
    return windows.mean(3)


SIMPLER: dict[str, Callable[..., Tensor]] = {
    "avg_pool1d": _avg_pool1d,
    "celu": _celu,
    "elu": _elu,
    "gelu": _gelu,
    "hardswish": _hardswish,
    "leaky_relu": _leaky_relu,
    "mish": _mish,
    "prelu": _prelu,
    "selu": _selu,
    "silu": _silu,
    "softplus": _softplus,
    "_prelu_kernel": _prelu,
}
"""ATen's name -> the same function, given the operator's arguments."""
