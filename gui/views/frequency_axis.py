"""A logarithmic axis of frequencies with marks at octaves of A4. No Qt."""

import math
from dataclasses import dataclass

import numpy as np

from ...engine.arrays import Float

LOWEST_HZ, HIGHEST_HZ = 40.0, 16_000.0
_TUNING_HZ = 440.0
_NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


@dataclass(frozen=True)
class FrequencyAxis:
    """Maps frequencies to places from 0 (lowest) to 1 (highest).

    Attributes:
        lowest_hz, highest_hz: the ends of the axis.
    """

    lowest_hz: float = LOWEST_HZ
    highest_hz: float = HIGHEST_HZ

    @property
    def octaves(self) -> float:
        """The length of the axis in octaves."""
        return math.log2(self.highest_hz / self.lowest_hz)

    def place(self, hertz: float) -> float:
        """Return the place of a frequency; below 0 or above 1 it is outside the axis."""
        return math.log2(hertz / self.lowest_hz) / self.octaves

    def hertz(self, place: float) -> float:
        """Return the frequency at a place."""
        return float(self.lowest_hz * 2.0 ** (place * self.octaves))

    def centres(self, rows: int) -> Float:
        """Return the centre frequencies of rows of equal height, lowest first, float32 (rows,)."""
        places = (np.arange(rows) + 0.5) / rows
        return np.asarray(self.lowest_hz * 2.0 ** (places * self.octaves), np.float32)

    def marks(self, most: int) -> list[float]:
        """Return the frequencies to label, at most `most`: the A of each octave, or of some."""
        first = math.ceil(math.log2(self.lowest_hz / _TUNING_HZ))
        last = math.floor(math.log2(self.highest_hz / _TUNING_HZ))
        stride = max(1, math.ceil((last - first + 1) / max(1, most)))
        # Steps are counted from A4, so that it is always labelled.
        return [_TUNING_HZ * 2.0**at for at in range(first, last + 1) if at % stride == 0]


def frequency_text(hertz: float) -> str:
    """Return a frequency in words: `440 Hz`, `3.52 kHz`."""
    return f"{hertz:.0f} Hz" if hertz < 1000 else f"{hertz / 1000:.3g} kHz"


def note_name(hertz: float) -> str:
    """Return the nearest note's name in scientific pitch notation, such as `A4`."""
    number = round(69 + 12 * math.log2(hertz / _TUNING_HZ))
    return f"{_NAMES[number % 12]}{number // 12 - 1}"
