"""The General MIDI sounds of each class, and which of them are held out."""

from collections.abc import Iterator
from dataclasses import dataclass

HELD_OUT_PITCH = 5
"""Every fifth semitone is never trained on."""
TRAINED_VELOCITIES = (45, 85, 120)
HELD_OUT_VELOCITIES = (65, 105)
DRUM_VELOCITIES = (40, 55, 70, 80, 90, 100, 112, 127)
HELD_OUT_DRUM_VELOCITIES = (50, 85, 118)
TRAINED_KITS = (0, 16, 24, 25, 40)
HELD_OUT_KITS = (8, 32)


@dataclass(frozen=True)
class Instrument:
    """A class of pitched sounds.

    Attributes:
        name: of the class.
        programs: General MIDI programs, counted from 0.
        low, high: the range of MIDI notes, both included.
        every: take every so many of the notes that may be trained on.
    """

    name: str
    programs: tuple[int, ...]
    low: int
    high: int
    every: int = 2


@dataclass(frozen=True)
class Drum:
    """A class of sounds of the drum channel: its keys, in every kit."""

    name: str
    keys: tuple[int, ...]


@dataclass(frozen=True)
class Note:
    """One sound to render.

    Attributes:
        program: General MIDI program or drum kit, counted from 0.
        key: MIDI note.
        velocity: 1..127.
        drum: whether it sounds on the drum channel.
        held_out: whether it is kept from training.
    """

    program: int
    key: int
    velocity: int
    drum: bool
    held_out: bool


INSTRUMENTS = (
    Instrument("Piano", (0, 1, 2, 3), 28, 96),
    Instrument("Electric piano", (4, 5), 33, 91, 1),
    Instrument("Harpsichord", (6, 7), 33, 88, 1),
    Instrument("Organ", (16, 17, 18, 19, 20), 33, 91, 3),
    Instrument("Accordion", (21, 22, 23), 45, 88),
    Instrument("Acoustic guitar", (24, 25), 40, 81, 1),
    Instrument("Electric guitar", (26, 27, 28), 40, 83, 1),
    Instrument("Distorted guitar", (29, 30), 40, 81, 1),
    Instrument("Bass", (32, 33, 34, 35, 36, 37, 38, 39), 24, 52, 3),
    Instrument("Strings", (40, 41, 42, 44, 48, 49), 36, 91, 3),
    Instrument("Plucked strings", (45, 46, 104, 105, 106, 107), 40, 88, 3),
    Instrument("Mallets", (11, 12, 13), 45, 96),
    Instrument("Bell", (9, 10, 14, 112), 55, 98),
    Instrument("Singing voice", (52, 53), 43, 81, 1),
    Instrument("Brass", (56, 57, 58, 59, 60, 61, 62), 36, 84, 3),
    Instrument("Saxophone", (64, 65, 66, 67), 37, 84),
    Instrument("Reed", (68, 69, 70, 71), 38, 88),
    Instrument("Flute", (72, 73, 74, 75, 77, 79), 55, 96, 3),
    Instrument("Synth lead", (80, 81, 84, 87), 36, 91),
    Instrument("Synth pad", (88, 89, 90, 93, 94, 95), 36, 88, 3),
    Instrument("Noise", (122, 126), 40, 84, 4),
)
DRUMS = (
    Drum("Kick drum", (35, 36)),
    Drum("Snare drum", (38, 40)),
    Drum("Tom", (41, 43, 45, 47, 48, 50)),
    Drum("Hi-hat", (42, 44, 46)),
    Drum("Cymbal", (49, 51, 52, 53, 55, 57, 59)),
    Drum("Percussion", (37, 56, 60, 61, 62, 63, 64, 67, 68, 75, 76, 77)),
    Drum("Shaker", (54, 69, 70, 82)),
)
CLASSES = (
    *(instrument.name for instrument in INSTRUMENTS if instrument.name != "Noise"),
    "Speech",
    *(drum.name for drum in DRUMS),
    "Noise",
)


def pitched_notes(instrument: Instrument) -> Iterator[Note]:
    """List the notes of a class: no pitch and no velocity is both trained on and held out."""
    for program in instrument.programs:
        keys = range(instrument.low, instrument.high + 1)
        trained = [key for key in keys if key % HELD_OUT_PITCH][:: instrument.every]
        held_out = [key for key in keys if key % HELD_OUT_PITCH == 0]
        for index, key in enumerate(trained):
            for step in (0, 1):
                velocity = TRAINED_VELOCITIES[(index + step) % len(TRAINED_VELOCITIES)]
                yield Note(program, key, velocity, False, False)
        for index, key in enumerate(held_out):
            velocity = HELD_OUT_VELOCITIES[index % len(HELD_OUT_VELOCITIES)]
            yield Note(program, key, velocity, False, True)


def drum_notes(drum: Drum) -> Iterator[Note]:
    """List the strokes of a drum: no kit and no velocity is both trained on and held out."""
    for key in drum.keys:
        for kit in TRAINED_KITS:
            for velocity in DRUM_VELOCITIES:
                yield Note(kit, key, velocity, True, False)
        for kit in HELD_OUT_KITS:
            for velocity in HELD_OUT_DRUM_VELOCITIES:
                yield Note(kit, key, velocity, True, True)
