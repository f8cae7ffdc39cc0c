"""Trains the network of a recipe. A stopped training continues, to the same weights."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress
from torch.nn.functional import binary_cross_entropy_with_logits

from ...engine.errors import ModelError, ParameterError
from ...engine.packs.onnx_device import card_number
from ...engine.packs.pack import load_pack
from ..networks.listener import Listener
from ..networks.restore import restore
from ..sounds.bank import Bank
from .adversary import attack
from .augment import Examples
from .checkpoints import Checkpoint
from .evaluate import accuracy
from .pack import build_pack
from .recipes import Recipe, find_recipe

TRAINING_FOLDER = Path("training")
WARM_UP, COOL_DOWN = 1 / 6, 1 / 2
"""Parts of the steps at the start and at the end."""


def pick_device(name: str) -> torch.device:
    """Return torch's device for `auto`, `cpu`, `cuda` or `cuda:1`.

    Raises:
        ParameterError: another name, or there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    card = card_number(name)
    if card is None:
        return torch.device("cpu")
    if torch.version.cuda is None:
        problem = f"this torch ({torch.__version__}) is built without CUDA"
    elif not torch.cuda.is_available():
        problem = "torch finds no graphics card that it can use"
    elif card >= torch.cuda.device_count():
        problem = f"torch finds graphics cards up to cuda:{torch.cuda.device_count() - 1}"
    else:
        return torch.device("cuda", card)
    raise ParameterError(f"The device {name} does not work here: {problem}. Use cpu or auto.")


@contextmanager
def enough_memory(device: torch.device) -> Iterator[None]:
    """Say in one line that the device's memory is full.

    Raises:
        ModelError: it is.
    """
    try:
        yield
    except torch.OutOfMemoryError:
        raise ModelError(
            f"The memory of {device} is full: end other programs that use it, or choose cpu."
        ) from None


def learning_rate(recipe: Recipe, step: int) -> float:
    """Return the learning rate of a step: it rises, stays, and falls to zero as half a cosine."""
    risen = (step + 1) / (WARM_UP * recipe.total_steps + 1)
    fallen = max(0.0, 1 - (1 - step / recipe.total_steps) / COOL_DOWN)
    return recipe.learning_rate * min(1.0, risen, 0.5 * (1 + math.cos(math.pi * fallen)))


def average(averaged: dict[str, torch.Tensor], network: Listener, share: float) -> None:
    """Update the moving average of the network's state, in place."""
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            averaged[name].lerp_(value, 1 - share)
        else:
            averaged[name].copy_(value)


