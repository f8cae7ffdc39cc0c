"""Sums with one number per channel, taken in long rows where channels are few."""

from collections.abc import Callable

import pytest

pytest.importorskip("torch")

from innerear.exporters.compare import compare_with_torch
from innerear.exporters.graph import elementwise
from innerear.exporters.pack_graphs import build_graphs

from ...thinning import thinned


@pytest.mark.parametrize("name", thinned(["samplecnn", "spectrogram"], []))
def test_long_rows_give_the_same_gradients(
    built: Callable, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = built(name).network
    monkeypatch.setattr(elementwise, "_LARGE", 0)
    hear, dream = (graph.SerializeToString() for graph in build_graphs(network))
    assert dream.count(b"Concat") > built(name).dream_bytes.count(b"Concat")
    assert max(compare_with_torch(network, hear, dream)) < 1e-5
