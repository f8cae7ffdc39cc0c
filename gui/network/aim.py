"""Converts clicks on the picture to values of `layer` and `target`, and these to marks. No Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...engine.errors import InnerearError
from ...engine.packs.manifest import LayerInfo
from ...engine.targets.grammar import (
    AUTO,
    ENERGY,
    SOUND,
    WrittenTerm,
    parse_layers,
    parse_target,
    split_target,
    write_layers,
    write_target,
    write_unit,
)

AUTOMATIC = (AUTO, ENERGY)
"""Targets that name no unit: what is excited depends on the sound."""
_MOST_WEIGHT = 2.0

Layers = Mapping[str, LayerInfo]


def choose_layer(layers: Layers, layer: str, target: str, name: str, add: bool) -> dict[str, str]:
    """Return the parameters that a click on a layer sets.

    Args:
        layers: of the model, in its order.
        layer, target: the present values.
        name: of the layer that is clicked.
        add: add it to the chosen layers, or remove it if it is one of them.

    Returns:
        the new values of `layer` and, if `target` names a unit or a class, of `target`.
    """
    chosen = {name: 1.0}
    if add:
        chosen = dict(parse_layers(layer, layers))
        if name not in chosen:
            chosen[name] = 1.0
        elif len(chosen) > 1:
            del chosen[name]
    words = {"layer": write_layers({each: chosen[each] for each in layers if each in chosen})}
    if target not in (*AUTOMATIC, SOUND):
        words["target"] = AUTO
    return words


def weigh_layer(layers: Layers, layer: str, name: str, change: float) -> dict[str, str]:
    """Return `layer` with the weight of one chosen layer changed, between 0 and 2."""
    weights = dict(parse_layers(layer, layers))
    if name in weights:
        weights[name] = round(min(max(weights[name] + change, 0.0), _MOST_WEIGHT), 2)
    return {"layer": write_layers(weights)}


def choose_unit(
    classes: Sequence[str], target: str, layer: str, unit: int, add: bool
) -> dict[str, str]:
    """Return the parameters that a click on a unit sets.

    Args:
        classes: of the model.
        target: the present value.
        layer, unit: the unit that is clicked.
        add: mix it with the present target, or remove it if it is part of that.
    """
    word = write_unit(classes, layer, unit)
    if not add:
        return {"target": word}
    terms = written_terms(classes, target)
    kept = [term for term in terms if term.name not in (word, AUTO)]
    if len(kept) == len(terms) or not kept:
        kept.append(WrittenTerm(word))
    return {"target": write_target(kept)}


def written_terms(classes: Sequence[str], target: str) -> list[WrittenTerm]:
    """Return the terms of a target as it is written; a class may have any name, also a mix's."""
    return [WrittenTerm(target)] if target in classes else list(split_target(target))


def weigh_term(classes: Sequence[str], target: str, name: str, weight: float) -> dict[str, str]:
    """Return `target` with another weight of one of its terms; 0 takes the term out of the mix."""
    terms = [
        replace(term, weight=weight) if term.name == name else term
        for term in written_terms(classes, target)
    ]
    return {"target": write_target(terms) or AUTO}


def aimed_layers(layers: Layers, layer: str) -> dict[str, float]:
    """Return the chosen layers with their weights; none if `layer` is not valid."""
    try:
        return parse_layers(layer, layers)
    except InnerearError:
        return {}


def aimed_units(
    layers: Layers, classes: Sequence[str], layer: str, target: str
) -> dict[str, dict[int, float]]:
    """Return the units that a target names, layer -> unit -> weight; none if it is not valid."""
    try:
        terms = parse_target(target, layers, classes, aimed_layers(layers, layer))
    except InnerearError:
        return {}
    found: dict[str, dict[int, float]] = {}
    for term in terms:
        for each in term.layers:
            for unit in term.units:
                found.setdefault(each, {})[unit] = term.weight
    return found
