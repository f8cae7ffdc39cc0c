"""Measures how strongly each layer is active, and how many of its units. No Qt."""

from collections.abc import Mapping

import numpy as np

from ...engine.arrays import Float

KEPT = 0.995
"""The share of a layer's highest and lowest value that is kept from one moment to the next."""
LEAST_PEAK = 1e-3
LEAST_RANGE = 0.3
"""The least distance between lowest and highest, as a share of the peak: small changes stay
small."""
LOWEST_HEIGHT = 0.12
"""The height in the lane of a layer at its recent minimum that is not silent."""


class LayerStrengths:
    """Measures each layer relative to its own recent range, since layers differ in scale."""

    def __init__(self, layers: Mapping[str, int]) -> None:
        """Start silent.

        Args:
            layers: layer -> units, in network order.
        """
        self.layers = dict(layers)
        self._highest: list[float] = [0.0] * len(self.layers)
        self._lowest: list[float | None] = [None] * len(self.layers)

    def measure(self, activations: Mapping[str, Float]) -> Float:
        """Return the strength of each layer now.

        Args:
            activations: layer -> (units,).

        Returns:
            float32 [layers, 2], 0 to 1: the strongest unit between the layer's recent minimum and
            maximum, and the mean of all units divided by the strongest (how many join). A layer
            that is missing, silent or not finite is 0.
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
