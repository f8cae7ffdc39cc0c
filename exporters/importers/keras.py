"""Reads the arrays of an HDF5 file of Keras weights, by name."""

from pathlib import Path
from typing import Any

import numpy as np

from ...engine.arrays import Float
from ...engine.errors import ModelError

HDF5_IDENTIFIER = b"\x89HDF\r\n\x1a\n"
_LARGEST = 100_000_000
"""Numbers in all arrays together: a small file can claim any size."""


def read_keras_weights(path: Path) -> dict[str, Float]:
    """Return every array of floating-point numbers in the file.

    Args:
        path: of a file that Keras' `save_weights` or `save` wrote in HDF5.

    Returns:
        name -> array, for example "layer1/conv/layer1/conv/kernel": the path in the file, which
        for Keras is the layer's name and then the weight's, without the number behind its colon.

    Raises:
        ModelError: where it is no HDF5 file, or a damaged one.
    """
    import h5py

    with path.open("rb") as opened:
        if opened.read(len(HDF5_IDENTIFIER)) != HDF5_IDENTIFIER:
            raise ModelError("it is no HDF5 file")
    arrays: dict[str, Any] = {}

    def visit(name: str | bytes, node: Any) -> None:
        # Links are not followed here, and arrays that are kept in other files not read.
        if isinstance(node, h5py.Dataset) and node.dtype.kind == "f":
            if node.is_virtual or node.external:
                raise ModelError("the HDF5 file keeps arrays in other files; that is refused")
            if isinstance(name, bytes):  # it is not UTF-8
                name = name.decode(errors="replace")
            arrays[name.split(":", maxsplit=1)[0]] = node

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)
            if sum(array.size for array in arrays.values()) > _LARGEST:
                raise ModelError("the HDF5 file is far too large to hold YAMNet's weights")
            return {name: np.asarray(array[()], np.float32) for name, array in arrays.items()}
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise ModelError(f"the HDF5 file is damaged ({error})") from error
