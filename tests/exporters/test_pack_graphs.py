"""The exported graphs against plain torch, against double precision, and against paper."""

import copy
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from innerear.engine.errors import ModelError
from innerear.engine.packs.onnx_runners import RULES
from innerear.engine.packs.sessions.session import open_session
from innerear.engine.packs.shared_tensors import whole_graph
from innerear.exporters import pack_graphs
from innerear.exporters.capture.reference import torch_dream
from innerear.exporters.compare import compare_with_torch, relative_error
from innerear.exporters.pack_graphs import build_graphs, export_pack_graphs
from innerear.models.networks.listener import Listener

from ..thinning import thinned

OFTEN = ("samplecnn", "recurrent")
EACH = thinned((*OFTEN, "spectrogram", "separable", "uneven", "softmax"), OFTEN)


def dream(
    session: Any, waveform: np.ndarray, directions: Mapping[str, np.ndarray], rule: str = "gradient"
) -> dict[str, np.ndarray]:
    """Run a dream graph; layers without a direction get zeros."""
    feeds: dict[str, Any] = {
        "waveform": waveform.astype(np.float32),
        "rule": np.array(RULES[rule], np.int64),
    }
    for each in session.get_inputs():
        if each.name.startswith("direction."):
            zeros = np.zeros((len(waveform), each.shape[1]), np.float32)
            layer = each.name.removeprefix("direction.")
            feeds[each.name] = directions.get(layer, zeros).astype(np.float32)
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def hear(session: Any, waveform: np.ndarray) -> dict[str, np.ndarray]:
    names = [each.name for each in session.get_outputs()]
    found = session.run(names, {"waveform": waveform.astype(np.float32)})
    return dict(zip(names, found, strict=True))


def noise(network: Listener, batch: int, seed: int = 0) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal((batch, network.window))


@pytest.mark.parametrize("name", EACH)
def test_the_graphs_equal_torch_by_every_rule(built: Callable, name: str) -> None:
    each = built(name)
    errors = compare_with_torch(each.network, each.hear_bytes, each.dream_bytes)
    assert max(errors) < 1e-5


@pytest.mark.parametrize("name", EACH)
def test_names_and_shapes_are_those_of_a_pack(built: Callable, name: str) -> None:
    each = built(name)
    window = each.network.window
    with torch.no_grad():
        maps = each.network(torch.zeros(1, window))
    units = {layer: map_.shape[1] for layer, map_ in maps.items()}

    def signature(values: Any) -> list[tuple[str, str, list[object]]]:
        return [(value.name, value.type, value.shape) for value in values]

    floats = "tensor(float)"
    waveform = ("waveform", floats, ["batch", window])
    assert signature(each.hear.get_inputs()) == [waveform]
    assert signature(each.hear.get_outputs()) == [
        (layer, floats, ["batch", map_.shape[1], map_.shape[-1]]) for layer, map_ in maps.items()
    ]
    assert signature(each.dream.get_inputs()) == [
        waveform,
        ("rule", "tensor(int64)", []),
        *((f"direction.{layer}", floats, ["batch", count]) for layer, count in units.items()),
    ]
    assert signature(each.dream.get_outputs()) == [
        ("objective", floats, ["batch"]),
        ("gradient", floats, ["batch", window]),
        *((f"activation.{layer}", floats, ["batch", count]) for layer, count in units.items()),
    ]


@pytest.mark.parametrize("name", EACH)
def test_both_graphs_hear_the_same(built: Callable, name: str) -> None:
    each = built(name)
    waveform = noise(each.network, 2)
    heard = hear(each.hear, waveform)
    found = dream(each.dream, waveform, {})
    for layer, map_ in heard.items():
        np.testing.assert_allclose(found[f"activation.{layer}"], map_.mean(2), rtol=1e-4, atol=1e-6)
    assert heard["output"].min() >= 0
    assert heard["output"].max() <= 1


@pytest.mark.parametrize("name", EACH)
def test_a_batch_is_so_many_single_waveforms(built: Callable, name: str) -> None:
    each = built(name)
    waveform = noise(each.network, 3)
    layer, map_ = list(hear(each.hear, waveform).items())[-2]
    direction = np.random.default_rng(1).standard_normal((3, map_.shape[1]))
    together = dream(each.dream, waveform, {layer: direction})["gradient"]
    for number in range(3):
        one = slice(number, number + 1)
        alone = dream(each.dream, waveform[one], {layer: direction[one]})["gradient"]
        assert relative_error(alone, together[one]) < 1e-5


