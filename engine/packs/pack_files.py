"""The files that a pack keeps beside its graphs: templates, grains, a card."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Float, read_arrays
from ..errors import ModelError
from ..files import write_beside
from .manifest import (
    MANIFEST_FILE,
    TEMPLATE_BINS,
    TEMPLATES_FILE,
    LayerInfo,
    Manifest,
    file_checksum,
    read_manifest,
    write_manifest,
)
from .onnx_runners import check_layers

_HEADERS = 1_000_000
"""Bytes that the headers of all arrays of a file may take."""


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
