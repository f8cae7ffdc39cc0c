"""Trains one layer of a network and leaves the others random, to see which layer matters."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from ...engine.errors import ParameterError, nearest
from ...engine.files import write_beside
from ...engine.plots.style import new_figure
from ..networks.listener import Listener
from ..sounds.bank import Bank
from ..training.evaluate import accuracy
from ..training.recipes import Recipe
from ..training.train import Trainer


@dataclass(frozen=True)
class Outcome:
    """The result of one training.

    Attributes:
        trained: name of the layer, or `none`, or `all`.
        weights: how many numbers were learned.
        loss: mean of the last epoch; 0 where nothing was trained.
        accuracy: on held-out sounds, 0..1.
    """

    trained: str
    weights: int
    loss: float
    accuracy: float


def trainable_layers(network: Listener) -> dict[str, nn.Module]:
    """Return the layers that have weights, in network order.

    Raises:
        ParameterError: the network does not keep its layers in `blocks` and `classifier`.
    """
    blocks, classifier = getattr(network, "blocks", None), getattr(network, "classifier", None)
    if not isinstance(blocks, nn.ModuleDict) or not isinstance(classifier, nn.Module):
        raise ParameterError(f"{type(network).__name__} does not say which weights a layer has")
    parts = {
        "wavelets": getattr(network, "bank", None),
        **dict(blocks.items()),
        "recurrent": getattr(network, "recurrent", None),
        "output": classifier,
    }
    # A fixed bank of wavelets has no weights.
    return {
        name: part for name, part in parts.items() if part is not None and list(part.parameters())
    }


def check_layer(layer: str, layers: Iterable[str]) -> None:
    """Check the name of a layer.

    Raises:
        ParameterError: it is neither one of `layers` nor `all` nor `none`.
    """
    known = (*layers, "all", "none")
    if layer not in known:
        raise ParameterError(f"there is no layer {layer!r}. {nearest(layer, known)}")


def freeze_all_but(network: Listener, layer: str) -> int:
    """Let only one layer learn, `all`, or `none`; return the number of weights that learn.

    The statistics of all batch normalisations still follow the sounds: they are measured, not
    learned.

    Raises:
        ParameterError: there is no such layer.
    """
    layers = trainable_layers(network)
    check_layer(layer, layers)
    network.requires_grad_(layer == "all")
    if layer in layers:
        layers[layer].requires_grad_(True)
    return sum(weight.numel() for weight in network.parameters() if weight.requires_grad)


def train_only(
    recipe: Recipe,
    bank: Bank,
    layer: str,
    device: torch.device | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Outcome:
    """Train one layer after a recipe; the others keep the random weights of the recipe's seed.

    Args:
        recipe: decides everything else.
        bank: the sounds.
        layer: its name, or `all`, or `none`.
        device: where to compute; by default the CPU.
        advance: called after each step.

    Raises:
        ParameterError: there is no such layer.
    """
    fresh = replace(recipe, start="")  # what is frozen is random, not trained before
    trainer = Trainer(fresh, bank, device or torch.device("cpu"))
    weights = freeze_all_but(trainer.network, layer)
    if not weights:
        network = trainer.checkpoint().listener()
        return Outcome(layer, 0, 0.0, accuracy(network, bank, recipe.augmentation.plain()).overall)
    figures: dict[str, float] = {}
    while trainer.epoch < recipe.epochs:
        figures = trainer.run_epoch(advance)
    return Outcome(layer, weights, figures["loss"], figures["accuracy"])


def one_layer_experiment(
    recipe: Recipe,
    bank: Bank,
    folder: Path | None = None,
    layers: Sequence[str] | None = None,
    device: torch.device | None = None,
    advance: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Train each layer alone, and write a table and a picture of the accuracies.

    After Raghu, Poole, Kleinberg, Ganguli and Sohl-Dickstein, "On the expressive power of deep
    neural networks", 2017: training one layer helps most when it is an early one.

    Args:
        recipe: of the network; best a short one.
        bank: the sounds.
        folder: gets `one-layer.csv` and `one-layer.png`; by default nothing is written.
        layers: which, or `none` and `all`; by default nothing, each layer, everything.
        device: where to compute; by default the CPU.
        advance: called after each step of each training.

    Raises:
        ParameterError: there is no such layer.
    """
    if layers is None:
        layers = ("none", *trainable_layers(recipe.untrained(bank.classes)), "all")
    outcomes = []
    for layer in layers:
        outcomes.append(train_only(recipe, bank, layer, device, advance))
        if folder is not None:
            write_outcomes(outcomes, folder)
    if folder is not None:
        draw_outcomes(outcomes, 1 / len(bank.classes), folder / "one-layer.png")
    return outcomes


def write_outcomes(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write `one-layer.csv`, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ["trained", "weights", "loss", "accuracy"]
    with (
        write_beside(folder / "one-layer.csv") as beside,
        beside.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for outcome in outcomes:
            figures = {"loss": f"{outcome.loss:.4f}", "accuracy": f"{outcome.accuracy:.4f}"}
            writer.writerow(vars(outcome) | figures)


def draw_outcomes(outcomes: Sequence[Outcome], chance: float, path: Path) -> None:
    """Draw accuracy against the trained layer.

    Args:
        outcomes: in the order of the axis.
        chance: accuracy of a guess.
        path: of the PNG.
    """
    names = [outcome.trained for outcome in outcomes]
    with new_figure(path, "", 7, 3.5, 120) as figure:
        axes = figure.subplots()
        axes.bar(names, [outcome.accuracy for outcome in outcomes], color="#3b6ea5")
        axes.axhline(chance, color="grey", linestyle="--", linewidth=1)
        axes.text(len(names) - 0.5, chance, "chance", ha="right", va="bottom", color="grey")
        axes.set(xlabel="the only layer that is trained", ylabel="held-out accuracy", ylim=(0, 1))
        axes.tick_params(axis="x", rotation=30)
