"""The types of arrays that functions take and return, and whether one is finite.

Shapes and ranges are in the docstrings of the functions.
"""

import math

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
