"""An operator that does nothing in torch, and makes the exporter store channels last."""

import torch
from torch import Tensor

from .translator import Translator
from .values import Shape, Value

CHANNELS_LAST = "innerear::channels_last"
"""The operator's name in a traced graph."""


@torch.library.custom_op(CHANNELS_LAST, mutates_args=())
def _channels_last(x: Tensor) -> Tensor:
    return x.clone()


def channels_last(x: Tensor) -> Tensor:
    """Return x, [batch, channels, ...], stored as [batch, ..., channels] once it is exported.

    ONNX Runtime convolves in blocks of channels, and writes channels last in the same pass. The
    samples of a pooling's windows are then contiguous.
    """
    return torch.ops.innerear.channels_last(x)  # type: ignore[no-any-return]


def store_channels_last(t: Translator, shape: Shape, x: Value) -> Value:
    """Add the storage of a tensor with its channels last."""
    rank = len(shape)
    to_last = (0, *range(2, rank), 1)
    back = (0, rank - 1, *range(1, rank - 1))
    if x.view == "permuted" and x.order == back:
        return x
    stored = t.solid(
        x.permuted(to_last) if x.view in ("", "permuted") else t.solid(x).permuted(to_last)
    )
    return stored.permuted(back)
