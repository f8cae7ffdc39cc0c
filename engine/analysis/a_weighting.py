"""The A-weighting of frequencies, and a regulariser that decays what ears hardly hear."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..defaults import MAXIMISE_AUDIBLE

LOWEST_HZ = 40.0
"""Frequencies below it are inaudible, and networks are not trained on them."""


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
    """A decay of the frequencies to which ears are least sensitive.

    After each step of the optimiser every frequency is multiplied by `1 - strength (1 - A)`, where
    A is the A-weighting (at most 1); below 40 Hz by 0. This is weight decay, decoupled from the
    gradient (Loshchilov and Hutter, 2019), and stronger where ears are less sensitive. So an
    inaudible frequency stays only if the gradient keeps restoring it.

    Attributes:
        strength: 0..1; 0 removes nothing but what is below 40 Hz.
    """

    # The name is part of the settings that an unfinished search is kept with.

    strength: float = MAXIMISE_AUDIBLE

    def gain(self, bins: int, sample_rate: int) -> Float:
        """Return the factor of each of `bins` frequencies from 0 Hz to half the rate, float32."""
        hertz = np.linspace(0.0, sample_rate / 2, bins)
        heard = np.minimum(a_weighting(hertz), 1.0)
        return np.asarray((1.0 - self.strength * (1.0 - heard)) * (hertz >= LOWEST_HZ), np.float32)
