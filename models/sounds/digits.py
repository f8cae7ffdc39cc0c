"""A bank of spoken digits: recordings of a few people, and speech synthesis."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from ...engine.dsp.resample import resample
from ...engine.errors import ModelError
from .bank import Bank, active_samples
from .formants import move_formants
from .tempo import change_tempo
from .voices import Voice, speak

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
HELD_OUT_SPEAKER = "theo"
VARIANTS = (
    *("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5", "klatt"),
    *("klatt2", "klatt3", "klatt4", "adam", "Alex", "Alicia", "Andrea", "Andy", "Annie", "antonio"),
    *("aunty", "belinda", "benjamin", "boris", "caleb", "david", "Denis", "Diogo", "ed", "edward"),
    *("edward2", "Gene", "Gene2", "gustave", "Henrique", "Hugo", "iven", "iven2", "Jacky", "john"),
    *("kaukovalta", "Lee", "linda", "marcelo", "Marco", "Mario", "max", "Michael", "michel"),
    *("miguel", "Mike", "Nguyen", "pablo", "paul", "pedro", "quincy", "rob", "robert", "steph"),
    *("steph2", "travis", "victor", "norbert", "shelby", "grandma", "grandpa"),
)
ACCENTS = ("en-us", "en-gb", "en-us-nyc", "en-gb-scotland", "en-us", "en-029", "en-gb-x-rp")
"""Each voice gets two of them, in rotation."""
SOUND_SECONDS = 1.0
"""Longer recordings, one in a hundred, are cut."""
COPIES = 2
"""Of each training sound, with other formants: four speakers are few."""
FARTHEST = 1.25
"""The largest factor by which the formants of a copy move; the smallest is its inverse."""
SHORTEST, LONGEST = 0.6, 1.1
"""Duration of a copy, relative to the sound: words spoken alone are slow."""
SILENT_SHARE = 0.02
"""Relative to the peak; quieter beginnings are cut away."""
Digit = tuple[NDArray[np.float32], int, bool]
"""A sound, its digit, and whether it is held out."""


def recorded(folder: Path, sample_rate: int, rng: np.random.Generator) -> Iterator[Digit]:
    """Read recordings named as in the Free Spoken Digit Dataset, `7_theo_12.wav`.

    Training recordings are repeated with their formants moved.

    Raises:
        ModelError: there are none in the folder.
    """
    paths = _recordings(folder)
    if not paths:
        raise ModelError(
            f"there are no recordings such as 7_theo_12.wav in {folder}: download "
            "https://github.com/Jakobovski/free-spoken-digit-dataset and name its folder "
            "`recordings` with --data"
        )
    if not any(_speaker(path) == HELD_OUT_SPEAKER for path in paths):
        raise ModelError(
            f"{folder} has no recording by {HELD_OUT_SPEAKER}, who is kept for the test: add some,"
            f" such as 7_{HELD_OUT_SPEAKER}_12.wav"
        )
    for path in paths:
        digit, speaker = path.stem.partition("_")[0], _speaker(path)
        try:
            sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as problem:
            raise ModelError(f"{path} cannot be read: {problem.error_string}") from problem
        sound, held_out = sound.mean(axis=1), speaker == HELD_OUT_SPEAKER
        # At the recording's own rate: there is nothing to move above it.
        for voice in (sound,) if held_out else alike(sound, rate, rng):
            yield resample(voice, rate, sample_rate), int(digit), held_out


def _recordings(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]_*_*.wav"))


def _speaker(recording: Path) -> str:
    """Return the speaker of `7_theo_12.wav`, whose name may have underscores."""
    return recording.stem.partition("_")[2].rpartition("_")[0]


def synthesised(sample_rate: int, rng: np.random.Generator) -> Iterator[Digit]:
    """Yield every digit in many synthetic voices and several accents, all for training."""
    for index, variant in enumerate(VARIANTS):
        for turn in range(2):
            accent = ACCENTS[(2 * index + turn) % len(ACCENTS)]
            for digit, word in enumerate(WORDS):
                pace, pitch = int(rng.integers(100, 200)), int(rng.integers(15, 80))
                sound = speak(word, Voice(accent, variant), sample_rate, pace, pitch)
                for voice in alike(sound, sample_rate, rng):
                    yield voice, digit, False


def alike(
    sound: NDArray[np.float32], sample_rate: int, rng: np.random.Generator
) -> Iterator[NDArray[np.float32]]:
    """Yield a sound, and `COPIES` of it with other formants and tempo."""
    yield sound
    for _ in range(COPIES):
        moved = move_formants(sound, sample_rate, FARTHEST ** rng.uniform(-1, 1))
        yield change_tempo(moved, sample_rate, rng.uniform(SHORTEST, LONGEST))


def trimmed(sound: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """Return float32 [samples], peak 1, from the first sample that is not silent."""
    peak = float(np.abs(sound).max())
    start = int((np.abs(sound) > SILENT_SHARE * peak).argmax())
    kept = sound[start : start + samples] / max(peak, 1e-9)
    return np.pad(kept, (0, samples - len(kept)))


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def digit_bank(
    folder: Path, sample_rate: int, progress: Callable[[str], None], data: Path | None
) -> Bank:
    """Return the spoken digits. They are read and synthesised once, then kept on disk.

    Of other recordings others are kept; where no recordings are named, the last ones serve.

    Args:
        folder: where they are kept.
        sample_rate: in hertz.
        progress: called with a name when all are ready.
        data: folder of the recordings; by default `fsdd` in `folder`, where none are kept.

    Raises:
        ModelError: there are no recordings.
        MissingToolError: espeak-ng is not installed.
    """
    voices = (ACCENTS, VARIANTS, HELD_OUT_SPEAKER)
    whole = repr((WORDS, voices, SOUND_SECONDS, COPIES, FARTHEST, SHORTEST, LONGEST))
    name = f"digits-{sample_rate}-{_short_hash(whole)}"
    kept = [each for each in folder.glob(f"{name}*.npz") if ".part" not in each.suffixes]
    if data is None and kept:
        path = max(kept, key=lambda each: each.stat().st_mtime)
    else:
        recordings = data or folder / "fsdd"
        files = [(each.name, each.stat().st_size) for each in _recordings(recordings)]
        path = folder / f"{name}-{_short_hash(repr(files))}.npz"
        if path.exists():
            path.touch()  # it is the last again
    if not path.exists():
        samples = round(SOUND_SECONDS * sample_rate)
        rng = np.random.default_rng(3)
        people = list(recorded(recordings, sample_rate, rng))
        sounds, labels, held_out = zip(*people, *synthesised(sample_rate, rng), strict=True)
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
