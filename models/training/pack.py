"""Turns the checkpoint of a training into a model pack."""

import copy
import tempfile
from collections.abc import Callable
from pathlib import Path

from torch import nn

from ...engine.analysis.templates import find_templates
from ...engine.files import exchange_folders
from ...engine.packs.manifest import Architecture, LayerInfo, read_manifest
from ...engine.packs.pack import Pack
from ...engine.packs.pack_files import add_file, add_templates, replace_manifest
from ..networks.geometry import LayerGeometry, layer_geometry
from ..networks.listener import Listener
from ..sounds.bank import Bank
from .checkpoints import Checkpoint
from .evaluate import accuracy
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
    progress: Callable[[float], None] = lambda share: None,
    remark: str = "",
) -> None:
    """Test a trained network, maximise its units, and write its pack.

    Args:
        checkpoint: of the training.
        bank: whose held-out sounds test it.
        folder: of the pack; what was there is replaced.
        progress: called with the share of the units that are maximised.
        remark: on this training, for the card.

    Raises:
        ModelError: the network cannot be exported.
    """
    # Exporters know networks; only here does a network's side call them.
    from ...exporters.pack_writer import CARD_FILE, write_pack

    network = checkpoint.listener()
    recipe = checkpoint.recipe
    source, how = recipe.source, recipe.augmentation
    plain = accuracy(network, bank, how.plain())
    coloured = accuracy(network, bank, how.unmixed())
    figures = {source.held_out: plain, f"{source.held_out}, coloured": coloured}
    attacked = None
    if recipe.adversary is not None:
        radius = recipe.adversary.radius
        attacked = accuracy(network, bank, how.plain(), radius=radius)
        figures[f"{source.held_out}, against an adversary within {radius:g}"] = attacked
    layers = local_geometry(network)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside, until it is whole: the pack before it is one until then.
    with tempfile.TemporaryDirectory(prefix=".building-", dir=folder.parent) as workshop:
        made = Path(workshop, folder.name)
        write_pack(
            network,
            made,
            name=recipe.name,
            title=recipe.title,
            licence=source.licence,
            training_data=source.training_data,
            card="",  # it tells which units are dead
            accuracy={name: round(each.overall, 4) for name, each in figures.items()},
            architecture=Architecture(name=recipe.architecture, settings=recipe.settings),
            origin=recipe.start,
        )
        write_layers(made, layers)
        templates = find_templates(Pack(made), recipe.seed, progress)
        add_templates(made, templates.spectra)
        card = model_card(checkpoint, plain, coloured, attacked, layers, templates, remark)
        add_file(made, CARD_FILE, card.encode())
        exchange_folders(made, folder, Path(workshop, "replaced"))


def write_layers(folder: Path, layers: list[LayerGeometry]) -> None:
    """Put the geometry of the layers into the manifest of a pack."""
    infos = tuple(
        LayerInfo(
            name=layer.name, units=layer.units, hop=layer.hop, receptive_field=layer.receptive_field
        )
        for layer in layers
    )
    replace_manifest(read_manifest(folder).model_copy(update={"layers": infos}), folder)
