"""The graph that auralises: every kind of network, against autograd and against the pack."""

import numpy as np
import pytest

pytest.importorskip("torch")

import onnx
import torch

import innerear
from innerear.engine.packs.auralise_runner import Auraliser
from innerear.engine.packs.manifest import LayerInfo
from innerear.engine.packs.sessions.session import open_session
from innerear.exporters.auralise_graph import auralise_graph
from innerear.models.training.recipes import RECIPES

from ..thinning import thinned
from .conftest import NETWORKS

OFTEN = ("recurrent",)


@pytest.mark.parametrize("name", thinned(NETWORKS, OFTEN))
def test_by_the_rule_of_the_gradient_half_the_maps_energy_is_differentiated(name: str) -> None:
    torch.manual_seed(4)  # with some others a unit hears nothing, and its gradient is 0
    network = NETWORKS[name]()
    content = auralise_graph(network)
    waveform = 0.2 * torch.randn(3, network.window, generator=torch.Generator().manual_seed(1))
    given = waveform.clone().requires_grad_(True)
    maps = network(given)
    layers = {
        each: LayerInfo(name=each, units=map_.shape[1], hop=1, receptive_field=1)
        for each, map_ in maps.items()
    }
    graph = Auraliser(open_session(content), network.window, layers)
    assert graph.spectrum is None
    for each, map_ in maps.items():
        if each == "output":
            continue
        energy = 0.5 * map_[:, 1].square().sum()
        (expected,) = torch.autograd.grad(energy, given, retain_graph=True)
        kept = np.eye(map_.shape[1], dtype=np.float32)[1]
        found = graph.run(waveform.numpy(), {each: kept}, "gradient")
        error = np.linalg.norm(found - expected.numpy()) / np.linalg.norm(expected.numpy())
        assert error < 1e-4, each
        several = np.roll(kept, -1)[None] + np.stack([kept, 0 * kept, 2 * kept])
        shared = graph.run(waveform[0].numpy(), {each: several}, "gradient")
        repeated = graph.run(np.repeat(waveform[:1].numpy(), 3, 0), {each: several}, "gradient")
        np.testing.assert_allclose(shared, repeated, atol=1e-6 * np.abs(repeated).max())
        assert np.abs(shared[0] - shared[1]).max() > 0


def test_a_graph_that_wants_a_waveform_for_each_selection_gets_them() -> None:
    """Packs made before selections could share a waveform have such graphs."""
    shipped = innerear.load("samplecnn-digits")
    model = onnx.load_from_string(shipped.read("auralise.onnx"))
    (waveform,) = [each for each in model.graph.input if each.name == "waveform"]
    waveform.type.tensor_type.shape.dim[0].dim_param = "batch"
    graph = Auraliser(open_session(model.SerializeToString()), shipped.window, shipped.layers)
    sound = 0.1 * np.random.default_rng(0).standard_normal(shipped.window)
    kept = {"conv3": np.eye(32)[[3, 9, 11]]}
    expected = shipped.auraliser().run(sound, kept)
    assert expected.shape == (3, shipped.window)
    np.testing.assert_allclose(graph.run(sound, kept), expected, atol=1e-6)


@pytest.mark.parametrize("name", list(RECIPES))
def test_networks_hear_the_same_in_two_steps(name: str) -> None:
    network = RECIPES[name].untrained(("one", "two")).eval()
    waveform = 0.1 * torch.randn(2, network.window, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        represented = network.represent(waveform)
        in_steps, at_once = network.activate(represented), network(waveform)
    for each, map_ in at_once.items():
        torch.testing.assert_close(in_steps[each], map_)
    if network.spectrum is not None:
        length, hop = network.spectrum
        frames = (network.window - length) // hop + 1
        assert represented.shape == (2, length // 2 + 1, frames)


def test_a_module_that_was_never_exported_auralises_in_torch() -> None:
    from torch import nn

    from innerear.exporters import TorchPack
    from innerear.exporters.capture.wrap_module import WrappedModule

    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Unflatten(1, (1, 800)), nn.Conv1d(1, 6, 8, stride=4), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(6, 5, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(5, 3),
    )  # fmt: skip
    pack = TorchPack(module, 16_000, 800)
    listener = WrappedModule(module, 16_000, 800)
    layers = pack.layers
    graph = Auraliser(open_session(auralise_graph(listener)), 800, layers)
    waveform = np.random.default_rng(0).standard_normal((2, 800)).astype(np.float32)
    for layer, info in layers.items():
        for rule in ("gradient", "deconv", "guided"):
            kept = {layer: np.eye(info.units)[0]}
            found = pack.auraliser().run(waveform, kept, rule)
            np.testing.assert_allclose(found, graph.run(waveform, kept, rule), atol=1e-5)
    sound = np.random.default_rng(1).standard_normal(3000)
    passed = innerear.auralise(sound, 16_000, pack, next(iter(layers)), 1).sound
    assert passed.shape == (3000,)
    assert passed.any()
