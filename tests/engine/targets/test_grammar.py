"""One grammar: every spelling that was ever accepted has one meaning, and all readers agree."""

from types import SimpleNamespace

import numpy as np
import pytest

from innerear.engine.analysis.auralise import find_unit
from innerear.engine.errors import InnerearError
from innerear.engine.packs.manifest import LayerInfo
from innerear.engine.targets.grammar import (
    Term,
    parse_layers,
    parse_list,
    parse_target,
    split_target,
    write_layers,
    write_target,
    write_unit,
)
from innerear.engine.targets.objectives import parse_mix, parse_units
from innerear.engine.targets.target import Target
from innerear.engine.targets.target_mix import implied_target, uses_sound
from innerear.gui.network.aim import aimed_units

CLASSES = (
    "Brass",
    "Bass",
    "Child speech, kid speaking",
    "Hip-Hop/Rap",
    "Kick + Snare",
    "Take: two",
    "7",
    "Allegro",
)
LAYERS = {
    name: LayerInfo(name=name, units=units, hop=1, receptive_field=1)
    for name, units in (("conv2", 4), ("conv5", 16), ("output", len(CLASSES)))
}
NETWORK = SimpleNamespace(layers=LAYERS, classes=CLASSES)
ON = {"conv2": 1.0, "conv5": 0.5}
"""Where the terms of targets here lie that name no layer."""

Meaning = tuple[str, dict[str, float], tuple[int, ...], float]


def meaning(term: Term) -> Meaning:
    return term.kind, dict(term.layers), term.units, term.weight


def of_class(unit: int, weight: float = 1.0) -> Meaning:
    return "units", {"output": 1.0}, (unit,), weight


def on(layer: str, *units: int, weight: float = 1.0) -> Meaning:
    return "units", {layer: 1.0}, units, weight


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("auto", [("auto", ON, (), 1.0)]),
        ("energy", [("energy", ON, (), 1.0)]),
        ("3", [("units", ON, (3,), 1.0)]),
        ("7", [of_class(6)]),  # a class of that name comes before the number
        ("Brass", [of_class(0)]),
        ("bRASS", [of_class(0)]),
        ("Brass*0.5", [of_class(0, 0.5)]),
        ("Brass*0", [of_class(0, 0.0)]),
        ("output/Brass", [of_class(0)]),
        ("conv5/Brass", [of_class(0)]),  # a class lies on `output` whatever is said
        ("conv5:2/Brass", [of_class(0)]),
        ("conv5/12", [on("conv5", 12)]),
        ("output/7", [of_class(6)]),
        ("conv2/auto", [("auto", {"conv2": 1.0}, (), 1.0)]),
        ("conv2,conv5:0.5/energy*-1", [("energy", {"conv2": 1.0, "conv5": 0.5}, (), -1.0)]),
        ("output/Brass*0.7 + conv5/12*0.3", [of_class(0, 0.7), on("conv5", 12, weight=0.3)]),
        ("Brass + Brass", [of_class(0), of_class(0)]),
        ("Child speech, kid speaking", [of_class(2)]),
        ("Hip-Hop/Rap", [of_class(3)]),
        ("output/Hip-Hop/Rap*0.25 + auto", [of_class(3, 0.25), ("auto", ON, (), 1.0)]),
        ("Kick + Snare", [of_class(4)]),
        ("Take: two*2 + Bass", [of_class(5, 2.0), of_class(1)]),
    ],
)
def test_the_spellings_of_targets(text: str, terms: list[Meaning]) -> None:
    assert [meaning(term) for term in parse_target(text, LAYERS, CLASSES, ON)] == terms
    target = Target(LAYERS, CLASSES, write_layers(ON), text)
    assert target.is_automatic == all(term[0] != "units" for term in terms)
    marks: dict[str, dict[int, float]] = {}
    for _, layers, units, weight in terms:
        for layer in layers:
            for unit in units:
                marks.setdefault(layer, {})[unit] = weight
    assert aimed_units(LAYERS, CLASSES, write_layers(ON), text) == marks


