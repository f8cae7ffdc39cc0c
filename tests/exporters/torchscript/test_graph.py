"""The graphs of packs become TorchScript that gives the same activations and gradients."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

import innerear
from innerear.engine.packs.pack import SHIPPED_FOLDER
from innerear.errors import ModelError
from innerear.exporters.compare import relative_error
from innerear.exporters.torchscript import operators
from innerear.exporters.torchscript.graph import MOST_ERROR, sample_window, traced_graphs

from ...thinning import thinned

SHIPPED = sorted(folder.name for folder in SHIPPED_FOLDER.iterdir())


# The quickest to translate; the default pair is in test_dream.py and test_nn_tilde.py.
OFTEN = ("samplecnn-digits", "wavelet-instruments")


@pytest.mark.parametrize("name", thinned(SHIPPED, OFTEN))
def test_every_shipped_pack_can_be_translated(name: str) -> None:
    pack = innerear.load(name)
    layer = list(pack.layers)[-2]
    gradient, activation = traced_graphs(pack, layer)
    source = pack.gradient_source()
    direction = np.zeros(pack.layers[layer].units, np.float32)
    direction[1] = 1.0
    errors = []
    for seed in (5, 6, 7):
        window = sample_window(pack, seed)
        expected = source.gradient(window.numpy(), {layer: direction})
        with torch.inference_mode():  # as hosts run it: no autograd
            found, heard = gradient(window, torch.from_numpy(direction))
            also = activation(window, torch.zeros_like(heard))
        assert relative_error(heard, expected.activations[layer]) < MOST_ERROR
        assert torch.equal(heard, also)
        errors.append(relative_error(found, expected.waveform))
    assert sorted(errors)[1] < MOST_ERROR, "but for ties in a pooling"


def test_an_operator_without_a_counterpart_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(operators.OPERATORS, "Gemm")
    with pytest.raises(ModelError, match=r"'samplecnn-digits' .* the operator Gemm,"):
        traced_graphs(innerear.load("samplecnn-digits"), "output")
