"""The light of each unit: its activation relative to its layer's recent peak. No Qt."""

from collections.abc import Mapping

import numpy as np

from ...engine.arrays import Float

PEAK_KEPT = 0.995
"""The share of a layer's peak that is kept from one frame to the next."""
GLOW_KEPT = 0.78
"""The share of a unit's light that is kept when its activation falls."""
LEAST_PEAK = 1e-3
GAMMA = 0.65


class Levels:
    """Follows the activations of one network, frame by frame."""

    def __init__(self, layers: Mapping[str, int]) -> None:
        """Start dark.

        Args:
            layers: layer -> units, in network order.
        """
        self._layers = dict(layers)
        self._peaks = dict.fromkeys(layers, LEAST_PEAK)
        self.values: Float = np.zeros(sum(self._layers.values()), np.float32)
        """The light of all units, 0 to 1, layer after layer."""

    def update(self, activations: Mapping[str, Float]) -> Float:
        """Take new activations; a layer that is missing or has another size fades out.

        Args:
            activations: layer -> (units,).

        Returns:
            `values`.
        """
        at = 0
        for name, units in self._layers.items():
            light = self.values[at : at + units]
            light *= GLOW_KEPT
            heard = activations.get(name)
            if heard is not None and len(heard) == units and np.isfinite(heard).all():
                peak = max(float(heard.max()), self._peaks[name] * PEAK_KEPT, LEAST_PEAK)
                self._peaks[name] = peak
                np.maximum(light, np.clip(heard / peak, 0.0, 1.0) ** GAMMA, out=light)
            at += units
        return self.values