@pytest.mark.parametrize(
    ("layer", "text", "terms"),
    [
        # `innerear maximise MODEL LAYER`
        (None, "output:Brass=1,conv5:12=0.5", [of_class(0), on("conv5", 12, weight=0.5)]),
        (None, "Brass", [of_class(0)]),
        (None, "br", [of_class(0)]),
        (None, "conv5:3=-2", [on("conv5", 3, weight=-2.0)]),
        (None, "7", [on("output", 7)]),  # the number comes before a class of that name
        (None, "all", [of_class(7)]),
        (None, "child", [of_class(2)]),
        (None, "hip-hop/r", [of_class(3)]),
        (None, "output:hip-hop/r", [of_class(3)]),
        (None, "take: t", [of_class(5)]),
        (None, "Child speech, kid speaking=0.5,Brass", [of_class(2, 0.5), of_class(0)]),
        (None, "conv5:3, output:Take: two", [on("conv5", 3), of_class(5)]),
        # what targets alone could spell before
        (None, "output/Brass*0.7 + conv5/12*0.3", [of_class(0, 0.7), on("conv5", 12, weight=0.3)]),
        (None, "Kick + Snare*0.5 + conv5/3", [of_class(4, 0.5), on("conv5", 3)]),
        (None, "conv2,conv5:0.5/3", [("units", {"conv2": 1.0, "conv5": 0.5}, (3,), 1.0)]),
        (None, "conv5/1-3", [on("conv5", 1, 2, 3)]),
        (None, "conv2/all", [on("conv2", 0, 1, 2, 3)]),
        (None, "conv2/auto", [("auto", {"conv2": 1.0}, (), 1.0)]),
        # `innerear maximise MODEL LAYER UNIT`, `innerear auralise --layer --unit`
        ("conv5", "7", [on("conv5", 7)]),
        ("conv5", "3, 7,12", [on("conv5", 3), on("conv5", 7), on("conv5", 12)]),
        ("conv5", "2-4,9", [on("conv5", 2, 3, 4), on("conv5", 9)]),
        ("conv2", "all", [on("conv2", 0, 1, 2, 3)]),
        ("output", "ALL", [on("output", *range(8))]),
        ("output", "all, 1", [of_class(7), of_class(1)]),
        ("output", "brass,Child speech, kid speaking,1", [of_class(0), of_class(2), of_class(1)]),
        ("output", "7", [on("output", 7)]),
    ],
)
def test_the_spellings_of_lists(layer: str | None, text: str, terms: list[Meaning]) -> None:
    found = parse_list(text, LAYERS, CLASSES, layer)
    assert [meaning(term) for term in found] == terms
    units = [unit for term in found for unit in term.units]
    if layer is not None:
        weights = [list(each.weights) for each in parse_units(NETWORK, layer, text)]
        assert weights == [[(layer, unit)] for unit in units]
        if len(units) == 1:
            assert find_unit(NETWORK, layer, text) == units[0]
    elif all(len(term.units) == 1 for term in found):
        weights = {
            (layer, unit): share * weight
            for _, layers, (unit,), weight in terms
            for layer, share in layers.items()
        }
        assert parse_mix(NETWORK, text).weights == weights


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("conv5", {"conv5": 1.0}),
        ("conv5,output:0.5", {"conv5": 1.0, "output": 0.5}),
        (" conv2:0 , conv5:-1e1", {"conv2": 0.0, "conv5": -10.0}),
    ],
)
def test_the_spellings_of_layers(text: str, weights: dict[str, float]) -> None:
    found = parse_layers(text, LAYERS)
    assert found == weights
    assert parse_layers(write_layers(found), LAYERS) == weights


