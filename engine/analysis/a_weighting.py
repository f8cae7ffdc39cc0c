"""A regulariser after the ear: it keeps sounds from hiding where nobody listens."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float

LOWEST_HZ = 40.0
"""Below it nothing is heard, and a network that was never trained there climbs into it."""


def a_weighting(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gain of the A-weighting (IEC 61672-1), 1 at 1 kHz, for frequencies in hertz."""
    squared = np.square(hertz)
    gain = (
        12194.0**2
        * squared**2
        / (
            (squared + 20.6**2)
            * np.sqrt((squared + 107.7**2) * (squared + 737.9**2))
            * (squared + 12194.0**2)
        )
    )
    return np.asarray(gain * 10 ** (2.0 / 20))


@dataclass(frozen=True)
class Ear:
    """Takes away, step by step, what ears hear least.

    After each step of the optimiser every frequency keeps `1 - strength (1 - A)` of itself, where A
    is the A-weighting (1 at most); below 40 Hz it keeps nothing. That is weight decay, decoupled
    from the gradient (Loshchilov and Hutter, 2019), with more decay where ears are duller: what
    the network wants enough stays, what costs it little goes.

    Attributes:
        strength: 0..1; 0 leaves all that is above 40 Hz.
    """

    strength: float = 0.02

    def gain(self, bins: int, sample_rate: int) -> Float:
        """Return what each of `bins` frequencies from 0 Hz to half the rate keeps, float32."""
        hertz = np.linspace(0.0, sample_rate / 2, bins)
        heard = np.minimum(a_weighting(hertz), 1.0)
        return np.asarray((1.0 - self.strength * (1.0 - heard)) * (hertz >= LOWEST_HZ), np.float32)
