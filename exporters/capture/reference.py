"""Activations and gradients in plain torch: the reference for every exported graph."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from ...engine.packs.manifest import OUTPUT_LAYER
from ...engine.packs.onnx_runners import rule_number
from ...models.networks.listener import Listener

_RELUS = {
    torch.relu,
    torch.relu_,
    torch.Tensor.relu,
    torch.Tensor.relu_,
    functional.relu,
    functional.relu_,
}


def torch_hear(listener: Listener, waveform: Tensor) -> dict[str, Tensor]:
    """Return layer -> [batch, units, frames], with the class scores as `output`."""
    with torch.no_grad():
        maps = listener.eval()(waveform)
        heard = {name: map_.mean(2) if map_.ndim == 4 else map_ for name, map_ in maps.items()}
        heard["output"] = listener.scores(maps["output"])
    return heard


def torch_dream(
    listener: Listener, waveform: Tensor, directions: Mapping[str, Tensor], rule: str = "gradient"
) -> tuple[Tensor, Tensor]:
    """Return the objective [batch] and its gradient [batch, window]; see `torch_gradient`."""
    objective, gradient, _ = torch_gradient(listener, waveform, directions, rule)
    return objective, gradient


def torch_gradient(
    listener: Listener, waveform: Tensor, directions: Mapping[str, Tensor], rule: str = "gradient"
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Return an objective, its gradient and the activations, by torch's autograd.

    Args:
        listener: in eval mode.
        waveform: [batch, window].
        directions: layer -> [units] or [batch, units].
        rule: "gradient", "deconv" or "guided" (see `Pack.value_and_grad`).

    Returns:
        objective [batch], gradient [batch, window], and layer -> activation averaged over frames,
        [batch, units]; for `output` the mean score.
    """
    waveform = waveform.detach().requires_grad_(True)
    if rule == "gradient":
        maps = listener(waveform)
    else:
        with _RuledReLUs(rule):
            maps = listener(waveform)
    means = {name: map_.flatten(2).mean(2) for name, map_ in maps.items()}
    # Without a direction, this is the path back to the waveform.
    objective = 0.0 * waveform.sum(1)
    for name, direction in directions.items():
        objective = objective + (means[name] * direction).sum(1)
    (gradient,) = torch.autograd.grad(objective.sum(), waveform)
    with torch.no_grad():
        activations = {name: mean.detach() for name, mean in means.items()}
        scores = listener.scores(maps[OUTPUT_LAYER])
        activations[OUTPUT_LAYER] = scores.flatten(2).mean(2)
    return objective.detach(), gradient, activations


def torch_deconvolve(
    listener: Listener, waveform: Tensor, kept: Mapping[str, Tensor], rule: str = "deconv"
) -> Tensor:
    """Return what kept feature maps bring back to the network's representation of a sound.

    Args:
        listener: in eval mode.
        waveform: [batch, window].
        kept: layer -> [units] or [batch, units], the weight of each map.
        rule: as in `torch_dream`.

    Returns:
        like what `Listener.represent` gives.
    """
    with torch.no_grad():
        represented = listener.represent(waveform)
    represented = represented.detach().requires_grad_(True)
    with _RuledReLUs(rule):
        maps = listener.activate(represented)
    names = list(kept)
    signals = []
    for name in names:
        signal = listener.scores(maps[name]) if name == "output" else maps[name]
        weight = kept[name].expand(signal.shape[:2])
        signals.append(signal.detach() * weight.reshape(*weight.shape, *[1] * (signal.ndim - 2)))
    (result,) = torch.autograd.grad([maps[name] for name in names], represented, signals)
    return result


class _RuledReLUs(TorchFunctionMode):
    """A context in which every ReLU passes gradients by a rule."""

    def __init__(self, rule: str) -> None:
        super().__init__()
        rule_number(rule)
        self._rule = rule

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if func in _RELUS:
            return _ByTheBook.apply(args[0], self._rule)  # type: ignore[no-untyped-call]
        return func(*args, **(kwargs or {}))


class _ByTheBook(torch.autograd.Function):
    """The rules as in their papers, not optimised."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, rule: str) -> Tensor:
        ctx.save_for_backward(x)
        ctx.rule = rule
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        (g,) = gradients
        if ctx.rule == "gradient":
            return g * (x > 0), None
        if ctx.rule == "deconv":
            return g * (g > 0), None
        return g * (x > 0) * (g > 0), None
