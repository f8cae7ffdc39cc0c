from pathlib import Path

import numpy as np
import pytest
import torch

from innerear.engine.packs.pack import Pack
from innerear.models.sounds.bank import Bank
from innerear.models.training.pack import build_pack
from innerear.models.training.recipes import Recipe
from innerear.models.training.train import Trainer


@pytest.fixture(scope="module")
def folder(tiny_bank: Bank, tiny_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    trainer = Trainer(tiny_recipe, tiny_bank, torch.device("cpu"))
    trainer.run_epoch()
    folder = tmp_path_factory.mktemp("packs") / "tiny"
    build_pack(trainer.checkpoint(), tiny_bank, folder)
    return folder


def test_a_built_pack_hears_and_dreams(folder: Path, tiny_bank: Bank) -> None:
    pack = Pack(folder)
    assert pack.classes == tiny_bank.classes
    heard = pack.hear(0.1 * np.random.default_rng(0).standard_normal((1, pack.window)))
    assert list(heard) == list(pack.layers)
    _, gradient = pack.dream(np.zeros((1, pack.window)), {"output": np.ones(3)})
    assert gradient.shape == (1, pack.window)
    templates = pack.templates()
    assert {name: len(array) for name, array in templates.items()} == {
        name: layer.units for name, layer in pack.layers.items()
    }


def test_receptive_fields_leave_the_level_aside(folder: Path) -> None:
    fields = [layer.receptive_field for layer in Pack(folder).layers.values()]
    assert fields[0] == 3
    assert fields == sorted(fields)
    assert fields[1] < fields[-1]


def test_the_card_says_how_well_and_from_what(folder: Path, tiny_bank: Bank) -> None:
    card = (folder / "README.md").read_text()
    for word in (*tiny_bank.classes, "FluidR3", "espeak-ng", "MIT", "innerear train "):
        assert word in card
    assert 0 <= Pack(folder).manifest.accuracy["held-out sounds"] <= 1
