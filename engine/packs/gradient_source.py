"""Gradients for a stream: the pack's graph, which holds its own backward pass."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Float
from ..drives import Rule
from .network import Activations, Gradient, GradientSource, GraphNetwork
from .onnx_runners import as_direction, as_waveform, check_layers


class OnnxGradientSource:
    """The fast source: the gradient's graph in ONNX Runtime, with memory bound once."""

    def __init__(self, pack: GraphNetwork) -> None:
        """Open the pack's dream graph for one thread."""
        self.sample_rate = pack.sample_rate
        self.window = pack.window
        self.layers = pack.layers
        self.classes = pack.classes
        self._runner = pack.gradient_session()

    def gradient(
        self, waveform: Float, directions: Mapping[str, Float], rule: Rule = "gradient"
    ) -> Gradient:
        """Return the gradient; see `GradientSource.gradient`. The next call overwrites it."""
        objective, gradient, activations = self._runner.run(waveform, directions, rule)
        means = {name: activation[0] for name, activation in activations.items()}
        return Gradient(float(objective[0]), gradient[0], means)

    def hear(self, waveform: Float) -> Activations:
        """Return the activations in a window; see `GradientSource.hear`."""
        return self.gradient(waveform, {}).activations

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike], rule: Rule = "gradient"
    ) -> tuple[Float, Float]:
        """Return objectives [batch] and gradients [batch, window], one window after the other."""
        return one_by_one(self, waveform, directions, rule)


def one_by_one(
    source: GradientSource,
    waveform: ArrayLike,
    directions: Mapping[str, ArrayLike],
    rule: Rule,
) -> tuple[Float, Float]:
    """Return what `Network.value_and_grad` does, by asking for one window after the other."""
    array = as_waveform(waveform, source.window)
    check_layers(directions, source.layers)
    rows = {
        name: as_direction(direction, source.layers[name], len(array))
        for name, direction in directions.items()
    }
    objective, gradient = np.zeros(len(array), np.float32), np.zeros_like(array)
    for number, window in enumerate(array):
        found = source.gradient(window, {name: row[number] for name, row in rows.items()}, rule)
        objective[number], gradient[number] = found.objective, found.waveform
    return objective, gradient
