"""The gradient-free drives of several networks together."""

from collections.abc import Sequence

import numpy as np

from ..arrays import Float
from .manifest import OUTPUT_LAYER
from .merged_layers import MergedLayers
from .network import Activations
from .tracker import Tracker


class SetTracker(Tracker):
    """All members hear; an inner layer's templates and grains are its network's own.

    A class has the mean of the members' templates, and the sum of their grains.
    """

    def __init__(
        self, members: Sequence[Tracker], windows: Sequence[int], merged: MergedLayers
    ) -> None:
        """Use these members.

        Args:
            members: of each network; in one thread with this one.
            windows: samples that each network takes.
            merged: their layers.
        """
        self._members, self._windows, self._merged = tuple(members), tuple(windows), merged
        each = [{name: found.T for name, found in m.templates.items()} for m in members]
        self.templates = {name: array.T for name, array in merged.activations(each).items()}

    def hear(self, waveform: Float) -> Activations:
        """Return each layer's mean activation over frames, (units,)."""
        return self._merged.activations(
            [
                member.hear(np.ascontiguousarray(waveform[len(waveform) - window :]))
                for member, window in zip(self._members, self._windows, strict=True)
            ]
        )

    def grains(self, layer: str, samples: int) -> Float:
        """Return a grain of sound for each unit of a layer, (units, samples)."""
        if layer != OUTPUT_LAYER:
            index, own = self._merged.member_of(layer)
            return self._members[index].grains(own, samples)
        found = self._merged.voted([each.grains(layer, samples).T for each in self._members]).T
        peak = np.maximum(np.abs(found).max(axis=1, keepdims=True), np.float32(1e-9))
        return np.asarray(found / peak, np.float32)
