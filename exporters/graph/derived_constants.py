"""Finds in which way one constant is another one turned, so that both need not be stored.

A backward pass convolves with the kernels of the forward pass, transposed and reversed. ONNX
Runtime turns them once, when it opens the graph.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WORTH_IT = 1024
"""Numbers in a constant from which on turning it is worth the nodes."""

Step = tuple[str, dict[str, Any]]
"""An operator with what it takes: `order` for Transpose, `axes` for a reversal."""


def turns(array: NDArray[Any]) -> Iterator[tuple[NDArray[Any], list[Step]]]:
    """Yield arrays of which `array` may be made, and the steps that make it.

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
