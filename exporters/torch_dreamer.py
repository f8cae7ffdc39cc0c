"""The reference: any torch network's gradient by autograd, with ReLU's three backward rules."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..engine.arrays import Float
from ..engine.packs.gradient_source import Gradient
from ..engine.packs.manifest import OUTPUT_LAYER, LayerInfo
from ..engine.packs.onnx_runners import Rule

if TYPE_CHECKING:
    import torch


class TorchListener(Protocol):
    """What `TorchDreamer` needs of a torch module; `Listener` of `models/networks` has it."""

    sample_rate: int
    window: int
    classes: tuple[str, ...]

    def __call__(self, waveform: "torch.Tensor") -> "dict[str, torch.Tensor]":
        """Return layer -> activations [batch, units, ..., frames]; the last is `output`."""

    def scores(self, output: "torch.Tensor") -> "torch.Tensor":
        """Apply the last non-linearity."""

    def modules(self) -> "Iterator[torch.nn.Module]":
        """Iterate over the network's parts."""


class TorchDreamer:
    """Dreams with a torch module on the CPU, without any exported graph."""

    def __init__(self, listener: TorchListener, layers: Mapping[str, LayerInfo]) -> None:
        """Wrap a network in evaluation mode.

        Args:
            listener: the network; its parameters should not require gradients.
            layers: what it consists of, in network order.
        """
        self._listener = listener
        self.sample_rate = listener.sample_rate
        self.window = listener.window
        self.classes = listener.classes
        self.layers = layers

    def dream(
        self, waveform: Float, directions: Mapping[str, Float], rule: Rule = "gradient"
    ) -> Gradient:
        """Return the gradient; see `Dreamer.dream`."""
        import torch

        batch = torch.from_numpy(np.array(waveform, np.float32)[np.newaxis]).requires_grad_()
        with relu_rule(self._listener, rule):
            maps = self._listener(batch)
            means = {name: _mean_over_maps(map_) for name, map_ in maps.items()}
            objective = torch.zeros(1)
            for name, direction in directions.items():
                objective = objective + means[name] @ torch.from_numpy(direction)
            # Directions of zero leave no path back to the waveform's values, only to zeros.
            total = objective.sum() + 0.0 * batch.sum()
            (gradient,) = torch.autograd.grad(total, batch)
        with torch.no_grad():
            activations = {name: mean[0].numpy() for name, mean in means.items()}
            scores = self._listener.scores(maps[OUTPUT_LAYER])
            activations[OUTPUT_LAYER] = _mean_over_maps(scores)[0].numpy()
        return Gradient(float(objective.detach()), gradient[0].numpy(), activations)


@contextmanager
def relu_rule(listener: TorchListener, rule: Rule) -> Iterator[None]:
    """Pass gradients through every `nn.ReLU` of a network by a rule, for as long as it is open.

    gradient: g * (f > 0); deconv: g * (g > 0), Zeiler & Fergus, 2014; guided: both,
    Springenberg et al., 2015. The hooks come off whatever happens.

    Args:
        listener: the network.
        rule: which of the three.
    """
    import torch

    handles: list[Any] = []

    def deconv(_: Any, __: Any, gradient_output: Any) -> Any:
        return (gradient_output[0].clamp(min=0.0),)

    def guided(_: Any, gradient_input: Any, __: Any) -> Any:
        return (gradient_input[0].clamp(min=0.0),)

    hook = {"gradient": None, "deconv": deconv, "guided": guided}[rule]
    try:
        if hook is not None:
            for module in listener.modules():
                if isinstance(module, torch.nn.ReLU):
                    handles.append(module.register_full_backward_hook(hook))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _mean_over_maps(map_: "torch.Tensor") -> "torch.Tensor":
    return map_.flatten(2).mean(dim=2)
