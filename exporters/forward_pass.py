"""Runs a captured forward pass with our own operations in the place of some of torch's."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx

from .backward_passes import (
    Convolution,
    PhaseConvolution,
    first_maximum,
    max_pool,
    patch_convolution,
)
from .relu_rules import RuledReLU

_CONVOLUTIONS = ("conv1d", "conv2d")
_POOLS = ("max_pool1d", "max_pool2d")
_NORM = "_native_batch_norm_legit_no_training"


def operator_of(target: Any) -> str:
    """Return the name of an ATen operator without its overload, e.g. "conv1d"."""
    return str(target).removeprefix("aten.").split(".")[0]


class FoldedNorms:
    """Which batch normalisations of a graph belong to the convolution before them.

    Attributes:
        norm_of: convolution -> normalisation.
        norms: all of these normalisations.
    """

    def __init__(self, graph: fx.GraphModule) -> None:
        """Look through a captured forward pass."""
        self.norm_of: dict[fx.Node, fx.Node] = {}
        for node in graph.graph.nodes:
            if node.op == "call_function" and operator_of(node.target) in _CONVOLUTIONS:
                (follower, *others) = node.users
                if not others and operator_of(follower.target) == _NORM:
                    self.norm_of[node] = follower
        self.norms = set(self.norm_of.values())


@dataclass(frozen=True)
class _Phases:
    """A 1-D map on its way to a pooling: its samples dealt out to as many tensors as are pooled.

    Attributes:
        values: [batch, frames, units] each.
        bias: [units], not yet added: it may be added after the pooling, to fewer numbers.
    """

    values: tuple[Tensor, ...]
    bias: Tensor | None

    def with_bias(self) -> "_Phases":
        if self.bias is None:
            return self
        return _Phases(tuple(value + self.bias for value in self.values), None)


class ForwardPass(fx.Interpreter):
    """Runs the graph: traced, it gives a backward pass that ONNX Runtime runs fast."""

    def __init__(self, graph: fx.GraphModule, folded: FoldedNorms) -> None:
        """Run `graph`, whose batch normalisations are `folded` into convolutions."""
        super().__init__(graph)
        self._folded = folded

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        """Leave out torch's checks of the input's shape."""
        return None if "guards" in str(target) else super().call_module(target, args, kwargs)

    def run_node(self, n: fx.Node) -> Any:
        """Run one node, ours where there is one."""
        name = operator_of(n.target) if n.op == "call_function" else ""
        if name in _CONVOLUTIONS:
            args, kwargs = self.fetch_args_kwargs_from_env(n)
            return self._convolve(n, *args, **kwargs)
        if name in _POOLS:
            return self._pool(n)
        if name in (_NORM, "relu", "dropout"):
            args, _ = self.fetch_args_kwargs_from_env(n)
            ours = {_NORM: self._normalise, "relu": _relu, "dropout": lambda _, x, *__: x}
            return ours[name](n, *args)
        return super().run_node(n)

    def _pool(self, node: fx.Node) -> Any:
        args, kwargs = self.fetch_args_kwargs_from_env(node)
        pooling = _Pooling(node, args, kwargs)
        if isinstance(args[0], _Phases):
            return _pool_phases(args[0])
        return max_pool(args[0], pooling.kernel) if pooling.simple else super().run_node(node)

    def _normalise(self, node: fx.Node, x: Any, *settings: Any) -> Any:
        return (x if node in self._folded.norms else _normalise(x, *settings), None, None)

    def _convolve(
        self,
        node: fx.Node,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        rank = weight.ndim - 2
        strides, pads, dilations = (_per_axis(each, rank) for each in (stride, padding, dilation))
        if norm := self._folded.norm_of.get(node):
            settings = self.map_nodes_to_values(norm.args[1:], norm)
            scale, shift = _scale_and_shift(*settings)  # type: ignore[misc]
            weight = weight * scale.reshape(-1, *[1] * (rank + 1))
            bias = shift if bias is None else bias * scale + shift
        if rank == 1 and groups == 1 and dilations == [1]:
            taps = weight.shape[2]
            if strides == [taps] and pads == [0]:
                y = patch_convolution(x.transpose(1, 2), weight)
                return (y if bias is None else y + bias).transpose(1, 2)
            frames = _frames_pooled_later(node, taps)
            if frames and strides == [1] and pads[0] < taps:
                turned = x.transpose(1, 2)
                values = PhaseConvolution.apply(turned, weight, pads[0], frames)  # type: ignore[no-untyped-call]
                return _Phases(values, bias)
        return Convolution.apply(x, weight, bias, strides, pads, dilations, groups)  # type: ignore[no-untyped-call]


class _Pooling:
    """The settings of a max-pooling.

    Attributes:
        kernel: samples pooled, per axis.
        simple: whether windows touch but do not overlap, with nothing around them.
    """

    def __init__(self, node: fx.Node, args: Any, kwargs: Any) -> None:
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        given = dict(zip(names, args[1:], strict=False)) | dict(kwargs)
        rank = 1 if operator_of(node.target) == "max_pool1d" else 2
        self.kernel = _per_axis(given["kernel_size"], rank)
        self.simple = (
            _per_axis(given.get("stride") or self.kernel, rank) == self.kernel
            and set(_per_axis(given.get("padding", 0), rank)) == {0}
            and set(_per_axis(given.get("dilation", 1), rank)) == {1}
            and not given.get("ceil_mode", False)
        )


def _frames_pooled_later(node: fx.Node, taps: int) -> int:
    """Return the frames left where nothing but a max-pooling by `taps` sees a convolution, or 0."""
    while len(node.users) == 1:
        (node,) = node.users
        name = operator_of(node.target)
        if name in ("max_pool1d",):
            pooling = _Pooling(node, node.args, node.kwargs)
            frames = int(node.meta["val"].shape[2])
            return frames if pooling.simple and pooling.kernel == [taps] else 0
        if name not in (_NORM, "relu", "dropout") and "getitem" not in str(node.target):
            return 0
    return 0


def _relu(node: fx.Node, x: Any) -> Any:
    if isinstance(x, _Phases):
        return _Phases(tuple(_relu(node, value) for value in x.with_bias().values), None)
    return RuledReLU.apply(x)  # type: ignore[no-untyped-call]


def _pool_phases(x: _Phases) -> Tensor:
    pooled = first_maximum(list(x.values))
    return (pooled if x.bias is None else pooled + x.bias).transpose(1, 2)


def _normalise(x: Any, *settings: Any) -> Any:
    scale, shift = _scale_and_shift(*settings)
    if isinstance(x, _Phases):
        return _Phases(tuple(value * scale + shift for value in x.with_bias().values), None)
    shape = [-1] + [1] * (x.ndim - 2)
    return x * scale.reshape(shape) + shift.reshape(shape)


def _scale_and_shift(
    weight: Tensor | None, bias: Tensor | None, mean: Tensor, var: Tensor, _: float, eps: float
) -> tuple[Tensor, Tensor]:
    scale = 1.0 / torch.sqrt(var + eps)
    if weight is not None:
        scale = scale * weight
    shift = -mean * scale
    return scale, shift if bias is None else shift + bias


def _per_axis(value: Any, rank: int) -> list[int]:
    sizes = [value] if isinstance(value, int) else list(value)
    return sizes * rank if len(sizes) == 1 else sizes
