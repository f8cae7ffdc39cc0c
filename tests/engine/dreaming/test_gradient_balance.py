"""Layers excited together pull equally hard."""

from collections.abc import Mapping

import numpy as np
import pytest

from innerear.engine.dreaming.gradient_balance import REFRESH_UPDATES, GradientBalance
from innerear.engine.packs.manifest import LayerInfo
from innerear.engine.packs.network import Gradient

HEARD = np.ones(4, np.float32)


class Linear:
    """A network whose layers' gradients have sizes that are known."""

    sample_rate, window, classes = 16_000, 4, ("A", "B")
    layers: Mapping[str, LayerInfo] = {}

    def __init__(self, **sizes: float) -> None:
        self.sizes = sizes
        self.calls: list[str] = []

    def gradient(
        self, waveform: np.ndarray, directions: Mapping[str, np.ndarray], rule: str = "gradient"
    ) -> Gradient:
        self.calls += directions
        gradient = np.zeros(4, np.float32)
        for at, (name, size) in enumerate(self.sizes.items()):
            if name in directions:
                gradient[at] = size * np.linalg.norm(directions[name])
        return Gradient(0.0, gradient, {})


def _unit(weight: float = 1.0) -> np.ndarray:
    return np.array([0, weight], np.float32)


def test_weights_become_the_gradients_shares() -> None:
    network = Linear(conv1=0.1, output=25.0)
    directions = GradientBalance(network).equalise(
        {"conv1": _unit(0.75), "output": _unit(0.25)}, HEARD, "gradient"
    )
    gradient = network.gradient(HEARD, directions).waveform
    assert gradient[0] / gradient[1] == pytest.approx(3.0)
    assert directions["conv1"][1] * directions["output"][1] == pytest.approx(0.75 * 0.25)


def test_one_layer_alone_costs_nothing() -> None:
    network = Linear(conv1=0.1, output=25.0)
    directions = {"conv1": _unit(), "output": _unit(0.0)}
    found = GradientBalance(network).equalise(directions, HEARD, "gradient")
    assert network.calls == []
    assert found == directions


def test_sizes_are_followed_at_little_cost() -> None:
    network = Linear(conv1=1.0, output=1.0)
    balance = GradientBalance(network)
    directions = {"conv1": _unit(), "output": _unit()}
    balance.equalise(directions, HEARD, "gradient")
    assert network.calls == ["conv1", "output"]
    network.sizes["output"] = 100.0
    rounds = 20 * 2 * REFRESH_UPDATES
    for _ in range(rounds):
        found = balance.equalise(directions, HEARD, "gradient")
    assert found["conv1"][1] / found["output"][1] == pytest.approx(100.0, rel=0.01)
    assert len(network.calls) == 2 + rounds // REFRESH_UPDATES


@pytest.mark.parametrize("size", [0.0, np.nan, np.inf])
def test_a_layer_without_a_gradient_is_left_as_it_is(size: float) -> None:
    network = Linear(conv1=size, output=25.0)
    directions = {"conv1": _unit(), "output": _unit()}
    found = GradientBalance(network).equalise(directions, HEARD, "gradient")
    assert found["conv1"][1] == found["output"][1] == 1.0
    network.sizes["conv1"] = 1.0
    found = GradientBalance(network).equalise(directions, HEARD, "gradient")
    assert found["conv1"][1] / found["output"][1] == pytest.approx(25.0)
