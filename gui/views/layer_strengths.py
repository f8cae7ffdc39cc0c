"""How strongly, and how widely, each layer is active: one column for each moment. No Qt."""

from collections.abc import Mapping

import numpy as np

from ...engine.arrays import Float

KEPT = 0.995
"""Of a layer's highest and lowest, from one moment to the next."""
LEAST_PEAK = 1e-3
LEAST_RANGE = 0.3
"""Of the peak, between lowest and highest: what hardly moves is not drawn as a storm."""
LOWEST_HEIGHT = 0.12
"""Of a lane, where the layer is as quiet as it was lately, but not silent."""


class LayerStrengths:
    """Measures each layer between its lowest and highest of late: layers differ in scale by far."""

    def __init__(self, layers: Mapping[str, int]) -> None:
        """Begin silent.

        Args:
            layers: layer -> units, in network order.
        """
        self.layers = dict(layers)
        self._highest: list[float] = [0.0] * len(self.layers)
        self._lowest: list[float | None] = [None] * len(self.layers)

    def measure(self, activations: Mapping[str, Float]) -> Float:
        """Return how each layer is active now.

        Args:
            activations: layer -> (units,).

        Returns:
            float32 [layers, 2], 0 to 1: where the strongest unit is between the layer's lowest and
            highest of late, and the mean of all units relative to the strongest: how many join. A
            layer that is missing, silent, or has something that is no number, is 0.
        """
        found = np.zeros((len(self.layers), 2), np.float32)
        for row, name in enumerate(self.layers):
            heard = activations.get(name)
            if heard is None or not len(heard) or not np.isfinite(heard).all():
                continue
            strengths = np.maximum(heard, 0.0)
            strongest = float(strengths.max())
            if strongest > 0.0:
                height = self._height(row, strongest)
                found[row] = height, float(strengths.mean()) / strongest
        return found

    def _height(self, row: int, strongest: float) -> float:
        lowest = self._lowest[row]
        lowest = strongest if lowest is None else lowest
        lowest = min(strongest, strongest + (lowest - strongest) * KEPT)
        highest = max(strongest, strongest + (self._highest[row] - strongest) * KEPT)
        self._lowest[row], self._highest[row] = lowest, highest
        room = max(highest - lowest, LEAST_RANGE * highest, LEAST_PEAK)
        share = 1.0 - min(1.0, (highest - strongest) / room)
        return LOWEST_HEIGHT + (1.0 - LOWEST_HEIGHT) * share
