"""What is excited: from the words of `layer` and `target` to a direction in each layer's units."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..arrays import Float
from ..packs.manifest import OUTPUT_LAYER, LayerInfo
from .grammar import AUTO, ENERGY, SOUND, Term, parse_layers, parse_target

HYSTERESIS = 1.15
"""How much stronger another unit must be before `auto` turns to it: no flicker between two."""


def target_options(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the targets that clients and knobs choose from."""
    return (AUTO, ENERGY, SOUND, *classes)


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
                `sound` (all of the layer, as it is in the target sound), a class name (then
                `layer` does not matter), a unit's index, or a weighted mix of these, each on
                `layer` or on one of its own: see `grammar`.
            hysteresis: how much stronger another unit must be before `auto` turns to it.

        Raises:
            ModelError: an unknown layer or class, or a unit out of range.
            ParameterError: a weight that is not a finite number.
        """
        terms = parse_target(target, layers, classes, parse_layers(layer, layers))
        self._classes = classes
        self._hysteresis = hysteresis
        self._aims = [_Aim(term) for term in terms]

    @property
    def sound_layers(self) -> frozenset[str]:
        """The layers whose activations in the target sound are wanted."""
        return frozenset(name for aim in self._aims if aim.kind == "sound" for name in aim.weights)

    def directions(
        self, activations: Mapping[str, Float], sound: Mapping[str, Float] | None = None
    ) -> dict[str, Float]:
        """Return the direction to climb in each chosen layer.

        Args:
            activations: layer -> mean activation over frames, (units,); for `output` the scores.
            sound: the same of the target sound, for `sound_layers`; a layer that is missing, as
                all are while that is silent, has the direction 0.

        Returns:
            layer -> float32 (units,).
        """
        found: dict[str, Float] = {}
        for aim in self._aims:
            for name, weight in aim.weights.items():
                own = activations[name]
                heard = (sound or {}).get(name, np.zeros_like(own)) if aim.kind == "sound" else own
                direction = weight * aim.direction(name, heard, self._hysteresis)
                found[name] = np.asarray(found.get(name, 0.0) + direction, np.float32)
        return found

    @property
    def is_automatic(self) -> bool:
        """Whether what is excited is up to the sound itself: no unit, class or target sound."""
        return all(aim.kind in ("auto", "energy") for aim in self._aims)

    def label(self, sound: str = "the target sound") -> str:
        """Return what is excited now, in words: a class name, `conv5 unit 17`, or several.

        Args:
            sound: what the target sound is called: `what bell.wav sounds like`.
        """
        words = [
            f"what {sound} sounds like" if aim.kind == "sound" else aim.label(self._classes)
            for aim in self._aims
        ]
        if len(words) == 1:
            return words[0]
        weights = [aim.share for aim in self._aims]
        return " + ".join(f"{weight:g} {word}" for weight, word in zip(weights, words, strict=True))


class _Aim:
    """One term of a target, resolved: which unit of which layers, or all of them."""

    def __init__(self, term: Term) -> None:
        self.kind = term.kind
        self.share = term.weight
        self.weights = {name: term.weight * weight for name, weight in term.layers.items()}
        self.units: dict[str, int] = {}
        if term.kind == "units":
            (unit,) = term.units
            self.units = dict.fromkeys(term.layers, unit)

    def direction(self, name: str, activation: Float, hysteresis: float) -> Float:
        """Return the direction in one layer, of length 1, or 0 where nothing is active."""
        if self.kind in ("energy", "sound"):
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
        if self.kind == "units":
            return self.units[name]
        best = int(np.argmax(activation))
        kept = self.units.get(name, best)
        if activation[best] > hysteresis * activation[kept]:
            kept = best
        self.units[name] = kept
        return kept
