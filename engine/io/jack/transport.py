"""The position in the music, from JACK's transport."""

from dataclasses import dataclass

from ...musical_position import MusicalPosition


@dataclass(frozen=True)
class BarBeatTick:
    """Where a timebase master says that a frame is in the music, and how fast the music goes.

    Attributes:
        bar: from 1.
        beat: in the bar, from 1.
        tick: in the beat, from 0.
        ticks_per_beat: how many ticks a beat has.
        beats_per_bar: how many beats a bar has.
        beat_type: note value of a beat: 4 for a quarter note.
        beats_per_minute: of these beats.
    """

    bar: int
    beat: int
    tick: int
    ticks_per_beat: float
    beats_per_bar: float
    beat_type: float
    beats_per_minute: float

    def is_sound(self) -> bool:
        """Return whether a position can be computed from it; a master may leave fields at 0."""
        return min(self.ticks_per_beat, self.beat_type, self.beats_per_minute) > 0


def musical_position(
    frames: int, sample_rate: int, named: BarBeatTick | None, later_frames: int = 0
) -> MusicalPosition:
    """Return where the music is, in quarter notes.

    Args:
        frames: since the start of the transport.
        sample_rate: in hertz.
        named: what the timebase master says; None where there is none: then the tempo is our own.
        later_frames: by how much now is after the frame that the master speaks of.
    """
    seconds = frames / sample_rate
    if named is None or not named.is_sound():
        return MusicalPosition(seconds=seconds)
    quarters = 4.0 / named.beat_type
    tempo_bpm = named.beats_per_minute * quarters
    beats = (named.bar - 1) * named.beats_per_bar + named.beat - 1
    beats += named.tick / named.ticks_per_beat
    return MusicalPosition(
        beats=beats * quarters + later_frames / sample_rate * tempo_bpm / 60.0, tempo_bpm=tempo_bpm
    )
