"""Real sounds of a class that no network was trained on, rendered a few at a time."""

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import ModelError, nearest
from . import instruments, noises, voices
from .bank import SOUND_SECONDS, active_samples
from .instruments import CLASSES, DRUMS, INSTRUMENTS, Note
from .soundfont import render_notes

SHORTEST_SECONDS, LONGEST_SECONDS = 0.25, 1.25
"""Of a sound in a sequence."""


def held_out_sounds(
    name: str, sample_rate: int, most: int, seed: int = 0
) -> list[NDArray[np.float32]]:
    """Return held-out sounds of one class of the instruments packs.

    Args:
        name: of the class.
        sample_rate: in hertz.
        most: how many sounds at most.
        seed: of the choice among them.

    Returns:
        float32 (samples,) each, its peak at 1, cut where it has died away, at least
        `SHORTEST_SECONDS` and at most `LONGEST_SECONDS` long.

    Raises:
        ModelError: there is no such class.
        MissingToolError: FluidSynth, its sound set or espeak-ng is not installed.
    """
    if name not in CLASSES:
        raise ModelError(f"There are no sounds of {name!r}. {nearest(name, CLASSES)}")
    generator = np.random.default_rng(seed)
    samples = round(SOUND_SECONDS * sample_rate)
    if name == "Speech":
        sounds = voices.speech(sample_rate, samples, held_out=True)
    elif name == "Singing voice":
        sounds = voices.singing(sample_rate, samples, True, generator)
    else:
        notes = [note for note in _notes(name) if note.held_out]
        chosen = generator.permutation(len(notes))[:most]
        sounds = render_notes([notes[index] for index in chosen], sample_rate, samples)
        if name == "Noise":
            sounds = np.concatenate((sounds, noises.noises(sample_rate, samples, most, generator)))
    peaks = np.abs(sounds).max(axis=1)
    heard = sounds[peaks > 0] / peaks[peaks > 0, None]
    kept = heard[generator.permutation(len(heard))[:most]]
    shortest, longest = (round(s * sample_rate) for s in (SHORTEST_SECONDS, LONGEST_SECONDS))
    lengths = np.clip(active_samples(kept, sample_rate), shortest, longest)
    return [sound[:length] for sound, length in zip(kept, lengths, strict=True)]


def _notes(name: str) -> list[Note]:
    pitched = [
        note
        for each in INSTRUMENTS
        if each.name == name
        for note in instruments.pitched_notes(each)
    ]
    return pitched + [
        note for each in DRUMS if each.name == name for note in instruments.drum_notes(each)
    ]
