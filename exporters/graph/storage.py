"""An operator that does nothing in torch, but tells the exporter to store channels last."""

import torch
from torch import Tensor

from .operators import handles
from .translator import Translator
from .values import Shape, Value

_NAME = "innerear::channels_last"


@torch.library.custom_op(_NAME, mutates_args=())
def _channels_last(x: Tensor) -> Tensor:
    return x.clone()


def channels_last(x: Tensor) -> Tensor:
    """Return x, [batch, channels, ...], stored as [batch, ..., channels] once it is exported.

    ONNX Runtime convolves in blocks of channels, and writes channels last from there in the same
    pass. What is pooled then lies in long runs.
    """
    return torch.ops.innerear.channels_last(x)  # type: ignore[no-any-return]


@handles(_NAME)
def _store(t: Translator, shape: Shape, x: Value) -> Value:
    rank = len(shape)
    to_last = (0, *range(2, rank), 1)
    back = (0, rank - 1, *range(1, rank - 1))
    if x.view == "permuted" and x.order == back:
        return x
    stored = t.solid(
        x.permuted(to_last) if x.view in ("", "permuted") else t.solid(x).permuted(to_last)
    )
    return stored.permuted(back)
