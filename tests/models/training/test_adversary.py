"""An adversary moves a batch within its ball, to where the network errs more, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from innerear.models.sounds.bank import Bank
from innerear.models.training.adversary import Adversary, attack
from innerear.models.training.evaluate import accuracy
from innerear.models.training.recipes import Recipe
from innerear.models.training.train import Trainer, train_recipe

CPU = torch.device("cpu")
RADIUS = 0.1


@pytest.fixture
def trainer(tiny_bank: Bank, tiny_recipe: Recipe) -> Trainer:
    trainer = Trainer(tiny_recipe, tiny_bank, CPU)
    trainer.network.train()
    for number in range(20):
        trainer.step(number)
    return trainer


@pytest.fixture
def batch(trainer: Trainer) -> tuple[torch.Tensor, torch.Tensor]:
    return trainer.examples.batch(16, torch.Generator().manual_seed(3))


def _attack(trainer: Trainer, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    generator = torch.Generator().manual_seed(5)
    return attack(trainer.network, *batch, radius=RADIUS, steps=2, generator=generator)


def test_no_window_leaves_the_ball(
    trainer: Trainer, batch: tuple[torch.Tensor, torch.Tensor]
) -> None:
    waveform, _ = batch
    distance = (_attack(trainer, batch) - waveform).norm(dim=1) / waveform.norm(dim=1)
    assert (distance <= RADIUS * 1.0001).all()
    assert distance.median() > 0.5 * RADIUS


def test_the_loss_rises_more_than_by_noise_of_the_same_level(
    trainer: Trainer, batch: tuple[torch.Tensor, torch.Tensor]
) -> None:
    waveform, targets = batch
    noise = torch.randn(waveform.shape, generator=torch.Generator().manual_seed(7))
    noise *= RADIUS * waveform.norm(dim=1, keepdim=True) / noise.norm(dim=1, keepdim=True)
    moved = _attack(trainer, batch)
    trainer.network.eval()
    with torch.no_grad():
        before, noisy, after = (
            float(
                binary_cross_entropy_with_logits(
                    trainer.network(sound)["output"].mean(dim=2), targets
                )
            )
            for sound in (waveform, waveform + noise, moved)
        )
    assert after > before
    assert after > noisy


def test_the_network_stays_as_it_was(
    trainer: Trainer, batch: tuple[torch.Tensor, torch.Tensor]
) -> None:
    trainer.optimiser.zero_grad()
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    counted = {name for name in before if name.endswith("num_batches_tracked")}
    _attack(trainer, batch)
    for name, value in trainer.network.state_dict().items():
        assert name in counted or torch.equal(value, before[name]), name
    assert all(weight.grad is None for weight in trainer.network.parameters())
    assert all(weight.requires_grad for weight in trainer.network.parameters())


def test_a_radius_of_nothing_moves_nothing(
    trainer: Trainer, batch: tuple[torch.Tensor, torch.Tensor]
) -> None:
    generator = torch.Generator().manual_seed(5)
    assert attack(trainer.network, *batch, radius=0.0, steps=2, generator=generator) is batch[0]


def test_the_radius_grows_and_then_stays() -> None:
    adversary = Adversary(radius=0.12, first_radius=0.04, growing=0.5)
    found = [adversary.radius_at(share) for share in (0.0, 0.25, 0.5, 1.0)]
    assert found == pytest.approx([0.04, 0.08, 0.12, 0.12])


def test_a_stopped_adversarial_training_goes_on_to_the_same_weights(
    tiny_bank: Bank, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    recipe = replace(tiny_recipe, adversary=Adversary(), gradient_limit=0.2)
    whole = train_recipe(recipe, tiny_bank, tmp_path / "whole.pt", CPU)
    first = Trainer(recipe, tiny_bank, CPU)
    first.run_epoch()
    first.checkpoint().save(tmp_path / "stopped.pt")
    resumed = train_recipe(recipe, tiny_bank, tmp_path / "stopped.pt", CPU)
    for name, value in whole.averaged.items():
        assert torch.equal(value, resumed.averaged[name]), name


def test_a_network_learns_in_spite_of_its_adversary(
    tiny_bank: Bank, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    recipe = replace(tiny_recipe, epochs=2, steps=60, averaging=0.9, adversary=Adversary())
    done = train_recipe(recipe, tiny_bank, tmp_path / "checkpoint.pt", CPU)
    assert done.history[-1]["accuracy"] > 0.5
    assert accuracy(done.listener(), tiny_bank).overall > 0.5


def test_a_recipe_with_an_adversary_comes_back_from_json(tiny_recipe: Recipe) -> None:
    recipe = replace(tiny_recipe, adversary=Adversary(radius=0.2), start="crnn-instruments")
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert Recipe.from_json(tiny_recipe.to_json()) == tiny_recipe
