from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from innerear.engine.errors import ModelError, ParameterError
from innerear.engine.packs.pack import load_pack
from innerear.models.networks.restore import restore
from innerear.models.sounds.bank import Bank
from innerear.models.training.checkpoints import Checkpoint
from innerear.models.training.recipes import RECIPES, Recipe, find_recipe
from innerear.models.training.train import Trainer, learning_rate, pick_device, train_recipe

CPU = torch.device("cpu")


def test_a_stopped_training_goes_on_to_the_same_weights(
    tiny_bank: Bank, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    whole = train_recipe(tiny_recipe, tiny_bank, tmp_path / "whole.pt", CPU)

    path = tmp_path / "stopped.pt"
    first = Trainer(tiny_recipe, tiny_bank, CPU)
    first.run_epoch()
    first.checkpoint().save(path)
    torch.manual_seed(99)  # what else draws random numbers in between does not matter
    resumed = train_recipe(tiny_recipe, tiny_bank, path, CPU)

    assert resumed.epoch == whole.epoch == 2
    assert resumed.history == whole.history
    for kind in ("weights", "averaged"):
        for name, value in getattr(whole, kind).items():
            assert torch.equal(value, getattr(resumed, kind)[name]), name


def test_training_learns(tiny_bank: Bank, tiny_recipe: Recipe, tmp_path: Path) -> None:
    longer = replace(tiny_recipe, epochs=2, steps=60, averaging=0.9)
    done = train_recipe(longer, tiny_bank, tmp_path / "checkpoint.pt", CPU)
    assert done.history[-1]["loss"] < done.history[0]["loss"]
    assert done.history[-1]["accuracy"] > 0.5


def test_a_checkpoint_comes_back_as_it_was(
    tiny_bank: Bank, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    path = tmp_path / "checkpoint.pt"
    kept = Trainer(tiny_recipe, tiny_bank, CPU).checkpoint()
    kept.save(path)
    loaded = Checkpoint.load(path)
    assert loaded.recipe == tiny_recipe
    assert tuple(loaded.classes) == tiny_bank.classes
    network = loaded.listener()
    assert not network.training
    assert network.window == 150 * 9
    assert list(tmp_path.iterdir()) == [path]


def test_a_checkpoint_of_another_recipe_is_refused(tiny_bank: Bank, tiny_recipe: Recipe) -> None:
    other = Trainer(replace(tiny_recipe, seed=2), tiny_bank, CPU)
    with pytest.raises(ParameterError, match="another version"):
        other.resume(Trainer(tiny_recipe, tiny_bank, CPU).checkpoint())


def test_a_missing_or_damaged_checkpoint_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    with pytest.raises(ModelError, match="train first"):
        Checkpoint.load(path)
    path.write_bytes(b"no checkpoint")
    with pytest.raises(ModelError, match="damaged"):
        Checkpoint.load(path)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_a_recipe_survives_json(recipe: Recipe) -> None:
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_what_is_no_recipe_is_refused() -> None:
    with pytest.raises(ModelError, match="no recipe"):
        Recipe.from_json('{"name": "x", "colour": 1}')
    with pytest.raises(ModelError, match="samplecnn-instruments"):
        find_recipe("samplecnn")


def test_the_learning_rate_rises_and_falls(tiny_recipe: Recipe) -> None:
    recipe = replace(tiny_recipe, epochs=10, steps=10)
    rates = [learning_rate(recipe, step) for step in range(recipe.total_steps)]
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert max(rates) == pytest.approx(recipe.learning_rate)
    assert rates[-1] < 0.01 * recipe.learning_rate


def test_an_unknown_device_is_refused() -> None:
    assert pick_device("cpu") == CPU
    with pytest.raises(ParameterError, match="choose auto, cpu, cuda, or cuda:1"):
        pick_device("gpu")


def test_the_card_is_named_or_what_keeps_torch_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", None)
    with pytest.raises(ParameterError, match=r"built without CUDA\. Use cpu or auto"):
        pick_device("cuda")
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ParameterError, match="finds no graphics card"):
        pick_device("cuda")
    assert pick_device("auto") == CPU
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert pick_device("cuda:1") == torch.device("cuda", 1)
    assert pick_device("auto").type == "cuda"
    with pytest.raises(ParameterError, match="torch finds graphics cards up to cuda:1"):
        pick_device("cuda:2")


def test_a_full_card_is_one_line(
    tiny_recipe: Recipe, tiny_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer(tiny_recipe, tiny_bank, CPU)

    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(trainer.examples, "batch", full)
    with pytest.raises(ModelError, match="The memory of cpu is full"):
        trainer.step(0)
    monkeypatch.setattr("innerear.models.training.train.Examples", full)
    with pytest.raises(ModelError, match="The memory of cpu is full"):
        Trainer(tiny_recipe, tiny_bank, CPU)


@pytest.mark.soak
def test_a_recipe_may_start_from_the_weights_of_a_pack() -> None:
    started = find_recipe("samplecnn-robust")
    pack = load_pack(started.start)
    bank = Bank(
        started.sample_rate,
        pack.classes,
        np.zeros((len(pack.classes), 2000), np.int16),
        np.arange(len(pack.classes)),
        np.full(len(pack.classes), 2000),
        np.zeros(len(pack.classes), bool),
    )
    trainer = Trainer(started, bank, CPU)
    for name, value in restore(pack).state_dict().items():
        assert torch.equal(trainer.network.state_dict()[name], value), name


def test_a_start_that_is_no_pack_is_refused(tiny_bank: Bank, tiny_recipe: Recipe) -> None:
    with pytest.raises(ModelError, match="no-such-pack"):
        Trainer(replace(tiny_recipe, start="no-such-pack"), tiny_bank, CPU)
