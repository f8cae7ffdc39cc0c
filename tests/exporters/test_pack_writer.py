"""Whole packs, written and measured."""

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from innerear.cli.bench.measure_gradient import benchmark_gradient
from innerear.engine.errors import ModelError
from innerear.engine.packs.manifest import Architecture
from innerear.engine.packs.pack import Pack, load_pack
from innerear.engine.packs.pack_files import add_templates
from innerear.engine.packs.verify import verify
from innerear.exporters import pack_writer
from innerear.exporters.auralise_graph import auraliser_of
from innerear.exporters.pack_writer import add_auralise_graph, refresh_graphs, write_pack
from innerear.models.networks.samplecnn import SampleCNN

from ..toy_pack import change_manifest

SETTINGS = {"widths": [8, 16, 16, 16], "frames": 6}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a pack of a small network that was never trained."""
    folder = tmp_path_factory.mktemp("packs") / "tiny"
    torch.manual_seed(0)
    write_pack(
        SampleCNN(("hum", "hiss"), **SETTINGS).eval(),
        folder,
        name="tiny",
        title="Tiny",
        licence="MIT",
        training_data="none",
        card="# Tiny\n",
        accuracy={"guessing": 0.5},
        architecture=Architecture(name="samplecnn", settings=SETTINGS),
    )
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "tiny"))


def test_a_written_pack_is_sound(folder: Path) -> None:
    assert verify(folder).gradient_error < 0.05
    pack = load_pack(folder)
    assert pack.classes == ("hum", "hiss")
    assert [layer.hop for layer in pack.layers.values()] == [3, 9, 27, 27, pack.window]
    assert set(pack.manifest.files) == {
        "hear.onnx",
        "dream.onnx",
        "auralise.onnx",
        "tensors.bin",
        "weights.safetensors",
        "README.md",
    }
    assert (folder / "README.md").read_text() == "# Tiny\n"
    assert not list(folder.parent.glob("*.part"))


def test_templates_are_added_with_their_checksum(folder: Path) -> None:
    templates = {
        name: np.ones((layer.units, 513)) for name, layer in load_pack(folder).layers.items()
    }
    with pytest.raises(ModelError, match="'conv1'"):
        add_templates(folder, {**templates, "conv1": np.ones((3, 513))})
    assert "templates.npz" not in load_pack(folder).manifest.files
    add_templates(folder, templates)
    assert verify(folder).checks[-1].startswith("templates")


@pytest.mark.soak
def test_graphs_are_exported_anew_from_the_pack_itself(folder: Path) -> None:
    before = load_pack(folder).manifest.files
    (folder / "dream.onnx").write_bytes(b"spoilt")
    refresh_graphs(folder)
    assert load_pack(folder).manifest.files == before
    verify(folder)


@pytest.mark.soak
def test_a_pack_without_the_graph_that_auralises_gets_it(folder: Path) -> None:
    pack = load_pack(folder)
    waveform = 0.1 * np.random.default_rng(0).standard_normal(pack.window)
    kept = {"conv2": np.eye(16)[3]}
    expected = pack.auraliser().run(waveform, kept)
    (folder / "auralise.onnx").unlink()
    change_manifest(folder, lambda content: content["files"].pop("auralise.onnx"))
    made = auraliser_of(load_pack(folder)).run(waveform, kept)
    np.testing.assert_array_equal(made, expected)
    add_auralise_graph(folder)
    np.testing.assert_array_equal(load_pack(folder).auraliser().run(waveform, kept), expected)
    assert "a graph that auralises every layer" in verify(folder).checks


def test_a_pack_that_cannot_be_exported_stays_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ModelError("no")

    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    monkeypatch.setattr(pack_writer, "export_pack_graphs", fail)
    with pytest.raises(ModelError, match="no"):
        refresh_graphs(folder)
    with pytest.raises(ModelError, match="no"):
        write_pack(
            SampleCNN(("hum", "hiss"), **SETTINGS).eval(),
            folder,
            name="tiny",
            title="Tiny",
            licence="MIT",
            training_data="none",
            card="",
        )
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert not list(folder.parent.glob("*.part"))


def test_the_benchmark_measures_three_things(folder: Path) -> None:
    seen: list[int] = []
    row = benchmark_gradient(Pack(folder), batch=2, repetitions=3, progress=seen.append)
    assert (row.model, row.batch, row.threads, row.layer) == ("tiny", 2, 1, "output")
    times = (row.forward_ms, row.onnx_gradient_ms, row.torch_gradient_ms)
    assert min(times) > 0
    assert row.gradient_over_forward == pytest.approx(times[1] / times[0])
    assert row.torch_over_onnx == pytest.approx(times[2] / times[1])
    assert max(seen) == 3
    with pytest.raises(ModelError, match="no layer 'outputs'"):
        benchmark_gradient(Pack(folder), layer="outputs", repetitions=1)


def test_a_runner_gives_the_same_as_a_batch(folder: Path) -> None:
    pack = load_pack(folder)
    waveform = 0.1 * np.random.default_rng(0).standard_normal((3, pack.window))
    _, gradients = pack.dream(waveform, {"conv3": np.ones(16)})
    runner = pack.gradient_session()
    for number in range(3):
        _, gradient, _ = runner.run(waveform[number], {"conv3": np.ones(16)})
        np.testing.assert_allclose(gradient[0], gradients[number], rtol=1e-4, atol=1e-6)
