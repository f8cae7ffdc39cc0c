"""Checkpoints of a training: written whole or not at all, read without running code."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...engine.errors import ModelError
from ..networks.listener import Listener
from .recipes import Recipe


@dataclass
class Checkpoint:
    """A training between two epochs.

    Attributes:
        recipe: what is trained.
        classes: names of the output's units.
        epoch: epochs that are done.
        seconds: that they took.
        weights: state of the network that learns.
        averaged: moving average of its states: the network that is shipped.
        optimiser: state of the optimiser.
        history: per epoch, figures by name.
    """

    recipe: Recipe
    classes: tuple[str, ...]
    epoch: int
    seconds: float
    weights: dict[str, Tensor]
    averaged: dict[str, Tensor]
    optimiser: dict[str, Any]
    history: list[dict[str, float]]

    def save(self, path: Path) -> None:
        """Write beside `path`, then rename."""
        beside = path.with_suffix(".part")
        torch.save({**vars(self), "recipe": self.recipe.to_json()}, beside)
        os.replace(beside, path)

    @classmethod
    def load(cls, path: Path) -> "Checkpoint":
        """Read what `save` wrote.

        Raises:
            ModelError: there is no checkpoint there, it cannot be read, or it is damaged.
        """
        try:
            values = torch.load(path, map_location="cpu", weights_only=True)
            values["recipe"] = Recipe.from_json(values["recipe"])
            return cls(**values)
        except FileNotFoundError as problem:
            raise ModelError(f"there is no checkpoint at {path}: train first") from problem
        except OSError as problem:
            why = problem.strerror or problem
            raise ModelError(f"the checkpoint {path} cannot be read ({why})") from problem
        except Exception as problem:  # whatever reading a damaged file ends in
            raise ModelError(
                f"the checkpoint {path} is damaged: delete it, train again"
            ) from problem

    def listener(self) -> Listener:
        """Return the averaged network, ready to listen."""
        network = self.recipe.untrained(tuple(self.classes))
        network.load_state_dict(self.averaged)
        return network.eval()
