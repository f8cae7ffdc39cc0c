"""The types of arrays that functions take and return, archives of arrays, and what is finite.

Shapes and ranges are in the docstrings of the functions.
"""

import io
import math
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
"""Single precision: sound (full scale at 1), magnitudes, activations, gradients."""
Complex = NDArray[np.complex64]
"""Spectra in single precision."""


def is_finite(array: Float) -> bool:
    """Return whether nothing in an array is NaN or infinite.

    One call in place of two where all is well: it runs in the audio callback.
    """
    return math.isfinite(np.vdot(array, array)) or bool(np.isfinite(array).all())


def read_arrays(content: bytes, most_bytes: int) -> Mapping[str, NDArray[Any]]:
    """Return the arrays of an `.npz` file that anybody may have made.

    Nothing in it is run, and no more memory taken than is allowed, whatever its headers say.

    Args:
        content: of the file.
        most_bytes: that all arrays may have together.

    Raises:
        ValueError: it is damaged, holds anything but numbers and texts, or more than that.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > most_bytes:
                raise ValueError(f"it holds more than {most_bytes} bytes")
            return {
                member.filename.removesuffix(".npy"): _array(archive, member) for member in members
            }
    except ValueError:
        raise
    except Exception as problem:  # of the archive, its compression, or a header: there are dozens
        raise ValueError(f"it is damaged ({type(problem).__name__})") from problem


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """Return one array; it is as long as its header says, or an error."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("it is compressed in a way that NumPy does not write")
    file = io.BytesIO(archive.read(member))
    major, _ = np.lib.format.read_magic(file)
    formats = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
    shape, in_columns, dtype = formats[major](file)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are never loaded: they could run code")
    numbers = np.frombuffer(file.read(), dtype)
    return numbers.reshape(shape, order="F" if in_columns else "C")
