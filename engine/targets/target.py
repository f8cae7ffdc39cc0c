"""What is excited: from the words of `layer` and `target` to a direction in each layer's units."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from ..arrays import Float
from ..errors import ModelError, ParameterError, nearest
from ..packs.manifest import OUTPUT_LAYER, LayerInfo
from .target_mix import Term, read_mix

HYSTERESIS = 1.15
"""How much stronger another unit must be before `auto` turns to it: no flicker between two."""


def parse_layers(text: str, layers: Mapping[str, LayerInfo]) -> dict[str, float]:
    """Read one or several layer names, each with an optional weight: `conv5,output:0.5`.

    Args:
        text: names separated by commas; a weight follows a colon, 1 where there is none.
        layers: those the model has.

    Returns:
        layer -> weight.

    Raises:
        ModelError: a layer that the model does not have; the message lists the nearest.
        ParameterError: a weight that is no number.
    """
    chosen: dict[str, float] = {}
    for part in text.split(","):
        name, colon, weight = part.strip().partition(":")
        if name not in layers:
            raise ModelError(f"The model has no layer {name!r}. {nearest(name, layers)}")
        try:
            chosen[name] = float(weight) if colon else 1.0
        except ValueError:
            chosen[name] = np.nan
        if not np.isfinite(chosen[name]):
            raise ParameterError(f"layer {name!r} has the weight {weight!r}: write a number.")
    return chosen


class Target:
    """A target, resolved against one model; remembers what `auto` chose last."""

    def __init__(
        self,
        layers: Mapping[str, LayerInfo],
        classes: Sequence[str],
        layer: str = OUTPUT_LAYER,
        target: str = "auto",
        hysteresis: float = HYSTERESIS,
    ) -> None:
        """Resolve the words.

        Args:
            layers: of the model, by name.
            classes: of the model.
            layer: see `parse_layers`.
            target: `auto` (each layer's strongest unit), `energy` (all of the layer, as it is),
                a class name (then `layer` does not matter), a unit's index, or a weighted mix of
                these, each on `layer` or on one of its own: see `target_mix`.
            hysteresis: how much stronger another unit must be before `auto` turns to it.

        Raises:
            ModelError: an unknown layer or class, or a unit out of range.
            ParameterError: a weight that is no number.
        """
        by_lower = {name.lower(): unit for unit, name in enumerate(classes)}
        chosen = parse_layers(layer, layers)
        # A class may be called anything, also what looks like a mix.
        terms = (Term(target),) if target.lower() in by_lower else read_mix(target)
        self._classes = classes
        self._hysteresis = hysteresis
        self._aims = [_resolve(term, chosen, layers, classes, by_lower) for term in terms]

    def directions(self, activations: Mapping[str, Float]) -> dict[str, Float]:
        """Return the direction to climb in each chosen layer.

        Args:
            activations: layer -> mean activation over frames, (units,); for `output` the scores.

        Returns:
            layer -> float32 (units,).
        """
        found: dict[str, Float] = {}
        for aim in self._aims:
            for name, weight in aim.weights.items():
                direction = weight * aim.direction(name, activations[name], self._hysteresis)
                found[name] = np.asarray(found.get(name, 0.0) + direction, np.float32)
        return found

    @property
    def is_automatic(self) -> bool:
        """Whether no unit or class is named: what is excited is up to the sound."""
        return all(aim.kind != "unit" for aim in self._aims)

    def label(self) -> str:
        """Return what is excited now, in words: a class name, `conv5 unit 17`, or several."""
        words = [aim.label(self._classes) for aim in self._aims]
        if len(words) == 1:
            return words[0]
        weights = [aim.share for aim in self._aims]
        return " + ".join(f"{weight:g} {word}" for weight, word in zip(weights, words, strict=True))


class _Aim:
    """One term of a target, resolved: which unit of which layers, or all of them."""

    def __init__(
        self, kind: Literal["auto", "energy", "unit"], weights: Mapping[str, float], share: float
    ) -> None:
        self.kind = kind
        self.share = share
        self.weights = {name: share * weight for name, weight in weights.items()}
        self.units: dict[str, int] = {}

    def direction(self, name: str, activation: Float, hysteresis: float) -> Float:
        """Return the direction in one layer, of length 1, or 0 where nothing is active."""
        if self.kind == "energy":
            norm = float(np.linalg.norm(activation))
            return activation / np.float32(norm) if norm > 0 else np.zeros_like(activation)
        direction = np.zeros(len(activation), np.float32)
        direction[self._unit(name, activation, hysteresis)] = 1.0
        return direction

    def label(self, classes: Sequence[str]) -> str:
        if self.kind == "energy":
            return "energy of " + ", ".join(self.weights)
        words = []
        for name, unit in self.units.items():
            is_class = name == OUTPUT_LAYER and unit < len(classes)
            words.append(classes[unit] if is_class else f"{name} unit {unit}")
        return ", ".join(words)

    def _unit(self, name: str, activation: Float, hysteresis: float) -> int:
        if self.kind == "unit":
            return self.units[name]
        best = int(np.argmax(activation))
        kept = self.units.get(name, best)
        if activation[best] > hysteresis * activation[kept]:
            kept = best
        self.units[name] = kept
        return kept


def _resolve(
    term: Term,
    chosen: Mapping[str, float],
    layers: Mapping[str, LayerInfo],
    classes: Sequence[str],
    by_lower: Mapping[str, int],
) -> _Aim:
    """Find what a term means.

    Args:
        term: of the target.
        chosen: layers and their weights, for a term that names none.
        layers: of the model.
        classes: of the model.
        by_lower: their units, by their names in lower case.
    """
    name = term.name
    before, slash, after = name.partition("/")
    if slash and name.lower() not in by_lower:
        chosen, name = parse_layers(before, layers), after.strip()
    if name.lower() in by_lower:
        aim = _Aim("unit", {OUTPUT_LAYER: 1.0}, term.weight)
        aim.units = {OUTPUT_LAYER: by_lower[name.lower()]}
        return aim
    if name in ("auto", "energy"):
        return _Aim("auto" if name == "auto" else "energy", chosen, term.weight)
    if not name.isdecimal():
        hint = nearest(name, ["auto", "energy", *classes])
        raise ModelError(f"There is no target {name!r}. {hint}")
    for layer in chosen:
        if int(name) >= layers[layer].units:
            last = layers[layer].units - 1
            raise ModelError(f"Layer {layer!r} has units 0 to {last}, not {name}.")
    aim = _Aim("unit", chosen, term.weight)
    aim.units = dict.fromkeys(chosen, int(name))
    return aim