@pytest.mark.parametrize(
    "text", ["output/Brass*0.7 + conv5/12*0.3", "Brass", "conv5/3*-2 + Hip-Hop/Rap", "output/1"]
)
def test_a_target_that_names_units_is_an_objective_too(text: str) -> None:
    target = Target(LAYERS, CLASSES, "output", text)
    activations = {name: np.zeros(layer.units, np.float32) for name, layer in LAYERS.items()}
    expected = {
        (layer, unit): float(direction[unit])
        for layer, direction in target.directions(activations).items()
        for unit in np.flatnonzero(direction)
    }
    assert parse_mix(NETWORK, text).weights == pytest.approx(expected)


@pytest.mark.parametrize(("layer", "unit"), [("conv5", 12), ("output", 3), ("output", 2)])
def test_every_unit_can_be_written(layer: str, unit: int) -> None:
    text = write_unit(CLASSES, layer, unit)
    (term,) = parse_target(text, LAYERS, CLASSES, ON)
    assert meaning(term) == on(layer, unit)
    (term,) = parse_list(text, LAYERS, CLASSES)
    assert meaning(term) == on(layer, unit)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("conv5:12", "There is no target 'conv5:12': write conv5/12"),
        ("Bras", "There is no target 'Bras'. Did you mean Brass"),
        ("1-3", "There is no target '1-3'"),
    ],
)
def test_targets_that_cannot_be(text: str, words: str) -> None:
    with pytest.raises(InnerearError, match=words):
        parse_target(text, LAYERS, CLASSES, ON)


@pytest.mark.parametrize(
    ("layer", "text", "words"),
    [
        (None, "auto", "'auto' depends on the sound: name a unit or a class"),
        (None, "conv2,conv5/all", "name one layer"),
        (None, "conv2,conv5/9", "'conv2' has units 0 to 3, not 9"),
        (None, "conv9/3", "no layer 'conv9'. Did you mean"),
        (None, "Brass*0", "other than 0"),
        (None, "conv5", "Which unit of 'conv5'"),
        ("conv5", "3*0.5", "units of 'conv5' alone, without weights"),
        ("conv5", "conv2/3", "units of 'conv5' alone"),
        ("conv5", "auto", "units of 'conv5' alone"),
        ("conv9", "3", "no layer 'conv9'"),
    ],
)
def test_objectives_that_cannot_be(layer: str | None, text: str, words: str) -> None:
    def read() -> None:
        if layer is None:
            parse_mix(NETWORK, text)
        else:
            parse_units(NETWORK, layer, text)

    with pytest.raises(InnerearError, match=words):
        read()


@pytest.mark.parametrize("unit", ["1,2", "all", "0-3", "3*0.5", "conv2/3", "auto"])
def test_one_unit_is_one(unit: str) -> None:
    with pytest.raises(InnerearError, match="write one unit of 'conv5'"):
        find_unit(NETWORK, "conv5", unit)


@pytest.mark.parametrize(
    "text", ["sound", "output/sound*0.7 + Brass*0.3", "conv5,output:0.5/sound"]
)
def test_the_target_sound_is_a_target_like_others(text: str) -> None:
    first = parse_target(text, LAYERS, CLASSES, {"output": 1.0})[0]
    assert (first.kind, first.units) == ("sound", ())
    assert uses_sound(text)
    assert write_target(split_target(text)) == text


def test_a_class_called_sound_is_that_class() -> None:
    (term,) = parse_target("sound", LAYERS, ("Noise", "Sound"), {"output": 1.0})
    assert (term.kind, term.units) == ("units", (1,))


@pytest.mark.parametrize(
    ("values", "before", "implied"),
    [
        ({}, {}, {"target": "sound"}),
        ({}, {"target": "Brass"}, {"target": "sound"}),
        ({}, {"target": "sound*0.5 + Brass"}, {}),
        ({"target": "Brass"}, {}, {}),
    ],
)
def test_a_target_sound_alone_implies_the_target(
    values: dict[str, str], before: dict[str, str], implied: dict[str, str]
) -> None:
    assert implied_target(values, before) == implied
