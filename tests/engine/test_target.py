import numpy as np
import pytest

from innerear.engine.errors import InnerearError
from innerear.engine.manifest import LayerInfo
from innerear.engine.target import Target, parse_layers

LAYERS = {
    name: LayerInfo(name=name, units=units, hop=1, receptive_field=1)
    for name, units in (("conv1", 4), ("conv2", 3), ("output", 2))
}
CLASSES = ("Brass", "Snare drum")


def _activations(**values: list[float]) -> dict[str, np.ndarray]:
    return {name: np.array(value, np.float32) for name, value in values.items()}


def test_layers_have_weights() -> None:
    assert parse_layers("conv1, output:0.25", LAYERS) == {"conv1": 1.0, "output": 0.25}


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
