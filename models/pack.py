"""Turn a training's checkpoint into a model pack."""

import copy
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import nn

from ..engine.manifest import (
    MANIFEST_FILE,
    Architecture,
    LayerInfo,
    read_manifest,
    write_manifest,
)
from .bank import Bank
from .checkpoints import Checkpoint
from .evaluate import accuracy
from .geometry import LayerGeometry, layer_geometry
from .listener import Listener
from .maximise_templates import maximise_templates
from .model_card import model_card


def local_geometry(network: Listener) -> list[LayerGeometry]:
    """Return the geometry of a network without the stage that scales its window."""
    local = copy.deepcopy(network)
    local.level = nn.Identity()
    return layer_geometry(local)


def build_pack(
    checkpoint: Checkpoint,
    bank: Bank,
    folder: Path,
    advance: Callable[[int], None] = lambda units: None,
    remark: str = "",
) -> None:
    """Test a trained network, maximise its units, and write its pack.

    Args:
        checkpoint: of the training.
        bank: whose held-out sounds test it.
        folder: of the pack; what was there is replaced.
        advance: called with the number of units that are maximised.
        remark: on this training, for the card.

    Raises:
        ModelError: the network cannot be exported.
    """
    # Exporters know networks; only here does a network's side call them.
    from ..exporters.pack_writer import add_templates, write_pack

    network = checkpoint.listener()
    recipe = checkpoint.recipe
    source, how = recipe.source, recipe.augmentation
    plain = accuracy(network, bank, how.plain())
    coloured = accuracy(network, bank, how.unmixed())
    layers = local_geometry(network)
    templates = maximise_templates(network, recipe.seed, advance)
    write_pack(
        network,
        folder,
        name=recipe.name,
        title=recipe.title,
        licence=source.licence,
        training_data=source.training_data,
        card=model_card(checkpoint, plain, coloured, layers, templates, remark),
        accuracy={
            source.held_out: round(plain.overall, 4),
            f"{source.held_out}, coloured": round(coloured.overall, 4),
        },
        architecture=Architecture(name=recipe.architecture, settings=recipe.settings),
    )
    add_templates(folder, {name: np.float32(array) for name, array in templates.spectra.items()})
    write_layers(folder, layers)


def write_layers(folder: Path, layers: list[LayerGeometry]) -> None:
    """Put the geometry of the layers into the manifest of a pack."""
    told = tuple(
        LayerInfo(
            name=layer.name, units=layer.units, hop=layer.hop, receptive_field=layer.receptive_field
        )
        for layer in layers
    )
    beside = folder / (MANIFEST_FILE + ".part")
    write_manifest(read_manifest(folder).model_copy(update={"layers": told}), folder, beside.name)
    os.replace(beside, folder / MANIFEST_FILE)
