"""Runs a captured forward pass, with our own operations instead of some of torch's."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx
from torch.nn import functional
from torch.utils._pytree import tree_map

from ...engine.errors import ModelError
from ..graph.relu_rules import RuledReLU
from .backward_passes import Convolution, ExactProduct, MaxPool, Square
from .recurrent import gru
from .smooth_activations import SIMPLER


def operator_of(target: Any) -> str:
    """Return the name of an ATen operator without its overload, e.g. "conv1d"."""
    return str(target).removeprefix("aten.").split(".")[0]


_CONVOLUTIONS = ("conv1d", "conv2d")
_POOLS = ("max_pool1d", "max_pool2d")
_ITEM = operator_of(operator.getitem)
_NORM = "_native_batch_norm_legit_no_training"


class FoldedNorms:
    """The batch normalisations of a graph that are folded into the convolution before them.

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


@dataclass(frozen=True)
class _Padded:
    """A tensor or flat map with zeros around it, which a convolution adds by itself.

    Attributes:
        inner: without them.
        pad: how many, as torch's `pad` wants it.
    """

    inner: Any
    pad: list[int]


class ForwardPass(fx.Interpreter):
    """Runs the graph such that its traced backward pass is fast in ONNX Runtime.

    Convolutions and poolings are 2-D throughout: for 1-D ones ONNX Runtime is slower.
    """

    def __init__(self, graph: fx.GraphModule, folded: FoldedNorms, backward: bool) -> None:
        """Run `graph`.

        Args:
            graph: of a captured listener.
            folded: its batch normalisations that are folded into convolutions.
            backward: whether a backward pass will follow; without one, less is prepared.
        """
        super().__init__(graph)
        self._folded = folded
        self._backward = backward
        # Each takes the node and its arguments, with flat maps as they are.
        self._ours: dict[str, Callable[..., Any]] = {
            "conv1d": self._convolve,
            "conv2d": self._convolve,
            "pad": self._pad,
            "constant_pad_nd": self._pad,
            "max_pool1d": self._pool,
            "max_pool2d": self._pool,
            _NORM: self._normalise,
            _ITEM: lambda _, parts, number: parts[number],
            "dropout": lambda _, x, *__: x,
            "_assert_tensor_metadata": lambda *_, **__: None,
            "relu": self._relu,
            "gru": _gru,
            "lstm": _refuse,
            "rnn_tanh": _refuse,
            "rnn_relu": _refuse,
            "matmul": self._product,
            "mul": self._multiply,
            "div": _divide,
        }

    def run_node(self, n: fx.Node) -> Any:
        """Run one node, by our own operation where there is one."""
        name = operator_of(n.target) if n.op == "call_function" else ""
        if n.op == "call_module" and "guards" in str(n.target):
            return None  # torch's checks of the input's shape
        if name in SIMPLER:
            args, kwargs = self.fetch_args_kwargs_from_env(n)
            return SIMPLER[name](*args, **kwargs)
        if name not in self._ours:
            return super().run_node(n)
        args, kwargs = super().fetch_args_kwargs_from_env(n)
        return self._ours[name](n, *args, **kwargs)

    def fetch_args_kwargs_from_env(self, n: fx.Node) -> Any:
        """Give torch's own operators flat maps as they expect them."""
        return tree_map(_plain, super().fetch_args_kwargs_from_env(n))

    def _normalise(self, node: fx.Node, x: Any, *settings: Any) -> Any:
        folded = node in self._folded.norms
        return (x if folded else _mapped(lambda map_: _normalise(map_, *settings), x), None, None)

    def _relu(self, node: fx.Node, x: Any) -> Any:
        if self._backward:
            pooled = _comes_from_pool(node)
            return _mapped(lambda map_: RuledReLU.apply(map_, pooled), x)  # type: ignore[no-untyped-call]
        return _mapped(torch.relu, x)

    def _multiply(self, _: fx.Node, a: Any, b: Any) -> Any:
        if a is b and self._backward:
            return _mapped(Square.apply, a)
        return torch.mul(_plain(a), _plain(b))

    def _product(self, _: fx.Node, a: Any, b: Any) -> Any:
        a, b = _plain(a), _plain(b)
        if a.dtype == torch.float64 and a.ndim == 2 and self._backward:
            return ExactProduct.apply(a, b)  # type: ignore[no-untyped-call]
        return a @ b

    def _convolve(
        self,
        node: fx.Node,
        x: Any,
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
        around = [0, 0, 0, 0]
        if isinstance(x, _Padded):
            left, right, above, below = [*x.pad, 0, 0][:4]
            x, around = x.inner, [above, left, below, right]
        x, weight = (_high(x), weight.unsqueeze(2)) if flat else (x, weight)
        strides = _per_axis(stride, 1, flat)
        dilations = _per_axis(dilation, 1, flat)
        if isinstance(padding, str):
            own = _padding(padding, list(weight.shape[2:]), dilations)
        else:
            own = _per_axis(padding, 0, flat) * 2
        pads = [a + b for a, b in zip(own, around, strict=True)]
        last = _comes_from_pool(node)
        y = Convolution.apply(x, weight, bias, strides, pads, dilations, groups, last)  # type: ignore[no-untyped-call]
        return _Flat(y) if flat else y

    def _pad(
        self,
        node: fx.Node,
        x: Any,
        pad: list[int],
        mode: Any = "constant",
        value: float | None = None,
    ) -> Any:
        number = value if isinstance(mode, str) else mode
        mode = mode if isinstance(mode, str) else "constant"
        taken = all(_convolves(user, node) for user in node.users)
        if taken and mode == "constant" and not number and len(pad) <= 4 and min(pad) >= 0:
            return _Padded(x, list(pad))
        return functional.pad(_plain(x), pad, mode, number)

    def _pool(
        self,
        node: fx.Node,
        x: Any,
        kernel_size: Any,
        stride: Any = (),
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Any:
        flat = operator_of(node.target) == "max_pool1d"
        x = _high(x) if flat else x
        kernel = _per_axis(kernel_size, 1, flat)
        strides = _per_axis(stride or kernel_size, 1, flat)
        pads = _per_axis(padding, 0, flat)
        dilations = _per_axis(dilation, 1, flat)
        touching = strides == kernel and pads == [0, 0] and dilations == [1, 1] and not ceil_mode
        if self._backward and touching:
            y = MaxPool.apply(x, kernel)  # type: ignore[no-untyped-call]
        else:
            y = functional.max_pool2d(x, kernel, strides, pads, dilations, ceil_mode)
        return _Flat(y) if flat else y


def _divide(_: fx.Node, x: Any, by: Any, **settings: Any) -> Any:
    x, by = _plain(x), _plain(by)
    if isinstance(x, Tensor) and isinstance(by, Tensor) and by.numel() < x.numel() and not settings:
        return x * by.reciprocal()  # one pass forwards, two backwards
    return torch.div(x, by, **settings)


def _refuse(node: fx.Node, *_: Any) -> Any:
    # Traced, it would become an operator without a known name.
    name = operator_of(node.target)
    raise ModelError(f"The network uses aten.{name}, which Innerear cannot export.")


def _gru(_: fx.Node, x: Any, *settings: Any) -> tuple[Tensor, Tensor]:
    return gru(_plain(x), *settings)


def _plain(x: Any) -> Any:
    """Return a map as torch's operators expect it."""
    if isinstance(x, _Padded):
        return functional.pad(_plain(x.inner), x.pad)
    return x.map.squeeze(2) if isinstance(x, _Flat) else x


def _padding(words: str, kernel: list[int], dilation: list[int]) -> list[int]:
    """Return the zeros above, to the left, below and to the right that "same" stands for."""
    total = [d * (k - 1) if words == "same" else 0 for d, k in zip(dilation, kernel, strict=True)]
    before = [each // 2 for each in total]
    return before + [each - half for each, half in zip(total, before, strict=True)]


def _convolves(user: fx.Node, node: fx.Node) -> bool:
    """Whether a node is a convolution of another node's result."""
    name = operator_of(user.target) if user.op == "call_function" else ""
    return name in _CONVOLUTIONS and user.args[0] is node


def _comes_from_pool(node: fx.Node) -> bool:
    """Whether a node takes a pooling's result, through elementwise operations at most."""
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
