"""Places the dreams of a library on a plane, so that those that sound alike to a network are near.

The plane is that of the two principal components of their embeddings.
"""

import hashlib
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...engine.arrays import read_arrays
from ...engine.errors import LibraryError
from ..place import Place

MAP_FILE = "map.npz"
"""In the library: the places, so that they are computed once."""

_BLOCK = 65_536
"""So many items are computed with at a time, which bounds the memory."""

_HEADERS = 10_000
"""Bytes that the file may have besides the places."""

Places = NDArray[np.float32]


def project(embeddings: NDArray[np.float32]) -> Places:
    """Return the first two principal components of the embeddings' directions.

    Near is what `Library.find(near=...)` calls near: the angle counts, not the length.

    Args:
        embeddings: [items, dimensions].

    Returns:
        [items, 2], scaled together so that the farthest item is at 1 in one direction.
    """
    count, dimensions = embeddings.shape
    starts = range(0, count, _BLOCK)
    mean = sum((_directions(embeddings, at).sum(axis=0) for at in starts), np.zeros(dimensions))
    mean /= max(count, 1)
    covariance = np.zeros((dimensions, dimensions))
    for at in starts:
        centred = _directions(embeddings, at) - mean
        covariance += centred.T @ centred
    _, axes = np.linalg.eigh(covariance)
    axes = axes[:, ::-1][:, :2]  # the largest first
    # An axis may point either way: choose one, so that the map is the same everywhere.
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    places = np.zeros((count, 2), np.float32)
    for at in starts:
        places[at : at + _BLOCK, : axes.shape[1]] = (_directions(embeddings, at) - mean) @ axes
    extent = np.abs(places).max(initial=0.0)
    return places / (extent or np.float32(1.0))


def _directions(embeddings: NDArray[np.float32], start: int) -> NDArray[np.float64]:
    """Return a block of embeddings with a length of 1, or of 0 where they have none."""
    block = np.nan_to_num(embeddings[start : start + _BLOCK].astype(np.float64))
    lengths = np.linalg.norm(block, axis=1, keepdims=True)
    directions: NDArray[np.float64] = block / np.where(lengths > 0.0, lengths, 1.0)
    return directions


def version_of(items: Sequence[str]) -> str:
    """Return a name for exactly these items in this order."""
    return hashlib.sha256("\n".join(items).encode()).hexdigest()[:16]


def read_places(place: Place, version: str, items: int) -> Places | None:
    """Return the places that were kept for these items.

    Args:
        place: of the library.
        version: see `version_of`.
        items: how many there are.

    Returns:
        [items, 2]; None where none are kept, or those of other items, or the file is damaged.
    """
    try:
        kept = read_arrays(place.read(MAP_FILE), 8 * items + _HEADERS)
        known, places = str(kept["version"]), kept["places"]
    except (LibraryError, ValueError, KeyError):
        return None
    fits = known == version and places.dtype == np.float32 and places.shape == (items, 2)
    return places if fits and np.isfinite(places).all() else None


def keep_places(place: Place, version: str, places: Places) -> None:
    """Keep the places in the library.

    Raises:
        LibraryError: the disk refuses.
    """
    content = io.BytesIO()
    np.savez(content, version=np.array(version), places=places)
    place.write(MAP_FILE, content.getvalue())
