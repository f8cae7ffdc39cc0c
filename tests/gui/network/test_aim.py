"""Clicks set layer and target, and these are marked."""

import pytest

from innerear.engine.packs.pack import Pack, load_pack
from innerear.gui.network import aim
from innerear.gui.network.aim_words import in_words


def pack() -> Pack:
    return load_pack("samplecnn-instruments")


def test_every_value_that_a_click_sets_can_be_read() -> None:
    layers, classes = pack().layers, pack().classes
    target = "auto"
    for layer, unit in (("conv5", 12), ("output", 14), ("conv1", 0)):
        target = aim.choose_unit(classes, target, layer, unit, add=True)["target"]
    assert target == "conv5/12 + Brass + conv1/0"
    marks = aim.aimed_units(layers, classes, "output", target)
    assert marks == {"conv5": {12: 1.0}, "output": {14: 1.0}, "conv1": {0: 1.0}}


def test_an_index_alone_lies_on_all_dream_layers() -> None:
    marks = aim.aimed_units(pack().layers, pack().classes, "conv1,conv2", "3*0.5")
    assert marks == {"conv1": {3: 0.5}, "conv2": {3: 0.5}}


def test_values_of_another_model_mark_nothing() -> None:
    layers, classes = pack().layers, pack().classes
    assert aim.aimed_layers(layers, "block7") == {}
    assert aim.aimed_units(layers, classes, "output", "Whistle") == {}
    assert aim.aimed_units(layers, classes, "output", "auto") == {}


def test_weights_stay_in_range() -> None:
    layers = pack().layers
    assert aim.weigh_layer(layers, "conv1:0.1,conv2", "conv1", -0.3) == {"layer": "conv1:0,conv2"}
    assert aim.weigh_layer(layers, "conv1", "conv1", 5) == {"layer": "conv1:2"}
    assert aim.weigh_layer(layers, "conv1", "conv2", 0.1) == {"layer": "conv1"}


def test_a_target_sound_stays_when_a_layer_is_chosen_or_a_unit_added() -> None:
    layers, classes = pack().layers, pack().classes
    assert aim.choose_layer(layers, "output", "sound", "conv5", add=False) == {"layer": "conv5"}
    assert aim.choose_layer(layers, "output", "Brass", "conv5", add=False)["target"] == "auto"
    assert aim.choose_unit(classes, "sound", "output", 14, add=True) == {"target": "sound + Brass"}
    assert aim.aimed_units(layers, classes, "output", "sound") == {}


def test_energy_stays_in_a_mix_and_the_weights_of_a_mix_are_chosen() -> None:
    classes = pack().classes
    target = aim.choose_unit(classes, "energy", "output", 14, add=True)["target"]
    assert target == "energy + Brass"
    target = aim.weigh_term(classes, target, "energy", 0.5)["target"]
    assert target == "energy*0.5 + Brass"
    target = aim.weigh_term(classes, target, "Brass", -1.0)["target"]
    assert target == "energy*0.5 + Brass*-1"
    assert aim.weigh_term(classes, target, "energy", 0.0) == {"target": "Brass*-1"}
    assert aim.weigh_term(classes, "Brass", "Brass", 0.0) == {"target": "auto"}


@pytest.mark.parametrize(
    ("layer", "target", "words"),
    [
        ("output", "auto", "the strongest class"),
        ("conv5", "auto", "what is strongest in conv5"),
        ("conv5,conv2:0.5", "auto", "what is strongest in conv5 and conv2 (0.5)"),
        ("output", "energy", "all classes"),
        ("conv5", "energy", "all of conv5"),
        ("conv5", "sound", "what conv5 hears in voice.wav"),
        ("output", "Brass", "Brass"),
        ("output", "14", "Brass"),
        ("conv5", "12", "unit 12 of conv5"),
        (
            "output",
            "Brass*0.7 + conv5/12*0.3 + energy*-1",
            "Brass (0.7), unit 12 of conv5 (0.3) and not all classes",
        ),
        ("block7", "Whistle", "Whistle on block7"),
    ],
)
def test_what_is_dreamed_of_is_said_in_words(layer: str, target: str, words: str) -> None:
    layers, classes = pack().layers, pack().classes
    assert in_words(layers, classes, layer, target, "/home/me/voice.wav") == words


def test_without_a_file_the_target_sound_is_the_sidechain() -> None:
    words = in_words(pack().layers, pack().classes, "conv1", "sound", "")
    assert words == "what conv1 hears in the sidechain"
