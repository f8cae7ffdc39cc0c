"""The gradient-free drives: activations weigh the units' spectral templates, or their grains."""

from collections.abc import Mapping

import numpy as np

from ..arrays import Float
from .network import Activations
from .pack import Pack
from .unit_grains import grains


class Tracker:
    """The gradient-free drive: activations weigh each unit's spectral template into one mask."""

    def __init__(self, pack: Pack) -> None:
        """Open the pack's hear graph for one thread, and its templates.

        Raises:
            ModelError: the pack has no templates.
        """
        self._runner = pack.hear_session()
        self.templates = pack.templates()
        """Layer -> each unit's magnitudes, float32 (units, 513)."""
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
        total = np.zeros(next(iter(self.templates.values())).shape[1], np.float32)
        for name, weight in self.weights(directions, activations, everything).items():
            norm = float(weight.sum())
            if norm > 0.0:
                total += _scale(directions[name]) * (weight / norm) @ self.templates[name]
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
