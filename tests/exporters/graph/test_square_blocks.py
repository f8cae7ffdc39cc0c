"""The mean over blocks of a map, and its gradient, stay where convolutions leave their maps."""

import pytest

pytest.importorskip("torch")

import onnx

from innerear.exporters.compare import compare_with_torch
from innerear.exporters.pack_graphs import build_graphs
from innerear.models.networks.spectral_cnn import SpectralCNN

from ...thinning import thinned


def operators(graph: onnx.GraphProto) -> list[str]:
    """Return the operators of a graph and of its branches."""
    found = []
    for node in graph.node:
        found.append(node.op_type)
        for attribute in node.attribute:
            found += operators(attribute.g) if attribute.type == onnx.AttributeProto.GRAPH else []
    return found


@pytest.mark.parametrize("activation", thinned(["silu", "relu"], []))
def test_means_of_squares_are_pooled_and_their_gradients_resized(activation: str) -> None:
    network = SpectralCNN(
        classes=("one", "two"),
        widths=(8, 16),
        frames=8,
        pooling="average",
        activation=activation,
    ).eval()
    hear, dream = build_graphs(network.requires_grad_(False))
    assert operators(hear.graph).count("AveragePool") >= 2
    in_dream = operators(dream.graph)
    assert "Expand" not in in_dream
    assert in_dream.count("Resize") >= 2
    errors = compare_with_torch(network, hear.SerializeToString(), dream.SerializeToString())
    assert max(errors) < 1e-4
