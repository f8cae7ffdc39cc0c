"""Foreign torch modules: wrapped, exported, or played in torch."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn
from torch.nn import functional

import innerear
from innerear.engine.errors import InnerearError, ModelError, ParameterError
from innerear.engine.packs.verify import verify
from innerear.exporters import TorchPack, export
from innerear.exporters.capture.wrap_module import WrappedModule
from innerear.exporters.pack_graphs import export_pack_graphs

WINDOW = 1024


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    torch.manual_seed(0)


class PitchNet(nn.Module):
    """As CREPE is built: frames stand third, functions in the place of modules, sigmoid at the end.

    Kim, Salamon, Li and Bello, 2018.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, (64, 1), (4, 1))
        self.conv1_BN = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 12, (16, 1))
        self.conv2_BN = nn.BatchNorm2d(12)
        self.classifier = nn.Linear(64 * 12, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.pad(x[:, None, :, None], (0, 0, 30, 30))
        x = functional.max_pool2d(self.conv1_BN(functional.relu(self.conv1(x))), (2, 1), (2, 1))
        x = functional.pad(x, (0, 0, 7, 8))
        x = functional.max_pool2d(self.conv2_BN(functional.relu(self.conv2(x))), (2, 1), (2, 1))
        x = x.permute(0, 2, 1, 3).reshape(len(x), -1)
        return torch.sigmoid(self.classifier(x))


class Recurrent(nn.Module):
    """An LSTM, whose backward pass cannot be exported; its maps have time second."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 8, 64, stride=32)
        self.act = nn.ReLU(inplace=True)
        self.lstm = nn.LSTM(8, 6, batch_first=True)
        self.linear = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        found, _ = self.lstm(self.act(self.conv(x)).transpose(1, 2))
        return self.linear(found[:, -1])  # type: ignore[no-any-return]


def sequential(*end: nn.Module) -> nn.Sequential:
    """Return a network of modules without names, one of them used twice."""
    relu = nn.ReLU(inplace=True)
    return nn.Sequential(
        *(nn.Conv1d(1, 6, 8, 4), relu, nn.Conv1d(6, 9, 8, 4), relu),
        *(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(9, 4), *end),
    )


@pytest.fixture(scope="module")
def pitches(tmp_path_factory: pytest.TempPathFactory) -> innerear.Pack:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("packs") / "pitches"
    exported = export(PitchNet(), 16_000, WINDOW, name="pitches", folder=folder, draws=64)
    assert max(exported.hear_error, exported.dream_error) < 1e-4
    return exported.pack


def test_a_network_of_functions_becomes_a_pack(pitches: innerear.Pack) -> None:
    assert verify(pitches.folder).gradient_error < 0.05
    assert {name: (each.units, each.hop) for name, each in pitches.layers.items()} == {
        "conv1": (8, 4),
        "conv2": (12, 8),
        "output": (5, WINDOW),
    }
    assert pitches.classes[0] == "class 0"
    assert pitches.templates()["conv2"].shape == (12, 513)
    sound = 0.1 * np.random.default_rng(0).standard_normal((2, WINDOW)).astype(np.float32)
    torch.manual_seed(0)
    expected = PitchNet().eval()(torch.from_numpy(sound)).detach().numpy()
    assert np.allclose(pitches.hear(sound)["output"][..., 0], expected, atol=1e-5)
    dreamed = innerear.render(sound[0].repeat(20), 16_000, pitches, target="class 3")
    assert np.isfinite(dreamed).all()
    assert [path.name for path in pitches.folder.parent.iterdir()] == ["pitches"]


def test_what_is_found_does_not_change_the_module() -> None:
    module = sequential().train()
    listener = WrappedModule(module, 16_000, WINDOW)
    assert list(listener(torch.zeros(1, WINDOW))) == ["layer-1", "layer-1-2", "output"]
    assert module.training
    assert module[1].inplace
    assert all(parameter.requires_grad for parameter in module.parameters())
    assert not any(part._forward_pre_hooks for part in listener.modules())


@pytest.mark.parametrize("end", [(), (nn.Sigmoid(),), (nn.Softmax(dim=1),), (nn.LogSoftmax(1),)])
def test_directions_act_before_the_last_non_linearity(end: tuple[nn.Module, ...]) -> None:
    module = sequential(*end).eval()
    listener = WrappedModule(module, 16_000, WINDOW)
    sound = torch.randn(2, WINDOW)
    output = listener(sound)["output"]
    plain = module[:7](sound.unsqueeze(1))
    assert torch.allclose(output[..., 0], plain)
    soft = end and not isinstance(end[0], nn.Sigmoid)
    assert torch.allclose(
        listener.scores(output)[..., 0], plain.softmax(1) if soft else plain.sigmoid()
    )


@pytest.mark.parametrize("kind", ["softmax", "none"])
def test_scores_are_made_as_asked(kind: str) -> None:
    listener = WrappedModule(sequential(), 16_000, WINDOW, scores=kind)  # type: ignore[arg-type]
    output = listener(torch.randn(1, WINDOW))["output"]
    expected = output.softmax(1) if kind == "softmax" else output
    assert torch.equal(listener.scores(output), expected)


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
@pytest.mark.parametrize(
    "normed", [nn.utils.weight_norm, nn.utils.parametrizations.weight_norm], ids=["hook", "part"]
)
def test_weights_that_are_computed_at_each_call_are_exported(tmp_path: Path, normed: Any) -> None:
    module = sequential()
    module[0], module[2] = normed(module[0]), normed(module[2])
    report = export_pack_graphs(WrappedModule(module, 16_000, WINDOW), tmp_path)
    assert max(report.hear_error, report.dream_error) < 1e-5


def test_layers_by_name_and_by_convolution() -> None:
    named = WrappedModule(sequential(), 16_000, WINDOW, layers=["2", "6"])
    maps = named(torch.zeros(1, WINDOW))
    assert {name: tuple(map_.shape) for name, map_ in maps.items()} == {
        "layer-2": (1, 9, 62),
        "layer-6": (1, 4, 1),
        "output": (1, 4, 1),
    }
    linear = nn.Sequential(nn.Conv1d(1, 3, 8, 4), nn.Conv1d(3, 2, 1))
    assert list(WrappedModule(linear, 16_000, WINDOW)(torch.zeros(1, WINDOW))) == [
        "layer-0",
        "output",
    ]


@pytest.mark.soak
def test_activations_of_every_kind_are_exported(tmp_path: Path) -> None:
    activations = (
        *(nn.ELU(), nn.CELU(), nn.SELU(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Mish()),
        *(nn.LeakyReLU(0.1), nn.PReLU(), nn.PReLU(4), nn.Softplus(2), nn.Hardswish(), nn.Tanh()),
        *(nn.ReLU6(), nn.AvgPool1d(4)),
    )
    mixed = (part for each in activations for part in (nn.Conv1d(4, 4, 3, padding=1), each))
    module = nn.Sequential(nn.Conv1d(1, 4, 16, 8), nn.BatchNorm1d(4), *mixed)
    report = export_pack_graphs(WrappedModule(module, 16_000, WINDOW), tmp_path)
    assert len(report.layers) == len(activations)
    assert max(report.hear_error, report.dream_error) < 1e-5


class TimeFirst(nn.Module):
    """A spectrogram whose maps are [batch, units, frames, bands]."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        frames = x.reshape(len(x), 1, 32, 32)
        return functional.relu(self.conv(frames)).mean(3)


def test_time_and_frequency_are_distinguished() -> None:
    listener = WrappedModule(TimeFirst(), 16_000, WINDOW, layers=["conv"])
    early = torch.zeros(1, WINDOW)
    early[:, :64] = 1
    maps = listener(early) | {}
    changed = (maps["conv"] - listener(torch.zeros(1, WINDOW))["conv"]).abs().amax((0, 1, 2)) > 0
    assert changed.nonzero().flatten().tolist() == [0, 1, 2]


def test_what_cannot_be_exported_is_played_in_torch(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"^The network uses aten\.lstm, .*TorchPack.*Processor\(pack\)"
    ) as problem:
        export(Recurrent(), 16_000, WINDOW, folder=tmp_path / "pack")
    assert "\n" not in str(problem.value)
    assert "While executing" not in str(problem.value)
    assert not list(tmp_path.iterdir())
    pack = TorchPack(Recurrent(), 16_000, WINDOW, classes=["a", "b", "c"])
    assert list(pack.layers) == ["act", "output"]
    assert pack.layers["act"].hop == 32
    processor = innerear.Processor(pack, target="b", combine="add")
    processor.prepare(16_000, 512)
    rng = np.random.default_rng(0)
    blocks = [0.1 * rng.standard_normal((1, 512)).astype(np.float32) for _ in range(20)]
    played = np.concatenate([processor.process(block) for block in blocks], 1)
    assert processor.status.dreams.count > 0
    assert processor.status.problem == ""
    late = processor.latency_samples
    change = played[:, late:] - np.concatenate(blocks, 1)[:, : played.shape[1] - late]
    assert np.abs(change).max() > 1e-3


def test_a_pack_in_torch_is_the_same_as_an_exported_one(pitches: innerear.Pack) -> None:
    torch.manual_seed(0)
    in_torch = TorchPack(PitchNet(), 16_000, WINDOW)
    assert in_torch.layers == pitches.layers
    sound = 0.1 * np.random.default_rng(1).standard_normal((1, WINDOW)).astype(np.float32)
    for name, heard in pitches.hear(sound).items():
        assert np.allclose(in_torch.hear(sound)[name], heard, atol=1e-5)
    direction = {"conv2": np.ones(12, np.float32)}
    for rule in ("gradient", "guided"):
        found = in_torch.dream(sound, direction, rule)[1]  # type: ignore[arg-type]
        assert np.allclose(found, pitches.dream(sound, direction, rule)[1], atol=1e-6)  # type: ignore[arg-type]


class Tuple(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x


@pytest.mark.parametrize(
    ("module", "settings", "error", "words"),
    [
        (Tuple(), {}, ModelError, "tuple"),
        (nn.Conv2d(2, 2, 3), {}, ModelError, r"\[2, 1, 1024\]"),
        (sequential(), {"layers": ["7"]}, ModelError, "no module '7'"),
        (sequential(), {"classes": ["a", "b"]}, ModelError, "4 scores"),
        (sequential(), {"scores": "softmix"}, ParameterError, "softmax"),
        (sequential(), {"name": "../up"}, ModelError, "small letters"),
        (sequential(), {"name": "samplecnn-instruments", "folder": None}, ModelError, "already"),
        (sequential(), {"window": 0}, ParameterError, "at least 1"),
    ],
)
def test_what_cannot_be(
    module: nn.Module,
    settings: dict,
    error: type[InnerearError],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(error, match=words):
        export(
            module,
            **{"sample_rate": 16_000, "window": WINDOW, "folder": tmp_path / "pack", **settings},
        )
    assert not list(tmp_path.iterdir())


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(ModelError, match="is there already"):
        export(sequential(), 16_000, WINDOW, folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_the_python_in_the_document_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Path(__file__).resolve().parents[2] / "docs" / "export.md"
    blocks = re.findall(r"```python\n(.*?)```", document.read_text(), re.DOTALL)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    theirs = ModuleType("mynets.audio")
    theirs.Net = sequential  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mynets", ModuleType("mynets"))
    monkeypatch.setitem(sys.modules, "mynets.audio", theirs)
    names: dict[str, Any] = {}
    exec("\n".join(blocks).replace("window=16_000", "window=1024"), names)
    assert names["exported"].pack.layers == innerear.load("bells").layers
    assert isinstance(names["processor"], innerear.Processor)


class Causal(nn.Module):
    """Padded in front alone, as networks for real time are: a stride of 1, and one of half."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(1, 8, 9)
        self.second = nn.Conv1d(8, 6, 8, stride=4)
        self.last = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.first(functional.pad(x[:, None], (8, 0))))
        x = functional.relu(self.second(functional.pad(x, (4, 0))))
        return torch.sigmoid(self.last(x.mean(2)))


def test_a_causal_network_becomes_graphs(tmp_path: Path) -> None:
    network = WrappedModule(Causal(), 16_000, 256, classes=("a", "b", "c"))
    report = export_pack_graphs(network, tmp_path)
    assert max(report.hear_error, report.dream_error) < 1e-5
