"""The position in the music, in beats, counted in samples on the audio thread."""


class BeatCounter:
    """Counts beats (quarter notes) at a tempo that may change; `align` sets the position."""

    def __init__(self, sample_rate: int) -> None:
        """Start at beat 0."""
        self._sample_rate = sample_rate
        self.beats = 0.0
        """Beats since the start."""
        self._aligned: float | None = None
        self._number = 0

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
        self.beats = before + samples / self._sample_rate * tempo_bpm / 60.0
        number = int(self.beats // unit)
        if number == self._number or number == self._number - 1:
            return False  # also where an alignment went back over a beat that has been reported
        self._number = number
        return True

    def reset(self) -> None:
        """Start again at beat 0."""
        self.beats = 0.0
        self._aligned = None
        self._number = 0
