"""What is dreamed of, in words. No Qt."""

from collections.abc import Sequence
from pathlib import Path

from ...engine.errors import InnerearError
from ...engine.packs.manifest import OUTPUT_LAYER
from ...engine.targets.grammar import Term, parse_layers, parse_target
from .aim import Layers


def in_words(layers: Layers, classes: Sequence[str], layer: str, target: str, sound: str) -> str:
    """Return what is dreamed of, in words.

    Args:
        layers, classes: of the model.
        layer, target, sound: values of `layer`, `target` and `target_sound`.

    Returns:
        such as `Brass (0.7) and unit 12 of conv5 (0.3)`; the values as they are where the model
        does not have them.
    """
    try:
        terms = parse_target(target, layers, classes, parse_layers(layer, layers))
    except InnerearError:
        return f"{target} on {layer}"
    return _joined([_weighed(_term(term, classes, sound), term.weight) for term in terms])


def _term(term: Term, classes: Sequence[str], sound: str) -> str:
    place = _joined([_weighed(name, weight) for name, weight in term.layers.items()])
    of_classes = list(term.layers) == [OUTPUT_LAYER]
    match term.kind:
        case "auto":
            return "the strongest class" if of_classes else f"what is strongest in {place}"
        case "energy":
            return "all classes" if of_classes else f"all of {place}"
        case "sound":
            heard = Path(sound).name if sound else "the sidechain"
            return f"what {place} hears in {heard}"
    names = [
        classes[unit] if of_classes and unit < len(classes) else f"unit {unit} of {place}"
        for unit in term.units
    ]
    return _joined(names)


def _weighed(words: str, weight: float) -> str:
    away = f"not {words}" if weight < 0 else words
    return away if abs(weight) == 1.0 else f"{away} ({abs(weight):g})"


def _joined(parts: Sequence[str]) -> str:
    """Return `a, b and c`; the parts may have commas of their own."""
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
