"""A logarithmic axis of frequencies, with its marks at octaves of the tuning note. No Qt."""

import math
from dataclasses import dataclass

import numpy as np

from ...engine.arrays import Float

LOWEST_HZ, HIGHEST_HZ = 40.0, 16_000.0
_TUNING_HZ = 440.0
_NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


@dataclass(frozen=True)
class FrequencyAxis:
    """Places of frequencies between 0 (lowest) and 1 (highest)."""

    lowest_hz: float = LOWEST_HZ
    highest_hz: float = HIGHEST_HZ

    @property
    def octaves(self) -> float:
        """How many octaves there are."""
        return math.log2(self.highest_hz / self.lowest_hz)

    def place(self, hertz: float) -> float:
        """Return where a frequency is, 0 to 1; beyond these outside the axis."""
        return math.log2(hertz / self.lowest_hz) / self.octaves

    def hertz(self, place: float) -> float:
        """Return the frequency at a place."""
        return float(self.lowest_hz * 2.0 ** (place * self.octaves))

    def centres(self, rows: int) -> Float:
        """Return the frequencies in the middle of equal rows, lowest first, (rows,)."""
        places = (np.arange(rows) + 0.5) / rows
        return np.asarray(self.lowest_hz * 2.0 ** (places * self.octaves), np.float32)

    def marks(self, most: int) -> list[float]:
        """Return at most so many frequencies to be labelled: the A of each octave, or of some."""
        first = math.ceil(math.log2(self.lowest_hz / _TUNING_HZ))
        last = math.floor(math.log2(self.highest_hz / _TUNING_HZ))
        stride = max(1, math.ceil((last - first + 1) / max(1, most)))
        # In steps from the tuning note, so that it is always among them.
        return [_TUNING_HZ * 2.0**at for at in range(first, last + 1) if at % stride == 0]


def frequency_text(hertz: float) -> str:
    """Return a frequency as one reads it: `440 Hz`, `3.52 kHz`."""
    return f"{hertz:.0f} Hz" if hertz < 1000 else f"{hertz / 1000:.3g} kHz"


def note_name(hertz: float) -> str:
    """Return the nearest note's name in scientific pitch notation, such as `A4`."""
    number = round(69 + 12 * math.log2(hertz / _TUNING_HZ))
    return f"{_NAMES[number % 12]}{number // 12 - 1}"
