"""The position in the music, in beats, counted in samples on the audio thread."""

import math


class BeatCounter:
    """Counts beats (quarter notes) at a tempo that may change; `align` sets the position."""

    def __init__(self, sample_rate: int) -> None:
        """Start at beat 0."""
        self._sample_rate = sample_rate
        self.beats = 0.0
        """Beats since the start."""
        self._aligned: float | None = None
        self._number = 0
        self._unit = 0.0
        self._since = math.inf
        """Beats since the last one that was reported."""

    def align(self, beats: float) -> None:
        """Be at the position `beats` when `advance` is next called; for any thread."""
        self._aligned = beats

    def advance(self, samples: int, tempo_bpm: float, unit: float) -> bool:
        """Advance by a block, and return whether a beat fell into it.

        Args:
            samples: in the block.
            tempo_bpm: beats a minute.
            unit: beats between two that are reported: 0.5 for eighth notes.
        """
        aligned, self._aligned = self._aligned, None
        before = self.beats if aligned is None else aligned
        # A loop begins again. A clock that trembles goes back by less, maybe over a beat that has
        # been reported.
        jumped = before < self.beats - unit / 2
        if unit != self._unit and self._unit:
            self._number = int(before // unit)
        self._unit = unit
        passed = samples / self._sample_rate * tempo_bpm / 60.0
        self.beats, self._since = before + passed, self._since + passed
        number = int(self.beats // unit)
        if not jumped and number in (self._number, self._number - 1):
            return False
        self._number = number
        if jumped and (before % unit > passed or self._since < unit / 2):
            return False  # it begins between two; or with the beat at which it has ended
        self._since = 0.0
        return True

    def reset(self) -> None:
        """Start again at beat 0."""
        self.beats = 0.0
        self._aligned = None
        self._number = 0
        self._unit = 0.0
        self._since = math.inf
