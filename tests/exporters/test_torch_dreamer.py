"""The torch reference on a network small enough to be worked out on paper."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from innerear.engine.packs.manifest import LayerInfo
from innerear.exporters.torch_dreamer import TorchDreamer, relu_rule

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
    dreamer = TorchDreamer(Toy(), LAYERS)
    waveform = np.array([1, 1, 1], np.float32)
    found = dreamer.dream(waveform, {"output": np.ones(1, np.float32)}, rule)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.waveform, expected)
    assert found.objective == pytest.approx(-1.0)
    np.testing.assert_allclose(found.activations["hidden"], [1, 0, 2])
    np.testing.assert_allclose(found.activations["output"], 1 / (1 + np.e), rtol=1e-6)


def test_no_direction_gives_no_gradient() -> None:
    found = TorchDreamer(Toy(), LAYERS).dream(np.ones(3, np.float32), {}, "gradient")
    assert not found.waveform.any()


def test_hooks_come_off_whatever_happens() -> None:
    toy = Toy()
    with pytest.raises(RuntimeError), relu_rule(toy, "guided"):
        raise RuntimeError
    assert not toy.relu._backward_hooks
