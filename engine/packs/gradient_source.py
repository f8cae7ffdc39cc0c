"""Where dreams come from: one protocol, and the fast path through ONNX Runtime."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..arrays import Float
from .manifest import LayerInfo
from .onnx_runners import Rule
from .pack import Pack
from .unit_grains import grains

Activations = dict[str, Float]


@dataclass(frozen=True)
class Gradient:
    """What one look at a window gives.

    Attributes:
        objective: how strongly the window excites what was asked for.
        waveform: (window,), its gradient with respect to the waveform.
        activations: layer -> mean activation over frames, (units,); for `output` the scores.
    """

    objective: float
    waveform: Float
    activations: Activations


class Dreamer(Protocol):
    """A network that gives the gradient of an objective with respect to the waveform."""

    @property
    def sample_rate(self) -> int:
        """The rate the network listens at, in hertz."""
        ...

    @property
    def window(self) -> int:
        """Samples that the network takes at once."""
        ...

    @property
    def layers(self) -> Mapping[str, LayerInfo]:
        """Layer name -> its units and lengths, in network order; the last is `output`."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the units of `output`."""
        ...

    def dream(self, waveform: Float, directions: Mapping[str, Float], rule: Rule) -> Gradient:
        """Return the gradient of sum over layers of <direction, mean activation>.

        Args:
            waveform: (window,), full scale at 1.
            directions: layer -> (units,).
            rule: how a ReLU is passed backwards (see `Pack.dream`).
        """
        ...


class OnnxDreamer:
    """The fast path: the pack's graph that holds its own backward pass."""

    def __init__(self, pack: Pack) -> None:
        """Open the pack's dream graph for one thread."""
        self.sample_rate = pack.sample_rate
        self.window = pack.window
        self.layers = pack.layers
        self.classes = pack.classes
        self._runner = pack.gradient_session()

    def dream(
        self, waveform: Float, directions: Mapping[str, Float], rule: Rule = "gradient"
    ) -> Gradient:
        """Return the gradient; see `Dreamer.dream`. The arrays last until the next call."""
        objective, gradient, activations = self._runner.run(waveform, directions, rule)
        means = {name: activation[0] for name, activation in activations.items()}
        return Gradient(float(objective[0]), gradient[0], means)


class Tracker:
    """The gradient-free drive: activations weigh each unit's spectral template into one mask."""

    def __init__(self, pack: Pack) -> None:
        """Open the pack's hear graph for one thread, and its templates.

        Raises:
            ModelError: the pack has no templates.
        """
        self._runner = pack.hear_session()
        self._templates = pack.templates()
        self._pack = pack

    def hear(self, waveform: Float) -> Activations:
        """Return each layer's mean activation over frames, (units,)."""
        return {name: map_[0].mean(axis=-1) for name, map_ in self._runner.run(waveform).items()}

    def grains(self, layer: str, samples: int) -> Float:
        """Return a grain of sound for each unit of a layer, (units, samples)."""
        return grains(self._pack, layer, range(self._pack.layers[layer].units), samples)

    def weights(
        self, directions: Mapping[str, Float], activations: Activations, everything: bool
    ) -> Activations:
        """Return how much each unit counts: layer -> (units,), at least 0.

        Args:
            directions: layer -> (units,), the target's.
            activations: layer -> (units,).
            everything: weigh all units of the layers by their activation (targets `auto` and
                `energy`), not only those that the target names.
        """
        return {
            name: np.maximum(activations[name], 0.0)
            * (_scale(direction) if everything else np.maximum(direction, 0.0))
            for name, direction in directions.items()
        }

    def mask(
        self, directions: Mapping[str, Float], activations: Activations, everything: bool
    ) -> Float:
        """Return the magnitudes of what the network hears; for the arguments see `weights`.

        Returns:
            float32 (513,), from 0 Hz to half the model's rate, with a root mean square of 1; zeros
            where nothing is active.
        """
        total = np.zeros(next(iter(self._templates.values())).shape[1], np.float32)
        for name, weight in self.weights(directions, activations, everything).items():
            norm = float(weight.sum())
            if norm > 0.0:
                total += _scale(directions[name]) * (weight / norm) @ self._templates[name]
        level = float(np.sqrt(np.mean(np.square(total))))
        return total / np.float32(level) if level > 0.0 else total

    def loudness(
        self, directions: Mapping[str, Float], activations: Activations, everything: bool
    ) -> Activations:
        """Return how loud each unit is, layer -> (units,): 1 for the layer's strongest.

        The layer's weight multiplies that; for the arguments see `weights`.
        """
        found = {}
        for name, weight in self.weights(directions, activations, everything).items():
            strongest = np.float32(activations[name].max(initial=0.0))
            found[name] = weight / strongest if strongest > 0.0 else np.zeros_like(weight)
        return found


def _scale(direction: Float) -> np.float32:
    """Return how much a layer counts."""
    return np.float32(np.abs(direction).max(initial=0.0))
