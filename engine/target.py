"""What is excited: from the words of `layer` and `target` to a direction in each layer's units."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .errors import ModelError, ParameterError, nearest
from .manifest import OUTPUT_LAYER, LayerInfo

Float = NDArray[np.float32]

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
    ) -> None:
        """Resolve the words.

        Args:
            layers: of the model, by name.
            classes: of the model.
            layer: see `parse_layers`.
            target: `auto` (each layer's strongest unit), `energy` (all of the layer, as it is),
                a class name (then `layer` does not matter), or a unit's index.

        Raises:
            ModelError: an unknown layer or class, or a unit out of range.
            ParameterError: a weight that is no number.
        """
        self._classes = classes
        self._weights = parse_layers(layer, layers)
        self._units = {name: layers[name].units for name in self._weights}
        self._chosen: dict[str, int] = {}
        self._auto = target == "auto"
        self._energy = target == "energy"
        if self._auto or self._energy:
            return
        by_lower = {name.lower(): unit for unit, name in enumerate(classes)}
        if target.lower() in by_lower:
            self._weights = {OUTPUT_LAYER: 1.0}
            self._units = {OUTPUT_LAYER: len(classes)}
            self._chosen = {OUTPUT_LAYER: by_lower[target.lower()]}
        elif target.isdecimal():
            for name, units in self._units.items():
                if int(target) >= units:
                    raise ModelError(f"Layer {name!r} has units 0 to {units - 1}, not {target}.")
                self._chosen[name] = int(target)
        else:
            words = ["auto", "energy", *classes]
            raise ModelError(f"There is no target {target!r}. {nearest(target, words)}")

    def directions(self, activations: Mapping[str, Float]) -> dict[str, Float]:
        """Return the direction to climb in each chosen layer.

        Args:
            activations: layer -> mean activation over frames, (units,); for `output` the scores.

        Returns:
            layer -> float32 (units,).
        """
        found = {}
        for name, weight in self._weights.items():
            activation = activations[name]
            if self._energy:
                norm = float(np.linalg.norm(activation))
                direction = activation / norm if norm > 0 else np.zeros_like(activation)
            else:
                direction = np.zeros(self._units[name], np.float32)
                direction[self._unit(name, activation)] = 1.0
            found[name] = np.asarray(weight * direction, np.float32)
        return found

    def label(self) -> str:
        """Return what is excited now, in words: a class name, `conv5 unit 17`, or several."""
        if self._energy:
            return "energy of " + ", ".join(self._weights)
        words = []
        for name, unit in self._chosen.items():
            is_class = name == OUTPUT_LAYER and unit < len(self._classes)
            words.append(self._classes[unit] if is_class else f"{name} unit {unit}")
        return ", ".join(words)

    def _unit(self, name: str, activation: Float) -> int:
        if not self._auto:
            return self._chosen[name]
        best = int(np.argmax(activation))
        kept = self._chosen.get(name, best)
        if activation[best] > HYSTERESIS * activation[kept]:
            kept = best
        self._chosen[name] = kept
        return kept
