import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

import innerear
from innerear.engine.errors import ModelError
from innerear.models.networks.restore import restore

from ...toy_pack import change_manifest

NAME = "samplecnn-instruments"


def test_the_restored_network_hears_what_the_pack_hears() -> None:
    pack = innerear.load(NAME)
    noise = 0.1 * np.random.default_rng(0).standard_normal((2, pack.window)).astype(np.float32)
    heard = pack.hear(noise)
    network = restore(pack)
    with torch.no_grad():
        found = network(torch.from_numpy(noise))
        found["output"] = network.scores(found["output"])
    for layer, activation in found.items():
        np.testing.assert_allclose(activation.numpy(), heard[layer], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        (None, "does not say"),
        ({"name": "sampelcnn", "settings": {}}, "samplecnn"),
        ({"name": "samplecnn", "settings": {"widths": [8, 8, 8]}}, "do not fit"),
        ({"name": "samplecnn", "settings": {"depth": 3}}, "do not fit"),
    ],
)
def test_a_network_that_is_not_ours_is_refused(
    tmp_path: Path, architecture: dict | None, words: str
) -> None:
    folder = tmp_path / NAME
    shutil.copytree(innerear.load(NAME).folder, folder)
    change_manifest(folder, lambda content: content.update(architecture=architecture))
    with pytest.raises(ModelError, match=words):
        restore(innerear.load(folder))
