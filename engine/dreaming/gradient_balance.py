"""Gives layers that are excited together equal shares, whatever the size of their gradients.

The gradient of a class's score may be hundreds of times that of a unit of the first layer: added as
they are, a chord of layers would be its strongest layer alone, and half of a morph between two
layers would do nothing.
"""

from collections.abc import Mapping

import numpy as np

from ..arrays import Float
from ..drives import Rule
from ..packs.network import GradientSource

REFRESH_UPDATES = 8
"""Updates until another layer is measured again: with several layers an eighth more work."""
_KEPT = 0.5


class GradientBalance:
    """Measures from time to time how large the gradient of each layer is, and evens it out."""

    def __init__(self, dreamer: GradientSource) -> None:
        """Start without a measured size of any layer of `dreamer`."""
        self._dreamer = dreamer
        self._sizes: dict[str, float] = {}
        self._updates = 0

    def equalise(
        self, directions: Mapping[str, Float], heard: Float, rule: Rule
    ) -> dict[str, Float]:
        """Return directions whose gradients are as large as the directions are long.

        Args:
            directions: layer -> (units,). A single one is returned as it is: the gradient's size
                does not matter then.
            heard: (window,), where the next gradient is taken.
            rule: of the backward pass.
        """
        layers = [name for name, direction in directions.items() if direction.any()]
        if len(layers) < 2:
            return dict(directions)
        self._updates += 1
        turn, due = divmod(self._updates, REFRESH_UPDATES)
        for name in layers:
            if name not in self._sizes or (due == 0 and name == layers[turn % len(layers)]):
                self._measure(name, directions[name], heard, rule)
        known = [self._sizes[name] for name in layers if name in self._sizes]
        middle = float(np.exp(np.mean(np.log(known)))) if known else 1.0
        return {
            name: direction * np.float32(middle / self._sizes.get(name, middle))
            for name, direction in directions.items()
        }

    def reset(self) -> None:
        """Clear the sizes."""
        self._sizes.clear()
        self._updates = 0

    def _measure(self, name: str, direction: Float, heard: Float, rule: Rule) -> None:
        gradient = self._dreamer.gradient(heard, {name: direction}, rule).waveform
        size = float(np.linalg.norm(gradient)) / float(np.linalg.norm(direction))
        if not 0.0 < size < np.inf:  # silence, or an inactive unit: keep the last size
            return
        before = self._sizes.get(name, size)
        self._sizes[name] = float(before**_KEPT * size ** (1.0 - _KEPT))
