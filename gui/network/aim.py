"""Clicks on the picture as words of `layer` and `target`, and these words as marks. No Qt."""

from collections.abc import Mapping, Sequence

from ...engine.errors import InnerearError
from ...engine.packs.manifest import OUTPUT_LAYER, LayerInfo
from ...engine.targets.target import parse_layers
from ...engine.targets.target_mix import Term, read_mix, write_mix

OPEN = ("auto", "energy")
"""Targets that name no unit: what is excited is up to the sound."""
_MOST_WEIGHT = 2.0

Layers = Mapping[str, LayerInfo]


def layer_text(weights: Mapping[str, float]) -> str:
    """Write layers and their weights as the parameter `layer` takes them."""
    return ",".join(
        name if weight == 1.0 else f"{name}:{weight:.3g}" for name, weight in weights.items()
    )


def choose_layer(layers: Layers, layer: str, target: str, name: str, add: bool) -> dict[str, str]:
    """Return what a click on a layer sets.

    Args:
        layers: of the model, in its order.
        layer, target: what is set now.
        name: of the layer that is clicked.
        add: join it to those that are chosen, or take it away again.

    Returns:
        the new values of `layer` and, where it named a unit or a class, of `target`.
    """
    chosen = {name: 1.0}
    if add:
        chosen = dict(parse_layers(layer, layers))
        if name not in chosen:
            chosen[name] = 1.0
        elif len(chosen) > 1:
            del chosen[name]
    words = {"layer": layer_text({each: chosen[each] for each in layers if each in chosen})}
    if target not in OPEN:
        words["target"] = OPEN[0]
    return words


def weigh_layer(layers: Layers, layer: str, name: str, change: float) -> dict[str, str]:
    """Return the `layer` in which one of those that are chosen weighs more or less."""
    weights = dict(parse_layers(layer, layers))
    if name in weights:
        weights[name] = round(min(max(weights[name] + change, 0.0), _MOST_WEIGHT), 2)
    return {"layer": layer_text(weights)}


def unit_word(classes: Sequence[str], layer: str, unit: int) -> str:
    """Return the word for a unit in `target`: a class by its name, others as `layer/unit`."""
    if layer == OUTPUT_LAYER and unit < len(classes):
        return classes[unit]
    return f"{layer}/{unit}"


def choose_unit(
    classes: Sequence[str], target: str, layer: str, unit: int, add: bool
) -> dict[str, str]:
    """Return what a click on a unit sets.

    Args:
        classes: of the model.
        target: what is set now.
        layer, unit: what is clicked.
        add: mix it with what is set, or take it away again.
    """
    word = unit_word(classes, layer, unit)
    if not add:
        return {"target": word}
    terms = [Term(target)] if target in classes else list(read_mix(target))
    kept = [term for term in terms if term.name != word and term.name not in OPEN]
    if len(kept) == len(terms) or not kept:
        kept.append(Term(word))
    return {"target": write_mix(kept)}


def aimed_layers(layers: Layers, layer: str) -> dict[str, float]:
    """Return the layers that are chosen, with their weights; none where the words are wrong."""
    try:
        return parse_layers(layer, layers)
    except InnerearError:
        return {}


def aimed_units(
    layers: Layers, classes: Sequence[str], layer: str, target: str
) -> dict[str, dict[int, float]]:
    """Return the units that a target names: layer -> unit -> weight."""
    by_lower = {name.lower(): unit for unit, name in enumerate(classes)}
    try:
        terms = (Term(target),) if target.lower() in by_lower else read_mix(target)
    except InnerearError:
        return {}
    found: dict[str, dict[int, float]] = {}
    for term in terms:
        where, slash, after = term.name.partition("/")
        name = term.name.lower()
        if name not in by_lower and slash:
            name = after.strip().lower()
        if name in by_lower:
            found.setdefault(OUTPUT_LAYER, {})[by_lower[name]] = term.weight
        elif name.isdecimal():
            chosen = aimed_layers(layers, where if slash else layer)
            for each in chosen:
                found.setdefault(each, {})[int(name)] = term.weight
    return found
