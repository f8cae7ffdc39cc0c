"""Objectives add and multiply, and are read from words."""

from types import SimpleNamespace

import numpy as np
import pytest

from innerear.engine.errors import ModelError, ParameterError
from innerear.engine.packs.manifest import LayerInfo
from innerear.engine.targets.objectives import Objective, directions, parse_mix, parse_units, unit

CLASSES = ("Brass", "Bass", "Child speech, kid speaking", "Speech")
NETWORK = SimpleNamespace(
    layers={
        name: LayerInfo(name=name, units=units, hop=1, receptive_field=1)
        for name, units in (("conv5", 16), ("output", len(CLASSES)))
    },
    classes=CLASSES,
)


def weights(text: str) -> dict[tuple[str, int], float]:
    return dict(parse_mix(NETWORK, text).weights)


def units(layer: str, text: str) -> list[int]:
    return [index for each in parse_units(NETWORK, layer, text) for _, index in each.weights]


def test_arithmetic_is_that_of_the_activations() -> None:
    generator = np.random.default_rng(0)
    activations = {
        "conv5": generator.standard_normal((3, 16)).astype(np.float32),
        "output": generator.standard_normal((3, 4)).astype(np.float32),
    }
    one, other = unit(NETWORK, "conv5", 3), unit(NETWORK, "output", 1)
    expected = 0.5 * activations["conv5"][:, 3] - 2 * activations["output"][:, 1]
    np.testing.assert_allclose((0.5 * one - other * 2)(activations), expected, rtol=1e-6)
    np.testing.assert_allclose((one + one)(activations), 2 * activations["conv5"][:, 3], rtol=1e-6)
    np.testing.assert_allclose((-one)(activations), -activations["conv5"][:, 3])
    assert (one + other).name == "conv5:3 + Bass"
    assert (0.5 * (one + other)).name == "0.5 (conv5:3 + Bass)"


def test_directions_of_a_batch() -> None:
    mixed = unit(NETWORK, "conv5", 2) - unit(NETWORK, "output", 0)
    found = directions([unit(NETWORK, "conv5", 5), mixed], NETWORK.layers)
    expected = np.zeros((2, 16), np.float32)
    expected[0, 5] = expected[1, 2] = 1
    np.testing.assert_array_equal(found["conv5"], expected)
    np.testing.assert_array_equal(found["output"], [[0, 0, 0, 0], [-1, 0, 0, 0]])


def test_units_in_words() -> None:
    assert units("conv5", "7") == [7]
    assert units("conv5", "3, 7,12") == [3, 7, 12]
    assert units("conv5", "2-4,9,3") == [2, 3, 4, 9]
    assert units("conv5", "all") == list(range(16))
    assert units("output", "brass,Child speech, kid speaking,1") == [0, 2, 1]
    assert units("output", "child") == [2]


def test_mixes_in_words() -> None:
    assert weights("output:Brass=1,conv5:12=0.5") == {("output", 0): 1.0, ("conv5", 12): 0.5}
    assert weights("Brass") == {("output", 0): 1.0}
    assert weights("conv5:3=-2") == {("conv5", 3): -2.0}
    assert weights("Child speech, kid speaking=0.5,Brass") == {
        ("output", 2): 0.5,
        ("output", 0): 1.0,
    }
    assert isinstance(parse_mix(NETWORK, "conv5:1"), Objective)


@pytest.mark.parametrize(
    ("layer", "text", "words"),
    [
        ("conv5", "16", "units 0 to 15, not 16"),
        ("conv5", "3-99", "units 0 to 15, not 99"),
        ("conv5", "9-3", "the smaller unit first"),
        ("conv5", "Brass", "units 0 to 15, not 'Brass'"),
        ("conv5", "-1", "units 0 to 15, not '-1'"),
        ("conv5", "", "units 0 to 15, not ''"),
        ("cnv5", "1", "Did you mean conv5"),
        ("output", "Bras, Bss", "There is no class 'Bss'. Did you mean Bass"),
        ("output", "B", "There is no class 'B'. Did you mean Brass, Bass"),
    ],
)
def test_units_that_are_not_there(layer: str, text: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        parse_units(NETWORK, layer, text)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("conv5", ModelError, "Which unit of 'conv5'"),
        ("conv5:3=x", ParameterError, "weight 'x'"),
        ("conv5:3=nan", ParameterError, "weight 'nan'"),
        ("conv5:3=0", ParameterError, "other than 0"),
        ("conv5:1-3", ModelError, "one by one"),
        ("cnv5:3", ModelError, "Did you mean conv5"),
        ("", ModelError, "There is no class ''"),
    ],
)
def test_mixes_that_cannot_be(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        parse_mix(NETWORK, text)
