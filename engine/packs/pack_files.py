"""The files of a pack: reading them, and adding graphs, templates, grains, a card."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Float, read_arrays
from ..errors import ModelError
from ..files import read_whole, write_beside
from .manifest import (
    GRAPH_FILES,
    MANIFEST_FILE,
    SCHEMA_VERSION,
    TEMPLATE_BINS,
    TEMPLATES_FILE,
    TENSORS_FILE,
    LayerInfo,
    Manifest,
    file_checksum,
    read_manifest,
    write_manifest,
)
from .onnx_runners import check_layers
from .shared_tensors import MOST_BYTES, share_tensors, whole_graph

_HEADERS = 1_000_000
"""Bytes that the headers of all arrays of a file may take."""


def read_file(folder: Path, manifest: Manifest, name: str) -> bytes:
    """Return the content of a pack's file, after a look at its checksum.

    Args:
        folder: of the pack.
        manifest: of the pack.
        name: of the file. A graph is given whole, also where its tensors are in `TENSORS_FILE`.

    Raises:
        ModelError: it is not in the manifest, missing, a link, or changed.
    """
    return _read(folder, manifest, name)[1]


def copy_file(folder: Path, manifest: Manifest, name: str, copy: Path) -> None:
    """Copy a file of a pack into another folder as it is stored, once `read_file` can read it.

    Raises:
        ModelError: as `read_file`.
        OSError: the disk refuses.
    """
    (copy / name).write_bytes(_read(folder, manifest, name)[0])


def _read(folder: Path, manifest: Manifest, name: str) -> tuple[bytes, bytes]:
    """Return a file as it is stored, and its content."""
    if name not in manifest.files:
        raise ModelError(f"The pack {manifest.name!r} has no {name}.")
    path, again = folder / name, f"add the pack {manifest.name!r} again"
    _refuse_link(path)
    try:
        stored = content = read_whole(path, MOST_BYTES)
    except FileNotFoundError:
        raise ModelError(f"{path} is missing; {again}.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ModelError(f"{path} cannot be read: {why}.") from None
    if name in GRAPH_FILES and TENSORS_FILE in manifest.files:
        tensors = read_file(folder, manifest, TENSORS_FILE)
        try:
            content = whole_graph(stored, tensors)
        except ModelError as error:
            raise ModelError(f"{path}: {error}") from None
    if _checksum(content) != manifest.files[name]:
        raise ModelError(
            f"{path} is not the file that the pack was made with (its checksum differs); {again}."
        )
    return stored, content


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise ModelError(f"{path} is a link; a pack's files must lie in its own folder.")


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_graphs(folder: Path, graphs: Mapping[str, bytes]) -> dict[str, str]:
    """Write all graphs of a pack, with their large tensors once in a file of their own.

    Args:
        folder: of the pack.
        graphs: name -> the whole graph.

    Returns:
        the checksums of the files for the manifest, which stays as it is.

    Raises:
        ModelError: one is no graph, a file is a link, or the disk refuses.
    """
    stored, tensors = share_tensors(graphs)
    for name, content in {TENSORS_FILE: tensors, **stored}.items():
        _refuse_link(folder / name)
        with write_beside(folder / name, ModelError) as temporary:
            temporary.write_bytes(content)
    whole = {**graphs, TENSORS_FILE: tensors}
    return {name: _checksum(content) for name, content in whole.items()}


def store_graphs(folder: Path, changed: Mapping[str, bytes] = MappingProxyType({})) -> None:
    """Write the graphs of a pack anew, with their large tensors once in a file of their own.

    Args:
        folder: of the pack.
        changed: name -> a whole graph, which replaces the one of that name or is added.

    Raises:
        ModelError: the folder is no pack, a graph cannot be read, or the disk refuses.
    """
    manifest = read_manifest(folder)
    graphs: dict[str, bytes] = {}
    for name in GRAPH_FILES:
        if name in changed:
            graphs[name] = changed[name]
        elif name in manifest.files:
            graphs[name] = read_file(folder, manifest, name)
    list_graphs(folder, manifest, write_graphs(folder, graphs))


def list_graphs(folder: Path, manifest: Manifest, files: Mapping[str, str]) -> None:
    """Put what `write_graphs` returned into a pack's manifest, and write it."""
    update = {"schema_version": SCHEMA_VERSION, "files": manifest.files | dict(files)}
    replace_manifest(manifest.model_copy(update=update), folder)


def add_file(folder: Path, name: str, content: bytes) -> None:
    """Write a file into a pack, and its checksum into the manifest.

    Raises:
        ModelError: the folder is no pack, or the disk refuses.
    """
    manifest = read_manifest(folder)
    with write_beside(folder / name, ModelError) as temporary:
        temporary.write_bytes(content)
    files = manifest.files | {name: file_checksum(folder / name)}
    replace_manifest(manifest.model_copy(update={"files": files}), folder)


def replace_manifest(manifest: Manifest, folder: Path) -> None:
    """Write a pack's manifest in one step."""
    with write_beside(folder / MANIFEST_FILE, ModelError) as temporary:
        write_manifest(manifest, folder, temporary.name)


def add_arrays(folder: Path, name: str, arrays: Mapping[str, NDArray[np.float16]]) -> None:
    """Write arrays into a pack as `.npz`, compressed; errors as `add_file`."""
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]
    add_file(folder, name, packed.getvalue())


def add_templates(folder: str | Path, templates: Mapping[str, ArrayLike]) -> None:
    """Put `templates.npz` into a pack.

    Args:
        folder: of the pack.
        templates: layer -> [units, 513], magnitude spectra of the units' maximising waveforms,
            peak 1. They are rounded to 1/1024: parts 60 dB below the peak are inaudible, and would
            take most of the space.

    Raises:
        ModelError: where a layer is missing or has another shape.
    """
    folder = Path(folder)
    arrays = {name: _rounded(array) for name, array in templates.items()}
    for layer in read_manifest(folder).layers:
        shape = arrays[layer.name].shape if layer.name in arrays else None
        if shape != (layer.units, TEMPLATE_BINS):
            raise ModelError(f"The templates of {layer.name!r} have the shape {shape}.")
    add_arrays(folder, TEMPLATES_FILE, arrays)


def _rounded(template: ArrayLike) -> NDArray[np.float16]:
    return (np.round(np.asarray(template, np.float32) * 1024) / 1024).astype(np.float16)


def unit_rows(
    path: Path, content: bytes, layers: Mapping[str, LayerInfo], columns: int
) -> dict[str, Float]:
    """Return the arrays of an `.npz` file of a pack.

    Args:
        path: of the file, for errors.
        content: of the file.
        layers: of the pack.
        columns: numbers of each unit.

    Returns:
        layer -> float32 [units, columns], for the layers that the file has.

    Raises:
        ModelError: it is damaged, has another layer, another shape, or a number that is not finite.
    """
    most = 8 * columns * sum(layer.units for layer in layers.values()) + _HEADERS
    try:
        kept = read_arrays(content, most)
    except ValueError as error:
        raise ModelError(f"{path} cannot be read: {error}.") from None
    for name, array in kept.items():
        check_layers({name: array}, layers)
        if array.shape != (layers[name].units, columns):
            raise ModelError(
                f"{path}: {name!r} has the shape {list(array.shape)}, not"
                f" [{layers[name].units}, {columns}]."
            )
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ModelError(f"{path}: {name!r} is not of finite numbers.")
    return {name: array.astype(np.float32) for name, array in kept.items()}
