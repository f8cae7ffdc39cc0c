import numpy as np
import pytest

from innerear.engine.errors import InnerearError, ModelError
from innerear.engine.packs.manifest import LayerInfo
from innerear.engine.targets.grammar import (
    WrittenTerm,
    parse_layers,
    split_target,
    write_target,
)
from innerear.engine.targets.target import Target
from innerear.engine.targets.target_mix import blend, on_layer

LAYERS = {
    name: LayerInfo(name=name, units=units, hop=1, receptive_field=1)
    for name, units in (("conv1", 4), ("conv2", 3), ("output", 2))
}
CLASSES = ("Brass", "Snare drum")


def _activations(**values: list[float]) -> dict[str, np.ndarray]:
    return {name: np.array(value, np.float32) for name, value in values.items()}


def test_layers_have_weights() -> None:
    assert parse_layers("conv1, output:0.25", LAYERS) == {"conv1": 1.0, "output": 0.25}


def test_a_layer_of_several_networks_is_that_of_the_first_that_has_it() -> None:
    one = LAYERS["conv1"]
    several = {"a.conv1": one, "a.conv2": one, "b.conv1": one, "b.conv3": one, "output": one}
    assert parse_layers("conv1,conv3:0.5,b.conv1,output", several) == {
        "a.conv1": 1.0, "b.conv3": 0.5, "b.conv1": 1.0, "output": 1.0
    }  # fmt: skip
    with pytest.raises(ModelError, match="no layer 'conv4'"):
        parse_layers("conv4", several)


def test_auto_takes_each_layers_strongest_unit() -> None:
    target = Target(LAYERS, CLASSES, "conv1,conv2:0.5", "auto")
    found = target.directions(_activations(conv1=[1, 5, 2, 0], conv2=[0, 0, 3]))
    np.testing.assert_array_equal(found["conv1"], [0, 1, 0, 0])
    np.testing.assert_array_equal(found["conv2"], [0, 0, 0.5])
    assert target.label() == "conv1 unit 1, conv2 unit 2"


def test_auto_does_not_flicker_between_two_close_units() -> None:
    target = Target(LAYERS, CLASSES, "output", "auto")
    labels = []
    for scores in ([0.50, 0.49], [0.50, 0.52], [0.50, 0.55], [0.50, 0.70], [0.69, 0.70]):
        target.directions(_activations(output=scores))
        labels.append(target.label())
    assert labels == ["Brass"] * 3 + ["Snare drum"] * 2


def test_a_class_is_found_by_its_name_in_any_case_and_on_any_layer() -> None:
    target = Target(LAYERS, CLASSES, "conv1", "snare DRUM")
    found = target.directions(_activations(output=[0.9, 0.1]))
    assert list(found) == ["output"]
    np.testing.assert_array_equal(found["output"], [0, 1])
    assert target.label() == "Snare drum"


def test_energy_climbs_where_the_layer_already_is() -> None:
    target = Target(LAYERS, CLASSES, "conv2", "energy")
    found = target.directions(_activations(conv2=[3, 0, 4]))
    np.testing.assert_allclose(found["conv2"], [0.6, 0, 0.8])
    assert not target.directions(_activations(conv2=[0, 0, 0]))["conv2"].any()
    assert target.label() == "energy of conv2"


@pytest.mark.parametrize(
    ("layer", "target", "words"),
    [
        ("conv9", "auto", "conv1"),
        ("conv1:loud", "auto", "number"),
        ("conv1:nan", "auto", "number"),
        ("", "auto", "no layer"),
        ("conv1", "4", "units 0 to 3"),
        ("conv1,conv2", "3", "units 0 to 2"),
        ("conv1", "snare", "Snare drum"),
        ("conv1", "-1", "no target"),
    ],
)
def test_what_the_model_does_not_know_is_refused(layer: str, target: str, words: str) -> None:
    with pytest.raises(InnerearError, match=words):
        Target(LAYERS, CLASSES, layer, target)


MIXED_CLASSES = ("Child speech, kid speaking", "Hip-Hop/Rap", "Kick + Snare", "Brass")


def _mixed(layer: str, target: str) -> Target:
    layers = {**LAYERS, "output": LAYERS["output"].model_copy(update={"units": 4})}
    return Target(layers, MIXED_CLASSES, layer, target)


