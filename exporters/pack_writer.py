"""Writes a whole model pack: graphs, weights, templates, model card and manifest."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from ..engine.packs.manifest import (
    AURALISE_FILE,
    SCHEMA_VERSION,
    WEIGHTS_FILE,
    Architecture,
    Manifest,
    file_checksum,
    write_manifest,
)
from ..engine.packs.pack import Pack
from ..engine.packs.pack_files import list_graphs, store_graphs
from ..models.networks.listener import Listener
from ..models.networks.restore import restore
from .auralise_graph import auralise_graph
from .pack_graphs import ExportReport, export_pack_graphs

CARD_FILE = "README.md"


def write_pack(
    listener: Listener,
    folder: str | Path,
    *,
    name: str,
    title: str,
    licence: str,
    training_data: str,
    card: str,
    accuracy: Mapping[str, float] | None = None,
    architecture: Architecture | None = None,
    origin: str = "",
) -> ExportReport:
    """Write the pack of a trained listener; what was in `folder` before is replaced.

    Args:
        listener: on the CPU, float32.
        folder: of the pack, best called like the pack itself.
        name: of the pack, as one types it.
        title: of the pack, as one shows it.
        licence: of the weights.
        training_data: what it was trained on, and under which licence.
        card: the model card, Markdown.
        accuracy: what was measured -> the share of right answers, 0..1.
        architecture: what the weights belong to.
        origin: name of the pack whose weights the training began with, if there is one.

    Raises:
        ModelError: where the network cannot be exported; then `folder` stays as it was.
    """
    from safetensors.torch import save_file

    folder = Path(folder)
    beside = folder.with_name(folder.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        report = export_pack_graphs(listener, beside)
        weights = {key: value.contiguous() for key, value in listener.state_dict().items()}
        save_file(weights, beside / WEIGHTS_FILE)
        (beside / CARD_FILE).write_text(card, encoding="utf-8")
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            name=name,
            title=title,
            sample_rate=listener.sample_rate,
            window=listener.window,
            hop=listener.hop,
            front_end=listener.front_end,
            layers=report.layers,
            classes=tuple(listener.classes),
            files={
                file.name: report.files.get(file.name) or file_checksum(file)
                for file in sorted(beside.iterdir())
            },
            licence=licence,
            training_data=training_data,
            accuracy=dict(accuracy or {}),
            architecture=architecture,
            origin=origin,
        )
        write_manifest(manifest, beside)
        if folder.is_dir():
            shutil.rmtree(folder)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return report


def refresh_graphs(folder: str | Path) -> ExportReport:
    """Export the graphs of a pack anew, from its own weights.

    Args:
        folder: of a pack whose manifest names its architecture; its other files stay.

    Raises:
        ModelError: where the network cannot be built or exported; then the pack stays as it was.
    """
    folder = Path(folder)
    pack = Pack(folder)
    beside = folder.with_name(folder.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        report = export_pack_graphs(restore(pack), beside)
        for name in report.files:
            (beside / name).replace(folder / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    list_graphs(folder, pack.manifest, report.files)
    return report


def add_auralise_graph(folder: str | Path) -> None:
    """Put `auralise.onnx` into a pack that has none, or an old one, made from its own weights.

    Args:
        folder: of a pack whose manifest names its architecture.

    Raises:
        ModelError: where the network cannot be built or exported; then the pack stays as it was.
    """
    folder = Path(folder)
    store_graphs(folder, {AURALISE_FILE: auralise_graph(restore(Pack(folder)))})
