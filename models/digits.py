"""A bank of spoken digits: recordings by a few people, and the same words by a synthesiser."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ..engine.errors import ModelError
from .bank import Bank, active_samples
from .formants import move_formants
from .voices import HELD_OUT_VARIANTS, VARIANTS, Voice, speak

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
HELD_OUT_SPEAKER = "theo"
ACCENTS = ("en-gb", "en-us", "en-gb-scotland", "en-029")
SOUND_SECONDS = 1.0
"""What is longer is cut: it is one recording in a hundred."""
COPIES = 2
"""Of every recording for training, with its resonances moved: four throats are few."""
FARTHEST = 1.25
"""To which the resonances move at most, and its inverse."""
SILENT_SHARE = 0.02
"""Of the peak; quieter beginnings are cut away."""
Digit = tuple[NDArray[np.float32], int, bool]
"""A sound, its digit, and whether it is held out."""


def recorded(folder: Path, sample_rate: int, rng: np.random.Generator) -> Iterator[Digit]:
    """Read recordings named as in the Free Spoken Digit Dataset, `7_theo_12.wav`.

    Those for training come again with their resonances moved.

    Raises:
        ModelError: there are none in the folder.
    """
    paths = sorted(folder.glob("[0-9]_*_*.wav"))
    if not paths:
        raise ModelError(
            f"there are no recordings such as 7_theo_12.wav in {folder}: download "
            "https://github.com/Jakobovski/free-spoken-digit-dataset and name its folder "
            "`recordings` with --data"
        )
    for path in paths:
        digit, speaker, _ = path.stem.split("_")
        sound, rate = soundfile.read(path, dtype="float32")
        held_out = speaker == HELD_OUT_SPEAKER
        for copy in range(1 if held_out else 1 + COPIES):
            if copy:
                # At the recording's own rate, for above it there are no resonances to move.
                factor = FARTHEST ** rng.uniform(-1, 1)
                voice = move_formants(sound, rate, factor)
            else:
                voice = sound
            yield soxr.resample(voice, rate, sample_rate), int(digit), held_out


def synthesised(sample_rate: int) -> Iterator[Digit]:
    """Speak every digit by many voices in several accents; all are for training."""
    for index, variant in enumerate((*VARIANTS, *HELD_OUT_VARIANTS)):
        for turn, accent in enumerate(ACCENTS):
            pitch, pace = 25 + 12 * ((index + turn) % 5), 110 + 25 * ((index + 2 * turn) % 4)
            for digit, word in enumerate(WORDS):
                voice = Voice(accent, variant)
                yield speak(word, voice, sample_rate, pace, pitch), digit, False


def trimmed(sound: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """Return float32 [samples], peak 1, from the first sample that is not silent."""
    peak = float(np.abs(sound).max())
    start = int((np.abs(sound) > SILENT_SHARE * peak).argmax())
    kept = sound[start : start + samples] / max(peak, 1e-9)
    return np.pad(kept, (0, samples - len(kept)))


def digit_bank(
    folder: Path, sample_rate: int, progress: Callable[[str], None], data: Path | None
) -> Bank:
    """Return the spoken digits; they are read and spoken once, and kept.

    Args:
        folder: where they are kept.
        sample_rate: in hertz.
        progress: called with a name when all are ready.
        data: folder of the recordings; by default `fsdd` in `folder`.

    Raises:
        ModelError: there are no recordings.
        MissingToolError: espeak-ng is not installed.
    """
    voices = (ACCENTS, VARIANTS, HELD_OUT_VARIANTS, HELD_OUT_SPEAKER)
    whole = repr((WORDS, voices, SOUND_SECONDS, COPIES, FARTHEST))
    key = hashlib.sha256(whole.encode()).hexdigest()[:8]
    path = folder / f"digits-{sample_rate}-{key}.npz"
    if not path.exists():
        samples = round(SOUND_SECONDS * sample_rate)
        rng = np.random.default_rng(3)
        people = list(recorded(data or folder / "fsdd", sample_rate, rng))
        sounds, labels, held_out = zip(*people, *synthesised(sample_rate), strict=True)
        waveforms = np.stack([trimmed(sound, samples) for sound in sounds])
        folder.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part.npz")
        np.savez(
            beside,
            waveforms=np.round(waveforms * 32_000).astype(np.int16),
            labels=np.array(labels, dtype=np.int64),
            active=active_samples(waveforms, sample_rate),
            held_out=np.array(held_out),
        )
        os.replace(beside, path)
    progress("spoken digits")
    with np.load(path) as stored:
        return Bank(sample_rate, WORDS, **stored)
