"""The limiter of the output."""

import math

import numpy as np

LIMITER_CEILING = 0.9885
"""Just under -0.1 dBFS, in single precision too."""
LIMITER_RELEASE_SECONDS = 0.1


class Limiter:
    """Keeps every sample at or under a ceiling, at once and without delay.

    The gain follows an envelope that rises with the signal and falls slowly, so the waveform is
    rounded where it would pass the ceiling and untouched, bit for bit, while it stays below: see
    the stage `limit` of `engine/kernel/output.py`.
    """

    def __init__(self, sample_rate: int) -> None:
        """Prepare for a sample rate in hertz."""
        self.fall = math.exp(-1.0 / (LIMITER_RELEASE_SECONDS * sample_rate))
        """Of the envelope from one sample to the next."""
        self.state = np.zeros((1, 2))
        """The envelope, and how many blocks were limited."""

    @property
    def limited(self) -> int:
        """Blocks that were limited."""
        return int(self.state[0, 1])

    def reset(self) -> None:
        """Clear the past, and the count."""
        self.state.fill(0.0)
