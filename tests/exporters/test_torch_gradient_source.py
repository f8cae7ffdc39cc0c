"""The torch reference on a network small enough to be worked out on paper."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from innerear.engine.packs.manifest import LayerInfo
from innerear.exporters.torch_gradient_source import TorchGradientSource

LAYERS = {
    name: LayerInfo(name=name, units=units, hop=1, receptive_field=1)
    for name, units in (("hidden", 3), ("output", 1))
}


class Toy(nn.Module):
    """f = relu(W x), output = v f: three samples, three units, one class."""

    sample_rate, window, classes = 16_000, 3, ("One",)

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.weight = torch.tensor([[1.0, 0, 0], [0, -1, 0], [0, 0, 2]])
        self.vector = torch.tensor([[1.0, 1, -1]])

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        hidden = self.relu(waveform @ self.weight.T)
        return {
            "hidden": hidden.unsqueeze(2),
            "output": (hidden @ self.vector.T).unsqueeze(2),
        }

    def scores(self, output: Tensor) -> Tensor:
        return output.sigmoid()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("gradient", [1, 0, -2]),  # unit 1 is off: its input is -1
        ("deconv", [1, -1, 0]),  # unit 2 gets a negative gradient
        ("guided", [1, 0, 0]),
    ],
)
def test_each_rule_is_its_definition(rule: str, expected: list[float]) -> None:
    source = TorchGradientSource(Toy(), LAYERS)
    waveform = np.array([1, 1, 1], np.float32)
    found = source.gradient(waveform, {"output": np.ones(1, np.float32)}, rule)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.waveform, expected)
    assert found.objective == pytest.approx(-1.0)
    np.testing.assert_allclose(found.activations["hidden"], [1, 0, 2])
    np.testing.assert_allclose(found.activations["output"], 1 / (1 + np.e), rtol=1e-6)


def test_no_direction_gives_no_gradient() -> None:
    found = TorchGradientSource(Toy(), LAYERS).gradient(np.ones(3, np.float32), {}, "gradient")
    assert not found.waveform.any()


def test_a_rule_ends_whatever_happens() -> None:
    class Failing(Toy):
        def forward(self, waveform: Tensor) -> dict[str, Tensor]:
            super().forward(waveform)
            raise RuntimeError

    waveform, direction = np.ones(3, np.float32), {"output": np.ones(1, np.float32)}
    with pytest.raises(RuntimeError):
        TorchGradientSource(Failing(), LAYERS).gradient(waveform, direction, "guided")
    toy = Toy()
    hidden = torch.ones(1, 3, requires_grad=True)
    toy(hidden)["output"].sum().backward()
    np.testing.assert_allclose(hidden.grad, [[1, 0, -2]])
    assert not toy.relu._backward_hooks


@pytest.mark.parametrize("rule", ["gradient", "deconv", "guided"])
def test_functions_follow_the_rules_as_modules_do(rule: str) -> None:
    """A stream's rules once acted on modules `nn.ReLU` alone."""

    class Functional(Toy):
        def forward(self, waveform: Tensor) -> dict[str, Tensor]:
            hidden = torch.relu(waveform @ self.weight.T)
            return {
                "hidden": hidden.unsqueeze(2),
                "output": (hidden @ self.vector.T).unsqueeze(2),
            }

    waveform, direction = np.ones(3, np.float32), {"output": np.ones(1, np.float32)}
    found, expected = (
        TorchGradientSource(toy, LAYERS).gradient(waveform, direction, rule)  # type: ignore[arg-type]
        for toy in (Functional(), Toy())
    )
    np.testing.assert_array_equal(found.waveform, expected.waveform)


def test_a_batch_is_its_windows() -> None:
    source = TorchGradientSource(Toy(), LAYERS)
    waveforms = np.array([[1, 1, 1], [1, -1, 0.5]], np.float32)
    directions = {"hidden": np.eye(3, dtype=np.float32)[:2]}
    objective, gradient = source.value_and_grad(waveforms, directions)
    for row, waveform in enumerate(waveforms):
        found = source.gradient(waveform, {"hidden": directions["hidden"][row]})
        assert objective[row] == found.objective
        np.testing.assert_array_equal(gradient[row], found.waveform)
