"""The AudioSet classes that correspond to those of the instruments packs.

Names, never indices: AudioSet's are the display names of the ontology (Gemmeke and others, 2017),
as YAMNet's class map has them. Where AudioSet has no class of the same extent, the next larger one
stands here.
"""

from collections.abc import Mapping

AUDIOSET_CLASSES: Mapping[str, str] = {
    "Piano": "Piano",
    "Electric piano": "Electric piano",
    "Harpsichord": "Harpsichord",
    "Organ": "Organ",
    "Accordion": "Accordion",
    "Acoustic guitar": "Acoustic guitar",
    "Electric guitar": "Electric guitar",
    "Distorted guitar": "Electric guitar",
    "Bass": "Bass guitar",
    "Strings": "String section",
    "Plucked strings": "Plucked string instrument",
    "Mallets": "Mallet percussion",
    "Bell": "Bell",
    "Singing voice": "Singing",
    "Brass": "Brass instrument",
    "Saxophone": "Saxophone",
    "Reed": "Wind instrument, woodwind instrument",
    "Flute": "Flute",
    "Synth lead": "Synthesizer",
    "Synth pad": "Synthesizer",
    "Speech": "Speech",
    "Kick drum": "Bass drum",
    "Snare drum": "Snare drum",
    "Tom": "Drum",
    "Hi-hat": "Hi-hat",
    "Cymbal": "Cymbal",
    "Percussion": "Percussion",
    "Shaker": "Maraca",
    "Noise": "Noise",
}
"""Class of the instruments packs -> AudioSet's display name."""


def corresponding_class(target: str, classes: tuple[str, ...]) -> str | None:
    """Return the class of a network that means what `target` means to another.

    Args:
        target: a class's name, of the instruments packs or of AudioSet.
        classes: those of the network.

    Returns:
        The class of that very name, else the one that corresponds by `AUDIOSET_CLASSES` in either
        direction; None where there is none, or several.
    """
    if target in classes:
        return target
    if AUDIOSET_CLASSES.get(target) in classes:
        return AUDIOSET_CLASSES[target]
    ours = [name for name, theirs in AUDIOSET_CLASSES.items() if theirs == target]
    found = [name for name in ours if name in classes]
    return found[0] if len(found) == 1 else None
