"""Ends a hop of the feedback loop."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from .ring import Positions, ring_write


def close_loop(
    past: Float,
    past_end: Positions,
    energies: NDArray[np.float64],
    at: Positions,
    heard: Float,
    filtered: Float,
    change: Float,
    ceiling: float,
) -> float:
    """Append what the filter produced to the loop, with a gain that keeps the loop below 1.

    Over some hops, the output of the filter may not contain more energy than its input.

    Args:
        past: ring buffer of the loop; see `ring_write`.
        past_end: its end.
        energies: of the filter's input and output in the last hops, (2, hops); written.
        at: the oldest of these hops; written.
        heard: the input of the filter, (channels, hop).
        filtered: the part of its output that is the sound, the same shape.
        change: the other part.
        ceiling: the loop's largest gain.
    """
    produced = filtered + change
    energies[:, at[0]] = [np.square(each, dtype=np.float64).sum() for each in (heard, produced)]
    at[0] = (at[0] + 1) % energies.shape[1]
    energy_in, energy_out = energies.sum(axis=1)
    gain = ceiling if energy_out <= energy_in else ceiling * np.sqrt(energy_in / energy_out)
    produced *= np.float32(gain)
    np.clip(produced, -1.0, 1.0, out=produced)
    return ring_write(past, past_end, produced)