class Trainer:
    """One training, epoch by epoch."""

    def __init__(self, recipe: Recipe, bank: Bank, device: torch.device) -> None:
        """Start with fresh weights, decided by the recipe's seed alone.

        Raises:
            ModelError: the device's memory is full.
        """
        torch.manual_seed(recipe.seed)
        self.recipe = recipe
        self.bank = bank
        self.device = device
        self.network = recipe.untrained(bank.classes)
        if recipe.start:
            self.network.load_state_dict(restore(load_pack(recipe.start)).state_dict())
        with enough_memory(device):
            self.network.to(device)
            self.examples = Examples(
                bank.part(held_out=False), self.network.window, recipe.augmentation, device
            )
        self.averaged = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), weight_decay=recipe.weight_decay
        )
        self.epoch = 0
        self.seconds = 0.0
        self.history: list[dict[str, float]] = []

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint.

        Raises:
            ParameterError: it was trained after another recipe.
        """
        if checkpoint.recipe != self.recipe:
            raise ParameterError(
                f"the checkpoint of {self.recipe.name} follows another version of the recipe: "
                "delete it to train anew"
            )
        self.network.load_state_dict(checkpoint.weights)
        for name, value in checkpoint.averaged.items():
            self.averaged[name].copy_(value)
        self.optimiser.load_state_dict(checkpoint.optimiser)
        self.epoch = checkpoint.epoch
        self.seconds = checkpoint.seconds
        self.history = list(checkpoint.history)

    def checkpoint(self) -> Checkpoint:
        """Return the present state."""
        return Checkpoint(
            recipe=self.recipe,
            classes=self.bank.classes,
            epoch=self.epoch,
            seconds=self.seconds,
            weights={name: value.cpu() for name, value in self.network.state_dict().items()},
            averaged={name: value.cpu() for name, value in self.averaged.items()},
            optimiser=self.optimiser.state_dict(),
            history=self.history,
        )

    def step(self, number: int) -> float:
        """Train on one batch; return the loss.

        Every step seeds its own random numbers, so a checkpoint need not keep their state. A CPU
        and a GPU draw different ones.

        Raises:
            ModelError: the device's memory is full.
        """
        with enough_memory(self.device):
            return self._step(number)

    def _step(self, number: int) -> float:
        recipe = self.recipe
        seed = int(np.random.SeedSequence([recipe.seed, number]).generate_state(1)[0])
        torch.manual_seed(seed)
        generator = torch.Generator(self.device).manual_seed(seed)
        waveform, targets = self.examples.batch(recipe.batch, generator)
        smooth = targets * (1 - recipe.label_smoothing) + recipe.label_smoothing / 2
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(recipe, number)
        if recipe.adversary is not None:
            radius = recipe.adversary.radius_at(number / recipe.total_steps)
            waveform = attack(
                self.network, waveform, smooth, radius, recipe.adversary.steps, generator
            )
        scores = self.network(waveform)["output"].mean(dim=2)
        loss = binary_cross_entropy_with_logits(scores, smooth)
        self.optimiser.zero_grad()
        # torch does not type `backward`.
        loss.backward()  # type: ignore[no-untyped-call]
        if recipe.gradient_limit is not None:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), recipe.gradient_limit)
        self.optimiser.step()
        # The average starts short, so that it forgets the random weights.
        average(self.averaged, self.network, min(recipe.averaging, (number + 1) / (number + 10)))
        return float(loss.detach())

    def run_epoch(self, advance: Callable[[], None] = lambda: None) -> dict[str, float]:
        """Train for one epoch, then test; return the figures and append them to the history."""
        started = time.monotonic()
        self.network.train()
        first = self.epoch * self.recipe.steps
        losses = []
        for number in range(first, first + self.recipe.steps):
            losses.append(self.step(number))
            advance()
        self.epoch += 1
        self.seconds += time.monotonic() - started
        figures = {
            "epoch": float(self.epoch),
            "loss": float(np.mean(losses)),
            "accuracy": accuracy(
                self.checkpoint().listener().to(self.device),
                self.bank,
                self.recipe.augmentation.plain(),
            ).overall,
        }
        self.history.append(figures)
        return figures


def train_recipe(
    recipe: Recipe,
    bank: Bank,
    path: Path,
    device: torch.device,
    console: Console | None = None,
) -> Checkpoint:
    """Train to the end, with a checkpoint after every epoch.

    Args:
        recipe: what to train.
        bank: the sounds.
        path: of the checkpoint; a training found there goes on.
        device: where to compute.
        console: shows progress; none by default.
    """
    trainer = Trainer(recipe, bank, device)
    if path.exists():
        trainer.resume(Checkpoint.load(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with Progress(console=console, disable=not (console and console.is_terminal)) as progress:
        task = progress.add_task(recipe.name, total=recipe.total_steps)
        progress.update(task, completed=trainer.epoch * recipe.steps)
        while trainer.epoch < recipe.epochs:
            figures = trainer.run_epoch(lambda: progress.advance(task))
            trainer.checkpoint().save(path)
            progress.console.print(
                f"epoch {trainer.epoch}: loss {figures['loss']:.3f}, "
                f"accuracy (held out) {figures['accuracy']:.3f}"
            )
    return trainer.checkpoint()


def train(
    recipe_name: str,
    folder: Path = TRAINING_FOLDER,
    device: str = "auto",
    console: Console | None = None,
    data: Path | None = None,
) -> Checkpoint:
    """Render the sounds of a recipe where they are missing, and train its network.

    Args:
        recipe_name: a key of `RECIPES`.
        folder: keeps rendered sounds and checkpoints.
        device: auto, cpu, cuda or cuda:1.
        console: shows progress; none by default.
        data: folder of recordings, for recipes that learn from some.

    Returns:
        The finished training; its checkpoint lies at `folder/<recipe>/checkpoint.pt`.

    Raises:
        ModelError: there is no such recipe, or there are no recordings for it.
        ParameterError: there is no such device, or the recipe has changed since the checkpoint.
        MissingToolError: what renders the sounds is not installed.
    """
    recipe = find_recipe(recipe_name)
    chosen = pick_device(device)
    show = console or Console(quiet=True)
    with show.status("rendering sounds") as status:
        bank = recipe.bank(folder / "sounds", lambda name: status.update(f"rendered {name}"), data)
    return train_recipe(recipe, bank, folder / recipe.name / "checkpoint.pt", chosen, console)


def train_pack(
    recipe_name: str,
    folder: Path = TRAINING_FOLDER,
    device: str = "auto",
    console: Console | None = None,
    data: Path | None = None,
) -> Path:
    """Train a recipe's network as `train` does, and build its pack.

    Returns:
        The folder of the pack, `folder/packs/<recipe>`.
    """
    checkpoint = train(recipe_name, folder, device, console, data)
    bank = checkpoint.recipe.bank(folder / "sounds")
    pack = folder / "packs" / recipe_name
    with Progress(console=console, disable=not (console and console.is_terminal)) as progress:
        task = progress.add_task("maximising units", total=1)
        build_pack(checkpoint, bank, pack, lambda share: progress.update(task, completed=share))
    return pack
