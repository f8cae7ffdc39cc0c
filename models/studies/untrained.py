"""Writes the pack of a recipe's untrained network, to compare findings with.

`python -m innerear.models.studies.untrained samplecnn-digits untrained` writes the pack
`untrained`.
"""

import sys
from pathlib import Path

import torch

from ...engine.errors import InnerearError, ParameterError, nearest
from ...engine.packs.pack import load_pack
from ..networks.registry import ARCHITECTURES
from ..training.recipes import RECIPES


def write_untrained(recipe_name: str, folder: Path, seed: int = 0) -> None:
    """Write the pack of an untrained network.

    Args:
        recipe_name: of a recipe whose pack is there, for its classes.
        folder: of the new pack; what was there is replaced.
        seed: of the weights.

    Raises:
        ParameterError: there is no such recipe.
        ModelError: its pack is missing.
    """
    from ...exporters.pack_writer import write_pack

    if recipe_name not in RECIPES:
        raise ParameterError(f"There is no recipe {recipe_name!r}. {nearest(recipe_name, RECIPES)}")
    recipe, trained = RECIPES[recipe_name], load_pack(recipe_name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        build = ARCHITECTURES[recipe.architecture]
        network = build(classes=trained.classes, sample_rate=trained.sample_rate, **recipe.settings)
    write_pack(
        network.eval().requires_grad_(False),
        folder,
        name=f"{recipe_name}-untrained",
        title=f"{recipe.title}, untrained",
        licence="MIT",
        training_data="none",
        card="Random weights, to compare with.\n",
    )


if __name__ == "__main__":
    try:
        write_untrained(sys.argv[1], Path(sys.argv[2]))
    except IndexError:
        sys.exit("give a recipe and a folder")
    except InnerearError as error:
        sys.exit(f"error: {error}")
