"""A dream's newest partials as one row of numbers, as inference channels and logs hold it."""

import numpy as np

from ..arrays import Float

SLOTS = 32
"""Partials at once: three numbers each fit into a row of the smallest filter's 129 bins."""


def as_row(length: int, frequency: Float, gain: Float, amplitude: Float) -> Float:
    """Return partials as one row; silence is a row of zeros.

    Args:
        length: of the row, at least 3 `SLOTS`.
        frequency: in hertz, (SLOTS,); 0 where a slot is free.
        gain: of the sound's own partials, what is added of them, (SLOTS,): -1 takes one away.
        amplitude: of other partials, relative to the level of the sound, (SLOTS,).

    Returns:
        float32 (length,).
    """
    row = np.zeros(length, np.float32)
    row[: 3 * SLOTS] = np.concatenate((frequency, gain, amplitude))
    return row


def from_row(row: Float) -> tuple[Float, Float, Float]:
    """Return the frequency, gain and amplitude of each slot; see `as_row`."""
    frequency, gain, amplitude = row[: 3 * SLOTS].reshape(3, SLOTS)
    return frequency, gain, amplitude
