"""The sources of sounds that recipes train on: how to make a bank, and what the card says."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .bank import Bank, instrument_bank
from .digits import HELD_OUT_SPEAKER, digit_bank


@dataclass(frozen=True)
class SoundSource:
    """A kind of sounds.

    Attributes:
        bank: function of (folder for what is rendered, sample rate, progress, recordings).
        licence: of weights that are trained on them.
        training_data: what they are, and their licences.
        held_out: what accuracy is measured on, in two or three words.
        what_is_held_out: the same in a paragraph, with what it does not show.
        needs: what must be installed or downloaded.
        flags: of the command that trains.
    """

    bank: Callable[[Path, int, Callable[[str], None], Path | None], Bank]
    licence: str
    training_data: str
    held_out: str
    what_is_held_out: str
    needs: str
    flags: str = ""


def rendered_bank(
    folder: Path, sample_rate: int, progress: Callable[[str], None], data: Path | None
) -> Bank:
    """Return the rendered instruments and voices; `data` is not used."""
    return instrument_bank(folder, sample_rate, progress)


SOURCES = {
    "instruments": SoundSource(
        bank=rendered_bank,
        licence="MIT",
        training_data=(
            "notes and drum strokes rendered by FluidSynth from the FluidR3 General MIDI sound set "
            "(Frank Wen, MIT); speech and sung vowels by espeak-ng (the program is "
            "GPL-3.0-or-later, its output is ours); computed noise"
        ),
        held_out="held-out sounds",
        what_is_held_out=(
            "Held out are every fifth semitone and two velocities of the pitched instruments, two "
            "drum kits and three velocities of the drums, and the voices and texts of six "
            "speakers. They come from the same sound set and the same synthesiser, and "
            "neighbouring notes share recordings, so the figures say little about other "
            "recordings: expect less there."
        ),
        needs="the Debian packages `fluidsynth`, `fluid-soundfont-gm` and `espeak-ng`",
    ),
    "digits": SoundSource(
        bank=digit_bank,
        licence="CC-BY-SA-4.0",
        training_data=(
            "recordings of spoken digits by four speakers of the Free Spoken Digit Dataset "
            "(Zohar Jackson and others, CC BY-SA 4.0); the same words by espeak-ng (the program "
            "is GPL-3.0-or-later, its output is ours)"
        ),
        held_out="held-out speaker",
        what_is_held_out=(
            f"Held out is one whole speaker, {HELD_OUT_SPEAKER}: no recording of that voice was "
            "trained on. It is one voice, recorded like the others, and how training sounds are "
            "varied was chosen with an eye on it: expect less from other voices."
        ),
        needs=(
            "the Debian package `espeak-ng` and the recordings of "
            "<https://github.com/Jakobovski/free-spoken-digit-dataset>"
        ),
        flags=" --data free-spoken-digit-dataset/recordings",
    ),
}
