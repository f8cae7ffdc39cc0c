"""What a sound shall excite: named sums of units, which add and multiply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..arrays import Float
from ..errors import ModelError, ParameterError, nearest
from ..packs.manifest import OUTPUT_LAYER, LayerInfo
from ..packs.onnx_runners import check_layers

ALL = "all"


class Units(Protocol):
    """A network's layers and classes, among which an objective chooses."""

    @property
    def layers(self) -> Mapping[str, LayerInfo]:
        """Layer name -> its units, in network order."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the units of `output`."""
        ...


@dataclass(frozen=True)
class Objective:
    """A function of a network's activations: a weighted sum of units.

    Objectives add, subtract, and multiply by numbers, as those of Lucid do (Olah and others,
    "Feature Visualization", 2017): `0.5 * unit(pack, "conv5", 12) - unit(pack, "conv5", 3)`.

    Attributes:
        name: as a person says it.
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
        """Return the objective, weighed more or less."""
        name = f"({self.name})" if len(self.weights) > 1 else self.name
        weights = {key: factor * weight for key, weight in self.weights.items()}
        return Objective(f"{factor:g} {name}", weights)

    __rmul__ = __mul__

    def __neg__(self) -> "Objective":
        """Return the objective that wants the contrary."""
        return -1.0 * self

    def __sub__(self, other: "Objective") -> "Objective":
        """Return the objective that wants one and shuns the other."""
        return self + -other


def unit(network: Units, layer: str, index: int) -> Objective:
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


def parse_units(network: Units, layer: str, text: str) -> list[Objective]:
    """Read which units of a layer are meant.

    Args:
        network: whose layer it is.
        layer: by name.
        text: `7`, `3,7,12`, `0-15` or `all`; of `output` names of classes too, which need not be
            written to their end.

    Returns:
        an objective for each unit, in the order of `text`.

    Raises:
        ModelError: a layer, unit or class that the network does not have; the message lists the
            nearest.
    """
    check_layers({layer: None}, network.layers)
    if text.strip().lower() == ALL:
        return [unit(network, layer, index) for index in range(network.layers[layer].units)]
    found: dict[int, Objective] = {}
    for part in _split(text, network.classes if layer == OUTPUT_LAYER else ()):
        for index in _indices(network, layer, part):
            found[index] = unit(network, layer, index)
    return list(found.values())


def parse_mix(network: Units, text: str) -> Objective:
    """Read a weighted mix: `output:Brass=1,conv5:12=0.5`, or a class alone: `Brass`.

    Args:
        network: whose units they are.
        text: `layer:unit=weight` with commas between; the weight is 1 where there is none, and a
            class needs no layer.

    Raises:
        ModelError: a layer, unit or class that the network does not have.
        ParameterError: a weight that is no number, or 0.
    """
    total: Objective | None = None
    for part in _split(text, network.classes):
        name, equals, number = part.rpartition("=")
        name, number = (name, number) if equals else (part, "1")
        try:
            weight = float(number)
        except ValueError:
            weight = np.nan
        if not np.isfinite(weight) or weight == 0.0:
            raise ParameterError(f"{part!r}: the weight {number!r} must be a number other than 0.")
        layer, colon, place = name.partition(":")
        if not colon:
            layer, place = OUTPUT_LAYER, name
            if name not in network.classes and name in network.layers:
                raise ModelError(f"Which unit of {name!r}? Write {name}:0, or {name} {ALL}.")
        check_layers({layer: None}, network.layers)
        indices = _indices(network, layer, place)
        if len(indices) > 1:
            raise ModelError(f"{part!r}: a mix names its units one by one.")
        term = unit(network, layer, indices[0])
        term = term if weight == 1.0 else weight * term
        total = term if total is None else total + term
    assert total is not None  # a text has one part at least
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


def _indices(network: Units, layer: str, text: str) -> list[int]:
    """Return the units that one word means."""
    word = text.strip()
    if word.isascii() and word.isdecimal():
        return [int(word)]
    first, dash, last = word.partition("-")
    if dash and all(end.isascii() and end.isdecimal() for end in (first, last)):
        for end in (first, last):
            unit(network, layer, int(end))  # checks it, before a range of billions is laid out
        if int(first) > int(last):
            raise ModelError(f"{word!r}: write the smaller unit first.")
        return list(range(int(first), int(last) + 1))
    units = network.layers[layer].units
    if layer != OUTPUT_LAYER:
        raise ModelError(f"Layer {layer!r} has units 0 to {units - 1}, not {word!r}.")
    lower = word.lower()
    by_lower = {name.lower(): index for index, name in enumerate(network.classes)}
    if lower in by_lower:
        return [by_lower[lower]]
    begins = [index for name, index in by_lower.items() if lower and name.startswith(lower)]
    if len(begins) == 1:
        return begins
    words = (*network.classes, *network.layers)
    raise ModelError(f"There is no class {word!r}. {nearest(word, words)}")


def _split(text: str, names: Sequence[str]) -> list[str]:
    """Split at commas, but for those within one of `names`, such as `Speech, child`."""
    by_lower = {name.lower() for name in names}
    parts = [part.strip() for part in text.split(",")]
    found = []
    while parts:
        for count in range(len(parts), 0, -1):
            joined = ", ".join(parts[:count])
            weightless = parts[count - 1].rpartition("=")[0] or parts[count - 1]
            bare = ", ".join([*parts[: count - 1], weightless])
            if count == 1 or bare.rpartition(":")[2].lower() in by_lower:
                found.append(joined)
                del parts[:count]
                break
    return found
