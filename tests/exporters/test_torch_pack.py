"""Every public function that takes a pack takes a torch module in its place."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

import innerear
from innerear.engine.analysis.maximise import Method
from innerear.engine.analysis.spectra import find_kept_templates, find_spectra
from innerear.engine.analysis.templates import find_templates
from innerear.engine.errors import InnerearError, ModelError
from innerear.engine.packs.gradient_source import OnnxGradientSource
from innerear.exporters import TorchPack, export

RATE, WINDOW = 16_000, 1024
SHORT = Method(transforms=(), steps=3, converge=False)


class Small(nn.Module):
    """Six units that each answer a band, and three classes made of them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv1d(1, 6, 32, stride=8)
        self.act = nn.ReLU()
        self.out = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.act(self.conv(x)).mean(2))


@pytest.fixture
def pack() -> TorchPack:
    return TorchPack(Small().eval(), RATE, WINDOW, classes=["a", "b", "c"], name="small")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> innerear.Pack:
    folder = tmp_path_factory.mktemp("exported") / "small"
    return export(
        Small().eval(), RATE, WINDOW, classes=["a", "b", "c"], name="small", folder=folder, draws=64
    ).pack


def sound(samples: int = 4 * WINDOW) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(samples).astype(np.float32)


def close(found: np.ndarray, expected: np.ndarray, part: float = 1e-3) -> bool:
    """Whether the difference is a small part of the expected sound."""
    return float(np.linalg.norm(found - expected)) <= part * float(np.linalg.norm(expected))


def test_hear_takes_it(pack: TorchPack, exported: innerear.Pack) -> None:
    found, expected = (innerear.hear(sound(), RATE, each, layer="act") for each in (pack, exported))
    assert found.model == "small"
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-5)
    np.testing.assert_allclose(found.activations, expected.activations, atol=1e-5)


@pytest.mark.parametrize("drive", ["gradient", "deconv", "guided"])
def test_dream_takes_it(pack: TorchPack, exported: innerear.Pack, drive: str) -> None:
    found, expected = (
        innerear.dream(sound(), RATE, each, steps=2, target="b", drive=drive, hop_ms=10)
        for each in (pack, exported)
    )
    assert not close(found, sound(), 1e-2)
    assert close(found, expected)


def test_render_takes_it(pack: TorchPack, exported: innerear.Pack) -> None:
    found, expected = (
        innerear.render(sound(), RATE, each, target="b", combine="add", mix=1.0)
        for each in (pack, exported)
    )
    assert not close(found, sound(), 1e-2)
    assert close(found, expected)


@pytest.mark.parametrize("realtime", [False, True])
def test_a_processor_takes_it(pack: TorchPack, realtime: bool) -> None:
    processor = innerear.Processor(pack, realtime=realtime, target="b", combine="add")
    processor.prepare(RATE, 512, 1)
    processor.process(sound(512)[np.newaxis])
    assert processor.status.problem == ""
    processor.close()


def test_maximise_takes_it(pack: TorchPack, exported: innerear.Pack) -> None:
    found, expected = (innerear.maximise(each, "act/2", method=SHORT) for each in (pack, exported))
    assert found.at_end > found.at_start
    assert close(found.sound, expected.sound)


def test_auralise_takes_it(pack: TorchPack, exported: innerear.Pack) -> None:
    found, expected = (
        innerear.auralise(sound(), RATE, each, "act", 1) for each in (pack, exported)
    )
    assert found.sound.any()
    assert close(found.sound, expected.sound)


def test_spectra_take_it(pack: TorchPack, exported: innerear.Pack, tmp_path: Path) -> None:
    method = Method(parameterisation=SHORT.parameterisation, transforms=(), steps=3, converge=False)
    for found, expected in zip(
        find_spectra(pack, tmp_path / "a", method=method),
        find_spectra(exported, tmp_path / "b", method=method),
        strict=True,
    ):
        np.testing.assert_allclose(found.tones, expected.tones, atol=1e-4)
        assert close(found.waveforms, expected.waveforms, 1e-2)


def test_templates_are_found_and_kept(pack: TorchPack, tmp_path: Path) -> None:
    layers = {"act": (6, 513), "output": (3, 513)}
    assert {name: each.shape for name, each in find_templates(pack).spectra.items()} == layers
    kept = find_kept_templates(pack, tmp_path)
    assert {name: each.shape for name, each in kept.items()} == layers


def test_unfinished_spectra_of_other_weights_are_not_mixed(pack: TorchPack, tmp_path: Path) -> None:
    find_spectra(pack, tmp_path, method=SHORT)
    other = Small().eval()
    with torch.no_grad():
        other.out.bias.add_(1.0)
    with pytest.raises(InnerearError, match=r"begun with other settings \(graph\)"):
        find_spectra(
            TorchPack(other, RATE, WINDOW, classes=["a", "b", "c"], name="small"),
            tmp_path,
            method=SHORT,
        )


def test_templates_are_what_it_has_not(pack: TorchPack) -> None:
    with pytest.raises(ModelError, match=r"'small' has no templates: .*export") as problem:
        pack.templates()
    assert "\n" not in str(problem.value)
    for drive in ("track", "grains"):
        with pytest.raises(InnerearError, match=f"drive cannot be '{drive}': small has no"):
            innerear.Processor(pack, drive=drive)


def test_both_names_of_the_gradient_agree(pack: TorchPack, exported: innerear.Pack) -> None:
    waveform, direction = sound(2 * WINDOW).reshape(2, -1), {"act": np.ones(6, np.float32)}
    for each in (pack, exported):
        objective, gradient = each.value_and_grad(waveform, direction, rule="guided")
        again, the_same = each.dream(waveform, direction, rule="guided")
        np.testing.assert_array_equal(again, objective)
        np.testing.assert_array_equal(the_same, gradient)
        *both, activations = each.value_grad_and_activations(waveform, direction, "guided")
        np.testing.assert_array_equal(both[1], gradient)
        heard = each.hear(waveform)
        for name in each.layers:
            np.testing.assert_allclose(activations[name], heard[name].mean(2), atol=1e-6)


def test_a_source_s_batch_is_the_pack_s(pack: TorchPack, exported: innerear.Pack) -> None:
    waveform, direction = sound(2 * WINDOW).reshape(2, -1), {"act": np.eye(6)[:2]}
    objective, gradient = exported.value_and_grad(waveform, direction)
    for source in (
        pack.gradient_source(),
        exported.gradient_source(),
        OnnxGradientSource(exported),
    ):
        found = source.value_and_grad(waveform, direction)
        np.testing.assert_allclose(found[0], objective, atol=1e-6)
        np.testing.assert_allclose(found[1], gradient, atol=1e-6)