@pytest.mark.parametrize("name", EACH)
def test_the_gradient_is_the_slope_in_double_precision(built: Callable, name: str) -> None:
    each = built(name)
    generator = np.random.default_rng(3)
    waveform = noise(each.network, 1, seed=4)
    network = copy.deepcopy(each.network).double()
    with torch.no_grad():
        maps = network(torch.from_numpy(waveform))
    directions = {
        layer: generator.standard_normal((1, map_.shape[1])) for layer, map_ in maps.items()
    }
    found = dream(each.dream, waveform, directions)

    def objective(at: np.ndarray) -> float:
        with torch.no_grad():
            heard = network(torch.from_numpy(at))
        means = {layer: map_.flatten(2).mean(2).numpy() for layer, map_ in heard.items()}
        return sum(float((directions[layer] * mean).sum()) for layer, mean in means.items())

    # The objective's terms nearly cancel, so rounding is measured against their size, not its own.
    terms = sum(
        float(np.abs(directions[layer] * map_.flatten(2).mean(2).numpy()).sum())
        for layer, map_ in maps.items()
    )
    assert found["objective"][0] == pytest.approx(objective(waveform), abs=1e-5 * terms)
    for _ in range(4):
        along = generator.standard_normal(waveform.shape)
        step = 1e-7 * along
        slope = (objective(waveform + step) - objective(waveform - step)) / 2e-7
        size = np.linalg.norm(found["gradient"]) * np.linalg.norm(along)
        assert float((found["gradient"] * along).sum()) == pytest.approx(slope, abs=1e-4 * size)


class OnPaper(Listener):
    """Two ReLUs of which each sample meets its own: relu(w relu(x)), then a score of 10 times it.

    Layer `one` has f = relu(x) per sample, layer `two` relu(w f) with w = 2.
    """

    sample_rate = 16_000
    window = 4
    hop = 4
    front_end = "none"
    classes = ("only",)

    def __init__(self, bias: float = 0.0) -> None:
        super().__init__()
        self.bias = bias
        self.two = nn.Conv1d(1, 1, 1, bias=False)
        self.two.weight.data[:] = 2.0

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        one = torch.relu(waveform[:, None])
        two = torch.relu(self.two(one))
        return {"one": one, "two": two, "output": 10 * two.mean(2, keepdim=True) + self.bias}


@pytest.fixture(scope="module")
def on_paper() -> Any:
    """Return the dream graph of `OnPaper`, opened."""
    return open_session(build_graphs(OnPaper().eval())[1].SerializeToString())


@pytest.mark.parametrize(
    ("rule", "up", "down"),
    [
        # x = [1, -1, 0.5, -2]: f > 0 at the first and third sample; g = +-2 / 4 below `two`.
        ("gradient", [0.5, 0, 0.5, 0], [-0.5, 0, -0.5, 0]),
        ("deconv", [0.5, 0.5, 0.5, 0.5], [0, 0, 0, 0]),
        ("guided", [0.5, 0, 0.5, 0], [0, 0, 0, 0]),
    ],
)
def test_the_rules_do_what_they_say_on_paper(
    on_paper: Any, rule: str, up: list, down: list
) -> None:
    waveform = np.array([[1, -1, 0.5, -2]])
    for sign, expected in ((1.0, up), (-1.0, down)):
        found = dream(on_paper, waveform, {"two": np.array([[sign]])}, rule)
        np.testing.assert_allclose(found["gradient"], [expected], atol=1e-6)
        assert found["objective"] == pytest.approx([sign * 0.75])  # (2 + 0 + 1 + 0) / 4


def test_directions_of_several_layers_add_up_on_paper(on_paper: Any) -> None:
    directions = {"one": np.array([[3.0]]), "two": np.array([[1.0]]), "output": np.array([[0.1]])}
    found = dream(on_paper, np.array([[1, -1, 0.5, -2]]), directions)
    # 3 / 4 + 2 / 4 + 0.1 * 10 * 2 / 4 at the two samples that pass.
    np.testing.assert_allclose(found["gradient"], [[1.75, 0, 1.75, 0]], rtol=1e-6)
    assert found["objective"] == pytest.approx([3 * 0.375 + 0.75 + 0.1 * 7.5])


