from dataclasses import replace
from pathlib import Path

import pytest
import torch

from innerear.engine.errors import ParameterError
from innerear.models.sounds.bank import Bank
from innerear.models.studies.one_layer import (
    freeze_all_but,
    one_layer_experiment,
    train_only,
    trainable_layers,
)
from innerear.models.training.recipes import RECIPES, Recipe
from innerear.models.training.train import Trainer


def test_only_the_chosen_layer_moves(tiny_bank: Bank, tiny_recipe: Recipe) -> None:
    trainer = Trainer(tiny_recipe, tiny_bank, torch.device("cpu"))
    before = {name: value.clone() for name, value in trainer.network.named_parameters()}
    count = freeze_all_but(trainer.network, "conv2")
    trainer.run_epoch()
    moved = {
        name
        for name, value in trainer.network.named_parameters()
        if not torch.equal(value, before[name])
    }
    assert moved
    assert all(name.startswith("blocks.conv2.") for name in moved)
    assert count == sum(before[name].numel() for name in moved)


def test_what_is_frozen_is_random_also_where_a_recipe_begins_with_a_trained_network(
    tiny_bank: Bank, tiny_recipe: Recipe
) -> None:
    began = replace(tiny_recipe, start="samplecnn-digits")
    alone = [train_only(recipe, tiny_bank, "none").accuracy for recipe in (tiny_recipe, began)]
    assert alone[0] == alone[1]


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_every_weight_belongs_to_one_layer(recipe: Recipe) -> None:
    network = recipe.untrained(("one", "other"))
    together = freeze_all_but(network, "all")
    assert together == sum(freeze_all_but(network, layer) for layer in trainable_layers(network))


def test_the_experiment_leaves_a_table_and_a_picture(
    tiny_bank: Bank, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    short = replace(tiny_recipe, epochs=1, steps=1)
    outcomes = one_layer_experiment(short, tiny_bank, tmp_path)
    layers = list(trainable_layers(short.untrained(tiny_bank.classes)))
    assert layers == ["conv1", "conv2", "conv3", "output"]
    assert [outcome.trained for outcome in outcomes] == ["none", *layers, "all"]
    assert outcomes[-1].weights == sum(outcome.weights for outcome in outcomes[:-1])
    rows = (tmp_path / "one-layer.csv").read_text().splitlines()
    assert rows[0] == "trained,weights,loss,accuracy"
    assert len(rows) == 1 + len(outcomes)
    assert (tmp_path / "one-layer.png").read_bytes().startswith(b"\x89PNG")


def test_training_one_layer_alone_learns_something(tiny_bank: Bank, tiny_recipe: Recipe) -> None:
    brief = train_only(replace(tiny_recipe, epochs=1, steps=5), tiny_bank, "output")
    longer = train_only(replace(tiny_recipe, epochs=4, steps=20), tiny_bank, "output")
    assert longer.loss < brief.loss


def test_a_layer_that_is_not_there_is_refused(tiny_bank: Bank, tiny_recipe: Recipe) -> None:
    with pytest.raises(ParameterError, match="conv2"):
        train_only(tiny_recipe, tiny_bank, "conv22")
