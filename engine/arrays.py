"""The types of arrays that functions take and return.

Shapes and ranges are in the docstrings of the functions.
"""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
"""Single precision: sound (full scale at 1), magnitudes, activations, gradients."""
Complex = NDArray[np.complex64]
"""Spectra in single precision."""
