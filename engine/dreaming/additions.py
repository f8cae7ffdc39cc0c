"""What is added to a filtered sound: every sample is free, and held below the sound's level."""

import numpy as np

from ..arrays import Float
from ..dsp.gradient_shaping import held_to
from ..dsp.spectral_combinations import TINY
from ..parameterisations import MOST_ADDED

STEP = 0.15
"""How much each update adds, relative to the level of the sound."""
LEVEL_SECONDS = 0.02
"""The span in which the level of what is added is held."""
RISE_SECONDS = 0.005
"""What is open fades in, so that it joins what is finished."""


class Additions:
    """A sliding piece of sound that gradient ascent adds to another; its newest end is open.

    Attributes:
        waveform: (samples,), for a step of 1.
    """

    def __init__(self, samples: int, open: int, hop: int, sample_rate: int) -> None:
        """Start from silence.

        Args:
            samples: of the whole piece.
            open: samples at its end that still collect steps.
            hop: samples by which it slides at once.
            sample_rate: in hertz.
        """
        self.waveform = np.zeros(samples, np.float32)
        self._open, self._hop = open, hop
        self._span = max(1, round(LEVEL_SECONDS * sample_rate))
        rise = np.arange(1, open + 1) / max(1.0, RISE_SECONDS * sample_rate)
        self._rise = np.asarray(np.minimum(rise, 1.0), np.float32)

    def push(self) -> None:
        """Slide on by one hop; nothing is added there yet."""
        self.waveform[: -self._hop] = self.waveform[self._hop :]
        self.waveform[-self._hop :] = 0.0

    def ascend(self, gradient: Float, level: Float | float) -> None:
        """Add one step to what is open.

        Args:
            gradient: (samples,). Its size does not matter; where it is 0 everywhere, or anything
                in it is infinite or NaN, nothing is added.
            level: of the sound, (open,) or one for all.
        """
        direction = gradient[-self._open :]
        peak = float(np.abs(direction).max(initial=0.0))
        if not 0.0 < peak < np.inf:  # also where it is not a number
            return
        direction = direction / np.float32(peak)
        direction *= STEP / max(float(direction.std()), float(TINY))
        changed = self.waveform[-self._open :] + level * self._rise * direction
        self.waveform[-self._open :] = held_to(changed, MOST_ADDED * level, self._span)

    def finished(self) -> Float:
        """Return the oldest hop that is open, (hop,): the next one begins behind it."""
        start = len(self.waveform) - self._open
        return self.waveform[start : start + self._hop]

    def reset(self) -> None:
        """Start again from silence."""
        self.waveform.fill(0.0)
