"""Captures a torch listener as functions of plain tensors: one that hears, one that dreams."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn import functional

from ..engine.errors import ModelError
from ..models.listener import Listener
from .backward_rules import Convolution, RuledReLU, max_pool, rule_switch

Tensors = tuple[Tensor, ...]


class CapturedListener:
    """A listener's forward pass as a graph, run with backward passes of our own."""

    def __init__(self, listener: Listener, batch: int) -> None:
        """Capture `listener` for one size of batch.

        Raises:
            ModelError: where torch cannot capture it.
        """
        self.batch = batch
        self.window = listener.window
        self._listener = listener
        waveform = torch.zeros(batch, listener.window)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                program = torch.export.export(_InEval(listener), (waveform,), strict=False)
                self._graph = program.run_decompositions({}).module()
        except Exception as error:
            why = str(error).strip().splitlines()[0]
            raise ModelError(f"The network cannot be captured: {why}") from error
        self.shapes = {name: tuple(map_.shape) for name, map_ in self.maps(waveform).items()}

    def maps(self, waveform: Tensor, switch: Tensors | None = None) -> dict[str, Tensor]:
        """Return each layer's map, as the listener does.

        Args:
            waveform: [batch, window].
            switch: the rule that ReLUs obey backwards (see `rule_switch`).
        """
        return _Runner(self._graph, switch).run(waveform)  # type: ignore[no-any-return]

    def linear_maps(self, waveform: Tensor) -> dict[str, Tensor]:
        """Return each layer's map, with ReLUs left out and means in the place of maxima."""
        return _LinearRunner(self._graph).run(waveform)  # type: ignore[no-any-return]

    def hear(self, waveform: Tensor) -> Tensors:
        """Return [batch, units, frames] per layer, in order; the last holds the scores."""
        *maps, (_, output) = self.maps(waveform).items()
        over_time = [map_.mean(2) if map_.ndim == 4 else map_ for _, map_ in maps]
        return (*over_time, self._listener.scores(output))

    def dream(self, waveform: Tensor, rule: Tensor, *directions: Tensor) -> Tensors:
        """Return the objective [batch], its gradient [batch, window], and mean activations.

        Args:
            waveform: [batch, window].
            rule: scalar, 0 gradient, 1 deconv, 2 guided.
            directions: [batch, units] for each layer, in order.
        """
        waveform = waveform.detach().requires_grad_(True)
        maps = self.maps(waveform, rule_switch(rule))
        means = [map_.mean(tuple(range(2, map_.ndim))) for map_ in maps.values()]
        weighed = [
            (direction * mean).sum(1) for direction, mean in zip(directions, means, strict=True)
        ]
        objective = torch.stack(weighed).sum(0) if len(weighed) > 1 else weighed[0]
        (gradient,) = torch.autograd.grad(objective.sum(), waveform)
        scores = self._listener.scores(maps[next(reversed(maps))])
        return objective, gradient, *means[:-1], scores.mean(tuple(range(2, scores.ndim)))


def trace(function: Callable[..., Tensors], arguments: Sequence[Tensor]) -> fx.GraphModule:
    """Trace a function of tensors, with the backward pass inside it, to ATen operators."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # A bound method would seem to have one argument more than it takes.
        graph = make_fx(lambda *given: function(*given))(*arguments)  # noqa: PLW0108
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph


class _InEval(nn.Module):
    """The listener without its training behaviour and without gradients of its weights."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self.listener = listener.eval().requires_grad_(False)

    def forward(self, waveform: Tensor) -> Mapping[str, Tensor]:
        return self.listener(waveform)  # type: ignore[no-any-return]


class _Runner(fx.Interpreter):
    """Runs a captured forward pass, with our own operations in the place of some of torch's."""

    def __init__(self, graph: fx.GraphModule, switch: Tensors | None) -> None:
        super().__init__(graph)
        self._switch = switch if switch is not None else rule_switch(torch.tensor(0))

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        if "guards" in str(target):  # torch's checks of the input's shape
            return None
        return super().call_module(target, args, kwargs)

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        name = _operator(target)
        if name == "relu":
            return RuledReLU.apply(args[0], *self._switch)  # type: ignore[no-untyped-call]
        if name in ("conv1d", "conv2d"):
            return _convolve(*args, **kwargs)
        if name in ("max_pool1d", "max_pool2d"):
            return _pool(super(), target, args, kwargs)
        if name == "_native_batch_norm_legit_no_training":
            return (_normalise(*args), None, None)
        return super().call_function(target, args, kwargs)


class _LinearRunner(fx.Interpreter):
    """Runs a captured forward pass so that no activation hides what it depends on."""

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        return None if "guards" in str(target) else super().call_module(target, args, kwargs)

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        name = _operator(target)
        if name == "relu":
            return args[0].clone()
        if name in ("max_pool1d", "max_pool2d"):
            pool = functional.avg_pool1d if name == "max_pool1d" else functional.avg_pool2d
            return pool(*args[:4])
        return super().call_function(target, args, kwargs)


def _operator(target: Any) -> str:
    return str(target).removeprefix("aten.").split(".")[0]


def _convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    rank = weight.ndim - 2
    settings = [_per_axis(value, rank) for value in (stride, padding, dilation)]
    return Convolution.apply(x, weight, bias, *settings, groups)  # type: ignore[no-untyped-call]


def _pool(plain: Any, target: Any, args: Any, kwargs: Any) -> Any:
    names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    given = dict(zip(names, args[1:], strict=False)) | dict(kwargs)
    rank = args[0].ndim - 2
    kernel = _per_axis(given["kernel_size"], rank)
    simple = (
        _per_axis(given.get("stride") or kernel, rank) == kernel
        and not any(_per_axis(given.get("padding", 0), rank))
        and set(_per_axis(given.get("dilation", 1), rank)) == {1}
        and not given.get("ceil_mode", False)
    )
    return max_pool(args[0], kernel) if simple else plain.call_function(target, args, kwargs)


def _normalise(
    x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, var: Tensor, _: float, eps: float
) -> Tensor:
    scale = weight / torch.sqrt(var + eps)
    shape = [1, -1] + [1] * (x.ndim - 2)
    return x * scale.view(shape) + (bias - mean * scale).view(shape)


def _per_axis(value: Any, rank: int) -> list[int]:
    sizes = [value] if isinstance(value, int) else list(value)
    return sizes * rank if len(sizes) == 1 else sizes
