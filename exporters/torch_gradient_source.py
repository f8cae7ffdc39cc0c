"""Gradients for a stream from a torch network, by autograd: for networks without a graph."""

from collections.abc import Mapping

import torch
from numpy.typing import ArrayLike

from ..engine.arrays import Float
from ..engine.drives import Rule
from ..engine.packs.manifest import LayerInfo
from ..engine.packs.network import Activations, Gradient
from ..engine.packs.onnx_runners import as_direction, as_waveform, check_layers, rule_number
from ..models.networks.listener import Listener
from .capture.reference import torch_gradient


class TorchGradientSource:
    """The gradient of a torch network on the CPU, without an exported graph.

    The reference that exported graphs are compared with computes it (`capture/reference.py`).
    """

    def __init__(self, listener: Listener, layers: Mapping[str, LayerInfo]) -> None:
        """Wrap a network in evaluation mode.

        Args:
            listener: the network; its parameters should not require gradients.
            layers: its layers, in network order.
        """
        self._listener = listener
        self.sample_rate = listener.sample_rate
        self.window = listener.window
        self.classes = listener.classes
        self.layers = layers

    def gradient(
        self, waveform: Float, directions: Mapping[str, Float], rule: Rule = "gradient"
    ) -> Gradient:
        """Return the gradient; see `GradientSource.gradient`."""
        objective, gradient, activations = self.value_grad_and_activations(
            waveform, directions, rule
        )
        means = {name: mean[0] for name, mean in activations.items()}
        return Gradient(float(objective[0]), gradient[0], means)

    def hear(self, waveform: Float) -> Activations:
        """Return the activations in a window; see `GradientSource.hear`."""
        return self.gradient(waveform, {}).activations

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return objectives and gradients of a batch; see `Pack.value_and_grad`."""
        objective, gradient, _ = self.value_grad_and_activations(waveform, directions, rule)
        return objective, gradient

    def value_grad_and_activations(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float, Activations]:
        """Return them with activations; see `Pack.value_grad_and_activations`."""
        array = as_waveform(waveform, self.window)
        check_layers(directions, self.layers)
        rule_number(rule)
        in_torch = {
            name: torch.tensor(as_direction(direction, self.layers[name], len(array)))
            for name, direction in directions.items()
        }
        objective, gradient, activations = torch_gradient(
            self._listener, torch.tensor(array), in_torch, rule
        )
        means = {name: mean.numpy() for name, mean in activations.items()}
        return objective.numpy(), gradient.numpy(), means
