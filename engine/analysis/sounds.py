"""Checks of whole sounds that callers give."""

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Float
from ..errors import ParameterError


def as_channels(what: str, sound: ArrayLike) -> Float:
    """Return a sound as float32 (channels, samples).

    Args:
        what: its name, for the error.
        sound: (samples,) or (channels, samples), full scale at 1.

    Raises:
        ParameterError: the sound is empty, has another shape, or holds NaN or infinity.
    """
    array = np.atleast_2d(np.asarray(sound, np.float32))
    if array.ndim != 2 or array.size == 0:
        raise ParameterError(
            f"{what} has the shape {np.shape(sound)}: give (samples,) or (channels, samples), not"
            " empty."
        )
    if not np.isfinite(array).all():
        raise ParameterError(f"{what} holds samples that are NaN or infinite: repair it first.")
    return array