def test_a_mix_adds_the_directions_of_its_terms() -> None:
    target = _mixed("conv1", "output/Brass*0.75 + conv2/1*0.25 + 3 + brass*-0.5")
    found = target.directions(
        _activations(conv1=[0, 0, 0, 0], conv2=[0, 0, 0], output=[0, 0, 0, 0])
    )
    np.testing.assert_array_equal(found["output"], [0, 0, 0, 0.25])
    np.testing.assert_array_equal(found["conv2"], [0, 0.25, 0])
    np.testing.assert_array_equal(found["conv1"], [0, 0, 0, 1])
    assert target.label() == "0.75 Brass + 0.25 conv2 unit 1 + 1 conv1 unit 3 + -0.5 Brass"


def test_auto_and_energy_may_be_terms() -> None:
    target = _mixed("conv1", "auto*0.5 + conv2/energy*0.5 + conv1,conv2:0.5/auto")
    found = target.directions(_activations(conv1=[0, 2, 0, 0], conv2=[3, 0, 4]))
    np.testing.assert_allclose(found["conv1"], [0, 1.5, 0, 0])
    np.testing.assert_allclose(found["conv2"], [0.3, 0, 0.4 + 0.5])


@pytest.mark.parametrize("name", MIXED_CLASSES)
def test_a_class_may_have_any_name(name: str) -> None:
    assert _mixed("conv1", name).label() == name


def test_names_with_commas_and_slashes_may_be_terms() -> None:
    target = _mixed("conv1", "Child speech, kid speaking*0.5 + output/Hip-Hop/Rap*0.25")
    found = target.directions(_activations(output=[0, 0, 0, 0]))
    np.testing.assert_array_equal(found["output"], [0.5, 0.25, 0, 0])


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("Brass*loud + auto", "'Brass' has the weight 'loud'"),
        ("Brass*inf", "weight 'inf'"),
        ("Brass + ", "without a name"),
        ("*0.5", "without a name"),
        ("Brass + Bras", "no target 'Bras'. Did you mean Brass"),
        ("conv9/Brass + auto", "no layer 'conv9'. .*conv1"),
        ("conv2/3 + auto", "'conv2' has units 0 to 2, not 3"),
        ("conv2/", "no target ''"),
    ],
)
def test_a_wrong_term_of_a_mix_is_named(target: str, words: str) -> None:
    with pytest.raises(InnerearError, match=words):
        _mixed("conv1", target)


def test_a_written_mix_reads_as_what_it_was() -> None:
    terms = (
        WrittenTerm("conv5/12", 0.3),
        WrittenTerm("Child speech, kid speaking", 1.0),
        WrittenTerm("auto", -0.125),
    )
    text = write_target((*terms, WrittenTerm("nothing", 0.0)))
    assert text == "conv5/12*0.3 + Child speech, kid speaking + auto*-0.125"
    assert split_target(text) == terms
    assert on_layer(WrittenTerm("Brass", 0.5), "conv5:2") == WrittenTerm("conv5:2/Brass", 0.5)
    assert on_layer(terms[0], "output") == terms[0]
    assert blend([(terms[:1], 0.5), ((WrittenTerm("auto"), WrittenTerm("conv5/12")), 0.25)]) == (
        "conv5/12*0.4 + auto*0.25"
    )


def test_sound_climbs_towards_what_the_layer_hears_in_the_target_sound() -> None:
    target = Target(LAYERS, CLASSES, "conv2,output:0.5", "sound*0.5 + Brass")
    own = _activations(conv2=[1, 1, 1], output=[0.1, 0.9])
    found = target.directions(own, _activations(conv2=[3, 0, 4], output=[0, 2]))
    np.testing.assert_allclose(found["conv2"], [0.3, 0, 0.4])
    np.testing.assert_allclose(found["output"], [1, 0.25])
    assert target.sound_layers == {"conv2", "output"}
    assert target.label("bell.wav") == "0.5 what bell.wav sounds like + 1 Brass"
    assert not target.is_automatic


def test_a_silent_target_sound_asks_for_nothing() -> None:
    target = Target(LAYERS, CLASSES, "conv2", "sound")
    for silence in ({}, None, _activations(conv2=[0, 0, 0])):
        found = target.directions(_activations(conv2=[3, 0, 4]), silence)
        np.testing.assert_array_equal(found["conv2"], [0, 0, 0])
