"""Tells acoustic feedback, a howl, from music: by what input and output have in common.

A howl is a few partials that rise together at the input and at the output, steadily, until
something is at full scale. So does a note that somebody plays ever louder through the instrument.
What tells them apart is what follows what: turned down a little, a howl's input falls with the
output; a player's does not. After the usual classification of howling detectors: T. van Waterschoot
and M. Moonen, "Fifty years of acoustic feedback control", Proceedings of the IEEE, 2011.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from ..arrays import Float
from ..dsp.stft import hann

FRAME_SECONDS = 0.2
STEP_SECONDS = 0.1
"""How often a frame is looked at."""
PARTIALS = 3
NEIGHBOURS = 3
"""Bins on either side of a peak that belong to its partial."""
MOST_OF_ALL = 0.7
"""The share of the energy that the strongest partials have in a howl."""
LOWEST_DB = -70.0
RISING_STEPS = (10, 30)
LEAST_RISE_DB = 6.0
"""The least rise over one of `RISING_STEPS`; in each half of them at least a third of it."""
LOUD_STEPS = 4
LOUD_PEAK = 0.9
PROBE_GAIN = 0.5
"""How far the output is turned down to see whether the input follows."""
PROBE_STEPS = 4
"""The dip, the way round through the room, and a frame that lies wholly behind both."""
LEAST_FALL_DB = 4.0


@dataclass(frozen=True)
class _Look:
    """What one frame of input and output has in common.

    Attributes:
        bin: of the input's strongest partial.
        level_db: of that partial in the input.
        tonal: whether a few partials are most of the input, and the output has the same one.
        loud: whether the output is near full scale.
    """

    bin: int
    level_db: float
    tonal: bool
    loud: bool


class HowlDetector:
    """Looks at input and output ten times a second, and says how far to turn down to find out."""

    def __init__(self, sample_rate: int) -> None:
        """Know nothing yet."""
        self.frame = round(FRAME_SECONDS * sample_rate)
        """Samples to be given at each step."""
        self._window = hann(self.frame)
        self._looks: deque[_Look] = deque(maxlen=max(RISING_STEPS) + 1)
        self._probed: _Look | None = None
        self._cleared: int | None = None
        """Bin of a partial that was found to be no howl, for as long as it sounds."""
        self._expected_db = 0.0
        self._steps = 0

    @property
    def gain(self) -> float:
        """What to multiply the output by until the next step: less than 1 while it finds out."""
        return PROBE_GAIN if self._probed is not None else 1.0

    def step(self, heard: Float, played: Float) -> bool:
        """Look at the newest frame; return whether it howls.

        Args:
            heard: mono input, float32 (frame,).
            played: mono output, the same samples, relative to the most that can be played.
        """
        look = self._look(heard, played)
        if self._probed is not None:
            return self._judge(look)
        self._looks.append(look)
        if not (look.tonal and look.bin == self._cleared):
            self._cleared = None
        if self._cleared is None and self._is_suspicious():
            self._probed, self._steps = look, 0
            self._expected_db = look.level_db
        return False

    def reset(self) -> None:
        """Forget what was heard."""
        self._looks.clear()
        self._probed = self._cleared = None

    def _judge(self, look: _Look) -> bool:
        self._steps += 1
        if self._steps < PROBE_STEPS:
            return False
        probed = self._probed
        assert probed is not None
        fell = look.level_db < self._expected_db - LEAST_FALL_DB
        follows = fell and (abs(look.bin - probed.bin) <= 2 or look.level_db < LOWEST_DB)
        self.reset()
        self._cleared = None if follows else look.bin
        return follows

    def _is_suspicious(self) -> bool:
        looks = list(self._looks)
        loud = looks[-LOUD_STEPS:]
        if len(loud) == LOUD_STEPS and all(each.loud for each in loud) and _is_one(loud):
            return True  # at full scale it rises no more
        return any(_rises(looks[-steps - 1 :], steps) for steps in RISING_STEPS)

    def _look(self, heard: Float, played: Float) -> _Look:
        powers = [np.abs(np.fft.rfft(side * self._window)) ** 2 for side in (heard, played)]
        total = float(powers[0].sum()) + 1e-20
        strongest = int(powers[0].argmax())
        around = slice(max(0, strongest - NEIGHBOURS), strongest + NEIGHBOURS + 1)
        level_db = 10.0 * np.log10(float(powers[0][around].sum()) / self.frame**2 + 1e-20)
        shared = float(powers[1][around].sum()) / (float(powers[1].sum()) + 1e-20)
        few = _strongest(powers[0]) / total
        tonal = level_db > LOWEST_DB and few > MOST_OF_ALL and shared > MOST_OF_ALL / PARTIALS
        return _Look(strongest, float(level_db), tonal, float(np.abs(played).max()) > LOUD_PEAK)


def _strongest(power: Float) -> float:
    """Return the energy of the strongest partials."""
    left, found = power.copy(), 0.0
    for _ in range(PARTIALS):
        at = int(left.argmax())
        around = slice(max(0, at - NEIGHBOURS), at + NEIGHBOURS + 1)
        found += float(left[around].sum())
        left[around] = 0.0
    return found


def _rises(looks: list[_Look], steps: int) -> bool:
    if len(looks) <= steps or not _is_one(looks):
        return False
    first, middle, last = (looks[at].level_db for at in (0, steps // 2, -1))
    rises = middle - first, last - middle
    return sum(rises) >= LEAST_RISE_DB and min(rises) >= LEAST_RISE_DB / 3


def _is_one(looks: list[_Look]) -> bool:
    """Whether all of them show one and the same partial."""
    bins = [look.bin for look in looks]
    return all(look.tonal for look in looks) and max(bins) - min(bins) <= 2
