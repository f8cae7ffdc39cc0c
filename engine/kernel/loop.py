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
    unspent: NDArray[np.float64],
    heard: Float,
    filtered: Float,
    change: Float,
    ceiling: float,
    silence: float,
    behind: int,
) -> float:
    """Append what the filter produced to the loop, with a gain that keeps the loop below 1.

    What went into the filter can come out once: neither in the mean of some hops nor in all may its
    output contain more energy than its input.

    Args:
        past: ring buffer of the loop; see `ring_write`.
        past_end: its end.
        energies: of the filter's input and output in the last hops, (2, hops); written.
        at: the oldest of these hops; written.
        unspent: energy of the input that has not come out yet, (1,); written.
        heard: the input of the filter, (channels, hop).
        filtered: the part of its output that is the sound, the same shape.
        change: the other part.
        ceiling: the loop's largest gain.
        silence: a magnitude below which a sample counts as 0.
        behind: by how many hops the output's energies are compared with earlier ones of the input.
    """
    produced = filtered + change
    energies[:, at[0]] = [np.square(each, dtype=np.float64).sum() for each in (heard, produced)]
    at[0] = (at[0] + 1) % energies.shape[1]
    oldest_first = np.roll(energies, -at[0], axis=1)
    went_in, came_out = oldest_first[0, : energies.shape[1] - behind], oldest_first[1, behind:]
    energy_in, energy_out, newest_out = went_in.sum(), came_out.sum(), came_out[-1]
    power = 1.0 if energy_out <= energy_in else energy_in / energy_out
    available = min(energy_in, unspent[0] + went_in[-1])  # NaN is not kept
    if power * newest_out > available:
        power = available / newest_out
    unspent[0] = max(0.0, available - power * newest_out)
    produced *= np.float32(ceiling * np.sqrt(power))
    np.clip(produced, -1.0, 1.0, out=produced)
    produced[np.abs(produced) < np.float32(silence)] = 0.0
    return ring_write(past, past_end, produced)
