"""Where the music is, as something outside of Innerear says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MusicalPosition:
    """A position in the music, now.

    Attributes:
        beats: quarter notes since the start; None where only `seconds` is known.
        tempo_bpm: quarter notes per minute; None where it is not known.
        seconds: since the start, where `beats` is None.
    """

    beats: float | None = None
    tempo_bpm: float | None = None
    seconds: float = 0.0

    def beats_at(self, tempo_bpm: float) -> float:
        """Return the position in quarter notes; by this tempo where only the time is known."""
        return self.seconds * tempo_bpm / 60.0 if self.beats is None else self.beats
