"""Captures a torch listener as functions of plain tensors: activations, and gradients."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn import functional

from ...engine.errors import ModelError
from ...models.networks.listener import Listener
from .forward_pass import FoldedNorms, ForwardPass, operator_of

Tensors = tuple[Tensor, ...]
_CUT_OFF = {"relu", "relu6", "hardtanh", "hardswish"}
"""Activations whose gradient is zero for part of their input."""


class CapturedListener:
    """A listener's forward pass as a graph, with our own backward passes.

    Attributes:
        batch: that it was captured for.
        window: samples of a waveform.
        shapes: layer -> shape of its map, in network order.
    """

    def __init__(self, listener: Listener, batch: int, represented: bool = False) -> None:
        """Capture `listener` for one size of batch.

        Args:
            listener: to capture.
            batch: how many waveforms.
            represented: whether to begin behind the front end. The methods then take what
                `Listener.represent` returns in the place of waveforms.

        Raises:
            ModelError: where torch cannot capture it.
        """
        self.batch = batch
        self.window = listener.window
        self._listener = listener
        waveform = torch.zeros(batch, listener.window)
        if represented:
            with torch.no_grad():
                waveform = listener.eval().represent(waveform).contiguous()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                begin = _InEval(listener, represented)
                program = torch.export.export(begin, (waveform,), strict=False)
                self._graph = program.run_decompositions({}).module()
        except Exception as error:
            why = str(error).strip().splitlines()[0]
            raise ModelError(f"The network cannot be captured: {why}") from error
        self._folded = FoldedNorms(self._graph)
        self.shapes = {name: tuple(map_.shape) for name, map_ in self.maps(waveform).items()}

    def maps(self, waveform: Tensor, backward: bool = False) -> dict[str, Tensor]:
        """Return each layer's map, as the listener does.

        Args:
            waveform: [batch, window].
            backward: whether a gradient will be asked for.
        """
        return ForwardPass(self._graph, self._folded, backward).run(waveform)  # type: ignore[no-any-return]

    def linear_maps(self, waveform: Tensor) -> dict[str, Tensor]:
        """Return each layer's map, without ReLUs and with means instead of maxima.

        Values that describe a whole waveform, such as its level, count as constants.
        """
        return _LinearPass(self._graph, self.batch).run(waveform)  # type: ignore[no-any-return]

    def hear(self, waveform: Tensor) -> Tensors:
        """Return each layer's activations, [batch, units, frames]; the last are the scores."""
        *maps, (_, output) = self.maps(waveform).items()
        over_time = [map_.mean(2) if map_.ndim == 4 else map_ for _, map_ in maps]
        return (*over_time, self._listener.scores(output))

    def dream(self, waveform: Tensor, *directions: Tensor) -> Tensors:
        """Return the objective [batch], its gradient [batch, window], and mean activations.

        Args:
            waveform: [batch, window].
            directions: [batch, units] for each layer, in order.
        """
        waveform = waveform.detach().requires_grad_(True)
        maps = self.maps(waveform, backward=True)
        planes = [map_ if map_.ndim == 4 else map_.unsqueeze(2) for map_ in maps.values()]
        units = [plane.shape[1] for plane in planes]
        weights = torch.cat(directions, 1)
        shares = weights * _shares(planes)
        each = torch.split(shares.reshape(self.batch, -1, 1, 1), units, 1)
        spread = [share.expand(plane.shape) for share, plane in zip(each, planes, strict=True)]
        (gradient,) = torch.autograd.grad(planes, waveform, spread)
        *hidden, output = [plane.mean((2, 3), keepdim=True) for plane in planes]
        # Only the classes may not fill whole blocks of channels, so they are joined separately.
        joined = [torch.cat(hidden, 1), output] if hidden else [output]
        means = torch.cat(joined, 1).flatten(1)
        objective = (weights * means).sum(1)
        activations = torch.split(means, units, 1)[:-1]
        scores = self._listener.scores(maps[next(reversed(maps))])
        return objective, gradient, *activations, scores.mean(tuple(range(2, scores.ndim)))

    def deconvolve(self, represented: Tensor, *kept: Tensor) -> Tensors:
        """Return what the kept feature maps bring back to the network's representation.

        Args:
            represented: what `Listener.represent` returned.
            kept: [batch, units] for each layer, in order: the weight of each map, mostly 0.
        """
        represented = represented.detach().requires_grad_(True)
        maps = self.maps(represented, backward=True)
        *_, last = maps
        signals = [
            (self._listener.scores(map_) if name == last else map_).detach()
            * weight.reshape(*weight.shape, *[1] * (map_.ndim - 2))
            for (name, map_), weight in zip(maps.items(), kept, strict=True)
        ]
        return torch.autograd.grad(list(maps.values()), represented, signals)


def _shares(planes: Sequence[Tensor]) -> Tensor:
    """Return the share of one element in its unit's mean, for the units of all maps in order."""
    numbers = [plane.shape[2] * plane.shape[3] for plane in planes]
    units = [plane.shape[1] for plane in planes]
    return torch.cat([torch.full((n,), 1.0 / k) for n, k in zip(units, numbers, strict=True)])


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
    """The listener in evaluation mode, without gradients of its weights."""

    def __init__(self, listener: Listener, represented: bool) -> None:
        super().__init__()
        self.listener = listener.eval().requires_grad_(False)
        self.represented = represented

    def forward(self, waveform: Tensor) -> Mapping[str, Tensor]:
        hear = self.listener.activate if self.represented else self.listener
        return hear(waveform)


class _LinearPass(fx.Interpreter):
    """Runs a captured forward pass so that no activation hides a dependency."""

    def __init__(self, graph: fx.GraphModule, batch: int) -> None:
        super().__init__(graph)
        self._batch = batch

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        return None if "guards" in str(target) else super().call_module(target, args, kwargs)

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        name = operator_of(target)
        if name in _CUT_OFF:
            return args[0].clone()
        if name in ("max_pool1d", "max_pool2d"):
            pool = functional.avg_pool1d if name == "max_pool1d" else functional.avg_pool2d
            return pool(*args[:4])
        if name == "amax":
            return args[0].mean(*args[1:], **kwargs)
        result = super().call_function(target, args, kwargs)
        # One value for a whole waveform is a level, and has no place in time.
        is_level = isinstance(result, Tensor) and result.numel() == self._batch
        return result.detach() if is_level else result
