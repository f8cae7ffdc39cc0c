"""The layers and classes of several networks under common names, and the way there and back."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Float
from ..errors import ModelError
from .manifest import OUTPUT_LAYER, LayerInfo
from .network import Activations

SEPARATOR = "."
"""Between a network's name and its layer: no sign of the grammar of targets, and in no layer."""


def own_name(layer: str) -> str:
    """Return a layer's name in its own network."""
    return layer.rpartition(SEPARATOR)[2]


def network_of(layer: str) -> str:
    """Return the network that a merged layer belongs to; an empty text for `output`, and others."""
    return layer.rpartition(SEPARATOR)[0]


class MergedLayers:
    """Layers of several networks: `output` with all their classes, the others by network.

    Attributes:
        classes: the union, in the order of the networks.
        layers: `network.layer` for inner layers, then `output`.
    """

    def __init__(
        self,
        names: Sequence[str],
        layers: Sequence[Mapping[str, LayerInfo]],
        classes: Sequence[Sequence[str]],
    ) -> None:
        """Merge.

        Args:
            names: of the networks.
            layers: of each network, by name.
            classes: of each network.

        Raises:
            ModelError: two networks have the same name.
        """
        for name in names:
            if list(names).count(name) > 1:
                raise ModelError(f"{name!r} is named twice in a set of networks: name it once.")
        self._names = tuple(names)
        self.classes = tuple(dict.fromkeys(name for each in classes for name in each))
        place = {name: unit for unit, name in enumerate(self.classes)}
        self._units: list[NDArray[np.intp]] = [
            np.array([place[name] for name in each], np.intp) for each in classes
        ]
        """For each network: the units of its classes in the union."""
        merged: dict[str, LayerInfo] = {}
        self._inner: list[dict[str, str]] = []
        """For each network: the merged name of an inner layer -> its own."""
        for name, each in zip(names, layers, strict=True):
            inner = {f"{name}{SEPARATOR}{layer}": layer for layer in each if layer != OUTPUT_LAYER}
            merged |= {whole: each[layer] for whole, layer in inner.items()}
            self._inner.append(inner)
        outputs = [each[OUTPUT_LAYER] for each in layers]
        merged[OUTPUT_LAYER] = LayerInfo(
            name=OUTPUT_LAYER,
            units=len(self.classes),
            hop=max(layer.hop for layer in outputs),
            receptive_field=max(layer.receptive_field for layer in outputs),
        )
        self.layers: Mapping[str, LayerInfo] = MappingProxyType(merged)

    def directions_of(self, member: int, directions: Mapping[str, ArrayLike]) -> dict[str, Float]:
        """Return a network's share of the directions, in its own layers.

        Args:
            member: index of the network.
            directions: layer -> [units] or [batch, units], all of them in `layers`.

        Returns:
            its own layer -> direction; layers without a direction other than 0 are left out.
        """
        found: dict[str, Float] = {}
        for whole, direction in directions.items():
            array = np.asarray(direction, np.float32)
            if whole == OUTPUT_LAYER:
                own, layer = array[..., self._units[member]], OUTPUT_LAYER
            elif whole in self._inner[member]:
                own, layer = array, self._inner[member][whole]
            else:
                continue
            if own.any():
                found[layer] = own
        return found

    def activations(self, each: Sequence[Activations]) -> Activations:
        """Return the activations of all networks under the merged names.

        Args:
            each: of every network, its layer -> [..., units].

        Returns:
            layer -> [..., units]; for `output` the mean of those networks that have the class.
        """
        found = {
            whole: own[layer]
            for inner, own in zip(self._inner, each, strict=True)
            for whole, layer in inner.items()
        }
        return {**found, OUTPUT_LAYER: self.voted([own[OUTPUT_LAYER] for own in each])}

    def member_of(self, layer: str) -> tuple[int, str]:
        """Return the index of the network that an inner layer belongs to, and its own name of it.

        Raises:
            KeyError: no network has it.
        """
        for index, inner in enumerate(self._inner):
            if layer in inner:
                return index, inner[layer]
        raise KeyError(layer)

    def voted(self, scores: Sequence[Float]) -> Float:
        """Return the mean of those networks that have a class, [..., classes].

        Args:
            scores: of every network, [..., its classes].
        """
        total = np.zeros((*scores[0].shape[:-1], len(self.classes)), np.float32)
        voters = np.zeros(len(self.classes), np.float32)
        for units, own in zip(self._units, scores, strict=True):
            total[..., units] += own
            voters[units] += 1.0
        return np.asarray(total / voters, np.float32)
