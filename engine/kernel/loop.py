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
    smeared: int,
) -> float:
    """Append what the filter produced to the loop, with a gain that keeps the loop below 1.

    What went into the filter can come out once. Over some hops, and over all, its output may not
    contain more energy than its input.

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
        behind: by how many hops the output is later than the input, at least.
        smeared: by how many hops more it may be later.
    """
    produced = filtered + change
    energies[:, at[0]] = [np.square(each, dtype=np.float64).sum() for each in (heard, produced)]
    at[0] = (at[0] + 1) % energies.shape[1]
    oldest_first = np.roll(energies, -at[0], axis=1)
    went_in = oldest_first[0, : energies.shape[1] - behind]
    came_out = oldest_first[1, behind + smeared :]
    memory = len(came_out)
    energy_in = max(went_in[first : first + memory].sum() for first in range(smeared + 1))
    energy_out, newest_out = came_out.sum(), came_out[-1]
    power = 1.0 if energy_out <= energy_in else energy_in / energy_out
    available = min(went_in.sum(), unspent[0] + went_in[-1])  # NaN is not kept
    if power * newest_out > available:
        power = available / newest_out
    unspent[0] = max(0.0, available - power * newest_out)
    produced *= np.float32(ceiling * np.sqrt(power))
    np.clip(produced, -1.0, 1.0, out=produced)
    produced[np.abs(produced) < np.float32(silence)] = 0.0
    return ring_write(past, past_end, produced)
