"""Writes a whole model pack: graphs, weights, templates, model card and manifest."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..engine.errors import ModelError
from ..engine.manifest import (
    AURALISE_FILE,
    MANIFEST_FILE,
    SCHEMA_VERSION,
    TEMPLATE_BINS,
    TEMPLATES_FILE,
    WEIGHTS_FILE,
    Architecture,
    Manifest,
    file_checksum,
    read_manifest,
    write_manifest,
)
from ..engine.modelpack import Pack
from ..models.listener import Listener
from ..models.restore import restore
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
            files={file.name: file_checksum(file) for file in sorted(beside.iterdir())},
            licence=licence,
            training_data=training_data,
            accuracy=dict(accuracy or {}),
            architecture=architecture,
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
        fresh = {file.name: file_checksum(file) for file in beside.iterdir()}
        for name in fresh:
            (beside / name).replace(folder / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    _replace_manifest(
        pack.manifest.model_copy(update={"files": pack.manifest.files | fresh}), folder
    )
    return report


def add_auralise_graph(folder: str | Path) -> int:
    """Put `auralise.onnx` into a pack that has none, or an old one, made from its own weights.

    Args:
        folder: of a pack whose manifest names its architecture.

    Returns:
        its size in bytes.

    Raises:
        ModelError: where the network cannot be built or exported; then the pack stays as it was.
    """
    folder = Path(folder)
    pack = Pack(folder)
    content = auralise_graph(restore(pack))
    (folder / AURALISE_FILE).write_bytes(content)
    files = pack.manifest.files | {AURALISE_FILE: file_checksum(folder / AURALISE_FILE)}
    _replace_manifest(pack.manifest.model_copy(update={"files": files}), folder)
    return len(content)


def add_templates(folder: str | Path, templates: Mapping[str, ArrayLike]) -> None:
    """Put `templates.npz` into a pack that exists, and its checksum into the manifest.

    Args:
        folder: of the pack.
        templates: layer -> [units, 513], magnitude spectra of the units' maximising waveforms,
            peak 1. They are kept to 1/1024: what is 60 dB under the peak is heard by nobody, and
            would take most of the room.

    Raises:
        ModelError: where a layer is missing or has another shape.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    arrays = {name: _rounded(array) for name, array in templates.items()}
    for layer in manifest.layers:
        shape = arrays[layer.name].shape if layer.name in arrays else None
        if shape != (layer.units, TEMPLATE_BINS):
            raise ModelError(f"The templates of {layer.name!r} have the shape {shape}.")
    np.savez_compressed(folder / TEMPLATES_FILE, **arrays)  # type: ignore[arg-type]
    files = manifest.files | {TEMPLATES_FILE: file_checksum(folder / TEMPLATES_FILE)}
    _replace_manifest(manifest.model_copy(update={"files": files}), folder)


def _rounded(template: ArrayLike) -> NDArray[np.float16]:
    return (np.round(np.asarray(template, np.float32) * 1024) / 1024).astype(np.float16)


def _replace_manifest(manifest: Manifest, folder: Path) -> None:
    beside = folder / (MANIFEST_FILE + ".part")
    write_manifest(manifest, folder, beside.name)
    beside.replace(folder / MANIFEST_FILE)
