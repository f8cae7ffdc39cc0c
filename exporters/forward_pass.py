"""Runs a captured forward pass with our own operations in the place of some of torch's."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx
from torch.nn import functional
from torch.utils._pytree import tree_map

from .backward_passes import (
    Convolution,
    MaxPool,
)
from .relu_rules import RuledReLU


def operator_of(target: Any) -> str:
    """Return the name of an ATen operator without its overload, e.g. "conv1d"."""
    return str(target).removeprefix("aten.").split(".")[0]


_CONVOLUTIONS = ("conv1d", "conv2d")
_POOLS = ("max_pool1d", "max_pool2d")
_ITEM = operator_of(operator.getitem)
_NORM = "_native_batch_norm_legit_no_training"


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
class _Flat:
    """A map [batch, channels, time], kept as [batch, channels, 1, time]."""

    map: Tensor


class ForwardPass(fx.Interpreter):
    """Runs the graph: traced, it gives a backward pass that ONNX Runtime runs fast.

    Convolutions and poolings are 2-D throughout: for 1-D ones ONNX Runtime is slower.
    """

    def __init__(self, graph: fx.GraphModule, folded: FoldedNorms, backward: bool) -> None:
        """Run `graph`.

        Args:
            graph: of a captured listener.
            folded: its batch normalisations that become part of convolutions.
            backward: whether a backward pass will follow; without one there is less to prepare.
        """
        super().__init__(graph)
        self._folded = folded
        self._backward = backward

    def run_node(self, n: fx.Node) -> Any:
        """Run one node, ours where there is one."""
        name = operator_of(n.target) if n.op == "call_function" else ""
        if n.op == "call_module" and "guards" in str(n.target):
            return None  # torch's checks of the input's shape
        if name not in (*_CONVOLUTIONS, *_POOLS, _NORM, "relu", "dropout", _ITEM):
            return super().run_node(n)
        # Ours take flat maps as they are.
        args, kwargs = super().fetch_args_kwargs_from_env(n)
        x, *rest = args
        if name == _NORM:
            return (x if n in self._folded.norms else _mapped(_normalise, x, *rest), None, None)
        if name in (_ITEM, "dropout"):
            return x[rest[0]] if name == _ITEM else x
        if name == "relu":
            return _mapped(self._relu, x, n)
        if x_is_flat := n.meta["val"].ndim == 3:
            x = _high(x)
        ours = self._convolve if name in _CONVOLUTIONS else self._pool
        y = ours(n, x, *rest, **kwargs)
        return _Flat(y) if x_is_flat else y

    def fetch_args_kwargs_from_env(self, n: fx.Node) -> Any:
        """Give torch's own operators flat maps as they expect them."""

        def flat(value: Any) -> Any:
            return value.map.squeeze(2) if isinstance(value, _Flat) else value

        return tree_map(flat, super().fetch_args_kwargs_from_env(n))

    def _relu(self, x: Tensor, node: fx.Node) -> Any:
        if not self._backward:
            return torch.relu(x)
        return RuledReLU.apply(x, _comes_from_pool(node))  # type: ignore[no-untyped-call]

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
        if norm := self._folded.norm_of.get(node):
            settings = self.map_nodes_to_values(norm.args[1:], norm)
            scale, shift = _scale_and_shift(*settings)  # type: ignore[misc]
            weight = weight * scale.reshape(-1, *[1] * (weight.ndim - 1))
            bias = shift if bias is None else bias * scale + shift
        flat = weight.ndim == 3
        weight = weight.unsqueeze(2) if flat else weight
        strides = _per_axis(stride, 1, flat)
        pads = _per_axis(padding, 0, flat)
        dilations = _per_axis(dilation, 1, flat)
        last = _comes_from_pool(node)
        return Convolution.apply(x, weight, bias, strides, pads, dilations, groups, last)  # type: ignore[no-untyped-call]

    def _pool(
        self,
        node: fx.Node,
        x: Tensor,
        kernel_size: Any,
        stride: Any = (),
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Any:
        flat = node.meta["val"].ndim == 3
        kernel = _per_axis(kernel_size, 1, flat)
        strides = _per_axis(stride or kernel_size, 1, flat)
        pads = _per_axis(padding, 0, flat)
        dilations = _per_axis(dilation, 1, flat)
        touching = strides == kernel and pads == [0, 0] and dilations == [1, 1] and not ceil_mode
        if self._backward and touching:
            return MaxPool.apply(x, kernel)  # type: ignore[no-untyped-call]
        return functional.max_pool2d(x, kernel, strides, pads, dilations, ceil_mode)


def _comes_from_pool(node: fx.Node) -> bool:
    """Say whether a node takes what a pooling gave, but for operations sample by sample."""
    (source, *_) = node.all_input_nodes
    name = operator_of(source.target) if source.op == "call_function" else ""
    if name in (_NORM, _ITEM, "relu", "dropout"):
        return _comes_from_pool(source)
    return name in _POOLS


def _mapped(function: Callable[..., Any], x: Any, *rest: Any) -> Any:
    return _Flat(function(x.map, *rest)) if isinstance(x, _Flat) else function(x, *rest)


def _high(x: Any) -> Tensor:
    return x.map if isinstance(x, _Flat) else x.unsqueeze(2)


def _normalise(x: Tensor, *settings: Any) -> Tensor:
    scale, shift = _scale_and_shift(*settings)
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


def _per_axis(value: Any, across: int, one_dimensional: bool) -> list[int]:
    """Return a setting for height and width; `across` is that of a height that is not there."""
    sizes = [value] if isinstance(value, int) else list(value)
    if one_dimensional:
        return [across, *sizes]
    return sizes * 2 if len(sizes) == 1 else sizes