def test_a_sure_class_still_has_a_gradient() -> None:
    hear_bytes, dream_bytes = (
        each.SerializeToString() for each in build_graphs(OnPaper(bias=60.0).eval())
    )
    waveform = np.ones((1, 4))
    assert hear(open_session(hear_bytes), waveform)["output"] == pytest.approx(1.0, abs=1e-7)
    found = dream(open_session(dream_bytes), waveform, {"output": np.ones((1, 1))})
    np.testing.assert_allclose(found["gradient"], np.full((1, 4), 5.0), rtol=1e-6)
    assert found["activation.output"] == pytest.approx(1.0)
    assert found["objective"] == pytest.approx([80.0])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["samplecnn", "spectrogram"])
def test_of_equal_samples_the_first_is_pooled_as_in_torch(
    built: Callable, name: str, rule: str
) -> None:
    """In silence every window of a pooling has only equal samples."""
    each = built(name)
    waveform = np.zeros((1, each.network.window), np.float32)
    waveform[:, : each.network.window // 3] = noise(each.network, 1)[:, : each.network.window // 3]
    for layer, map_ in hear(each.hear, waveform).items():
        direction = np.ones((1, map_.shape[1]), np.float32)
        _, expected = torch_dream(
            each.network, torch.from_numpy(waveform), {layer: torch.from_numpy(direction)}, rule
        )
        found = dream(each.dream, waveform, {layer: direction}, rule)["gradient"]
        # Equal but for rounding: that decides otherwise here and there, by a sample or two.
        assert relative_error(found, expected) < 0.15


def test_uneven_padding_is_the_convolutions_own(built: Callable) -> None:
    graph = onnx.load_from_string(built("separable").hear_bytes).graph
    assert "Pad" not in {node.op_type for node in graph.node}
    pads = [
        list(attribute.ints)
        for node in graph.node
        for attribute in node.attribute
        if attribute.name == "pads" and node.op_type == "Conv"
    ]
    assert [1, 1, 2, 2] in pads


def test_the_report_measures_the_layers(built: Callable, tmp_path: Path) -> None:
    report = export_pack_graphs(built("samplecnn").network, tmp_path)
    measured = {
        layer.name: (layer.units, layer.hop, layer.receptive_field) for layer in report.layers
    }
    assert measured == {
        "conv1": (16, 3, 3),
        "conv2": (16, 9, 15),
        "conv3": (32, 27, 51),
        "features": (16, 27, 51),
        "output": (3, 486, 486),
    }
    assert max(report.hear_error, report.dream_error) < 1e-5
    graphs = {"hear.onnx", "dream.onnx", "auralise.onnx"}
    assert set(report.files) == {file.name for file in tmp_path.iterdir()}
    assert set(report.files) == {*graphs, "tensors.bin"}
    tensors = (tmp_path / "tensors.bin").read_bytes()
    for name in graphs:
        whole = whole_graph((tmp_path / name).read_bytes(), tensors)
        assert hashlib.sha256(whole).hexdigest() == report.files[name]


@pytest.mark.parametrize(
    "errors", thinned([[1e-3, 0.0], [0.0, 1e-3], [0.0, float("nan")]], [[0.0, 1e-3]])
)
def test_a_graph_unlike_torch_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, errors: list[float]
) -> None:
    monkeypatch.setattr(pack_graphs, "compare_with_torch", lambda *_: errors)
    with pytest.raises(ModelError, match="differ from torch"):
        export_pack_graphs(OnPaper().eval(), tmp_path)
    assert not list(tmp_path.iterdir())


class Unusual(OnPaper):
    """Does something that the exporter does not know."""

    def forward(self, waveform: Tensor) -> dict[str, Tensor]:
        return {"output": torch.special.bessel_j0(waveform).mean(1)[:, None, None]}


def test_what_cannot_be_exported_is_named() -> None:
    with pytest.raises(ModelError, match="bessel_j0"):
        build_graphs(Unusual().eval())
