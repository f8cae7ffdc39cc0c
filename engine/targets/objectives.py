"""Objectives of activation maximisation: named sums of units, which add and multiply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Float
from ..errors import ModelError
from ..packs.manifest import OUTPUT_LAYER, LayerInfo
from ..packs.network import Network
from ..packs.onnx_runners import check_layers
from .grammar import parse_list


@dataclass(frozen=True)
class Objective:
    """A function of a network's activations: a weighted sum of units.

    Objectives add, subtract, and multiply by numbers, as those of Lucid do (Olah and others,
    "Feature Visualization", 2017): `0.5 * unit(pack, "conv5", 12) - unit(pack, "conv5", 3)`.

    Attributes:
        name: for people.
        weights: (layer, unit) -> weight.
    """

    name: str
    weights: Mapping[tuple[str, int], float]

    def __call__(self, activations: Mapping[str, Float]) -> Float:
        """Return the weighted sum.

        Args:
            activations: layer -> mean activation over frames, [batch, units].

        Returns:
            [batch].
        """
        parts = [
            weight * activations[layer][:, index] for (layer, index), weight in self.weights.items()
        ]
        return np.asarray(np.sum(parts, axis=0), np.float32)

    def __add__(self, other: "Objective") -> "Objective":
        """Return the sum of two objectives."""
        weights = dict(self.weights)
        for key, weight in other.weights.items():
            weights[key] = weights.get(key, 0.0) + weight
        return Objective(f"{self.name} + {other.name}", weights)

    def __mul__(self, factor: float) -> "Objective":
        """Return the objective times a number."""
        name = f"({self.name})" if len(self.weights) > 1 else self.name
        weights = {key: factor * weight for key, weight in self.weights.items()}
        return Objective(f"{factor:g} {name}", weights)

    __rmul__ = __mul__

    def __neg__(self) -> "Objective":
        """Return the negative objective."""
        return -1.0 * self

    def __sub__(self, other: "Objective") -> "Objective":
        """Return the difference of two objectives."""
        return self + -other


def unit(network: Network, layer: str, index: int) -> Objective:
    """Return the objective of one unit: its activation, averaged over frames.

    Raises:
        ModelError: there is no such layer or unit.
    """
    check_layers({layer: None}, network.layers)
    units = network.layers[layer].units
    if not 0 <= index < units:
        raise ModelError(f"Layer {layer!r} has units 0 to {units - 1}, not {index}.")
    is_class = layer == OUTPUT_LAYER and index < len(network.classes)
    name = network.classes[index] if is_class else f"{layer}:{index}"
    return Objective(name, {(layer, index): 1.0})


def parse_units(network: Network, layer: str, text: str) -> list[Objective]:
    """Read a list of units of one layer.

    Args:
        network: whose layer it is.
        layer: by name.
        text: `7`, `3,7,12`, `0-15` or `all`; of `output` names of classes too, by as much of
            their beginning as is needed (see `grammar`).

    Returns:
        an objective for each unit, in the order of `text`.

    Raises:
        ModelError: a layer, unit or class that the network does not have; the message lists the
            nearest.
    """
    found: dict[int, Objective] = {}
    for term in parse_list(text, network.layers, network.classes, layer):
        if term.kind != "units" or term.layers != {layer: 1.0} or term.weight != 1.0:
            raise ModelError(f"{text!r}: write units of {layer!r} alone, without weights.")
        for index in term.units:
            found[index] = unit(network, layer, index)
    return list(found.values())


def parse_mix(network: Network, text: str) -> Objective:
    """Read a weighted mix: `output/Brass + conv5/12*0.5`, or a class alone: `Brass`.

    Args:
        network: whose units they are.
        text: as a target is written, or `output:Brass=1,conv5:12=0.5` (see `grammar`); the weight
            is 1 where there is none, and a class needs no layer.

    Raises:
        ModelError: a layer, unit or class that the network does not have.
        ParameterError: a weight that is not a finite number, or 0.
    """
    total: Objective | None = None
    for term in parse_list(text, network.layers, network.classes):
        if term.kind != "units":
            raise ModelError(f"{term.text!r} depends on the sound: name a unit or a class.")
        if len(term.units) > 1:
            raise ModelError(f"{term.text!r}: a mix names its units one by one.")
        for layer, share in term.layers.items():
            weight = share * term.weight
            each = unit(network, layer, term.units[0])
            each = each if weight == 1.0 else weight * each
            total = each if total is None else total + each
    assert total is not None  # a list has one term at least
    return total


def directions(
    objectives: Sequence[Objective], layers: Mapping[str, LayerInfo]
) -> dict[str, Float]:
    """Return the objectives of a batch as a network's gradient takes them.

    Returns:
        layer -> float32 [objectives, units], for the layers that are in one of them.
    """
    found: dict[str, Float] = {}
    for row, objective in enumerate(objectives):
        for (layer, index), weight in objective.weights.items():
            if layer not in found:
                found[layer] = np.zeros((len(objectives), layers[layer].units), np.float32)
            found[layer][row, index] = weight
    return found
