"""Constants that can be derived from others, by transposition and reversal, instead of stored.

A backward pass convolves with the kernels of the forward pass, transposed and reversed. ONNX
Runtime derives them once, when it opens the graph.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WORTH_IT = 1024
"""The smallest number of elements for which the nodes of a derivation pay."""

Step = tuple[str, dict[str, Any]]
"""An operator with what it takes: `order` for Transpose, `axes` for a reversal."""


def derivations(array: NDArray[Any]) -> Iterator[tuple[NDArray[Any], list[Step]]]:
    """Yield arrays that `array` can be derived from, each with the steps that do it.

    Args:
        array: a matrix, or the kernels of a convolution, [out, in, height, width].
    """
    if array.size < _WORTH_IT or array.dtype != np.float32:
        return
    if array.ndim == 2:
        yield np.ascontiguousarray(array.T), [("Transpose", {"order": [1, 0]})]
    if array.ndim == 4:
        axes = [axis for axis in (2, 3) if array.shape[axis] > 1]
        reverse: list[Step] = [("Reverse", {"axes": axes})] if axes else []
        reversed_ = np.flip(array, tuple(axes))
        order = [1, 0, 2, 3]
        yield (
            np.ascontiguousarray(reversed_.transpose(order)),
            [("Transpose", {"order": order}), *reverse],
        )
        if reverse:
            yield np.ascontiguousarray(reversed_), reverse
