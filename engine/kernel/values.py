"""Notices that numbers have changed, which other processes may set."""

import numpy as np
from numpy.typing import NDArray


def count_changes(
    changes: NDArray[np.int64],
    kept: NDArray[np.float64],
    kept_heads: NDArray[np.int64],
    numbers: NDArray[np.float64],
    heads: NDArray[np.int64],
) -> float:
    """Compare numbers with those that were kept, and keep them.

    Args:
        changes: how often they have differed so far, (1,); written.
        kept: (1, values); written.
        kept_heads: (1, texts); written.
        numbers: (1, values).
        heads: of texts, (texts, 1): they differ where the texts do.

    Returns:
        `changes`, one more than before where a bit differs.
    """
    same = np.array_equal(kept.view(np.int64), numbers.view(np.int64))
    same = np.array_equal(kept_heads, heads.T) and same
    kept[...] = numbers
    kept_heads[...] = heads.T
    changes[0] += not same
    return float(changes[0])
