"""Speech and sung vowels from espeak-ng."""

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from ...engine.dsp.resample import resample
from ...engine.errors import InnerearError
from .soundfont import require_program

SENTENCES = {
    "en": (
        "The old clock in the hall strikes nine and nobody listens. Bring me the blue one, please."
    ),
    "de": "Morgen früh fahren wir mit dem Zug ans Meer. Kannst du mir bitte das Salz geben?",
    "fr": "Le petit train part à huit heures du matin. Je voudrais un café et du pain.",
    "es": "Mañana por la tarde vamos a la playa con los niños. Dame la llave, por favor.",
    "it": "La strada lungo il fiume era piena di gente. Domani torniamo a casa.",
    "sv": "Vi cyklar till sjön och badar hela dagen. Kom hit så får du se.",
}
HELD_OUT_SENTENCES = {
    "en": "Seven ships sailed past the lighthouse before the storm began. What a strange sound.",
    "pl": "Wieczorem usiedliśmy przy stole i słuchaliśmy radia. Gdzie jest mój klucz?",
    "nl": "De bakker op de hoek verkoopt het beste brood van de stad. Wat doe je daar?",
}
VARIANTS = ("m1", "m3", "m5", "m7", "f1", "f3", "f5", "Alex", "Annie", "klatt2", "steph", "adam")
HELD_OUT_VARIANTS = ("m2", "m4", "f2", "f4", "Andrea", "Lee")
VOWELS = ("A:", "o:", "u:", "i:", "e:", "a")
SUNG_KEYS = tuple(range(43, 77, 3))
HELD_OUT_SUNG_KEYS = tuple(range(44, 77, 6))
FADE_SECONDS = 0.02


@dataclass(frozen=True)
class Voice:
    """A language and a voice of espeak-ng, such as `en` and `f3`."""

    language: str
    variant: str

    def __str__(self) -> str:
        """Return the name espeak-ng takes."""
        return f"{self.language}+{self.variant}"


def speak(
    text: str, voice: Voice, sample_rate: int, words_per_minute: int = 160, pitch: int = 50
) -> NDArray[np.float32]:
    """Speak a text.

    Args:
        text: plain text; `[[...]]` holds phonemes, and SSML tags are obeyed.
        voice: who speaks.
        sample_rate: of the result, in hertz.
        words_per_minute: how fast.
        pitch: 0..99.

    Returns:
        float32 [samples], mono.

    Raises:
        MissingToolError: espeak-ng is not installed.
        InnerearError: espeak-ng failed.
    """
    program = require_program("espeak-ng", "espeak-ng")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice.wav"
        command = [program, "-m", "-v", str(voice), "-s", str(words_per_minute)]
        command += ["-p", str(pitch), "-w", str(path), text]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not path.exists():
            raise InnerearError(f"espeak-ng could not speak as {voice}: {done.stderr.strip()}")
        sound, rate = soundfile.read(path, dtype="float32")
    return resample(sound, rate, sample_rate)


def cut(sound: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """Cut a sound into pieces that do not overlap.

    Returns:
        float32 [pieces, samples]; what does not fill a piece is dropped.
    """
    pieces = len(sound) // samples
    return sound[: pieces * samples].reshape(pieces, samples)


def speech(sample_rate: int, samples: int, held_out: bool) -> NDArray[np.float32]:
    """Render speech of many voices; held-out speech has other voices and other texts.

    Returns:
        float32 [sounds, samples].
    """
    sentences = HELD_OUT_SENTENCES if held_out else SENTENCES
    variants = HELD_OUT_VARIANTS if held_out else VARIANTS
    pieces = []
    for index, variant in enumerate(variants):
        for language, text in sentences.items():
            voice = Voice(language, variant)
            pitch = 30 + 13 * (index % 4)
            pieces.append(
                cut(speak(text, voice, sample_rate, 130 + 20 * (index % 3), pitch), samples)
            )
    return np.concatenate(pieces)


def steady_period(sound: NDArray[np.float32], sample_rate: int) -> tuple[int, int]:
    """Find the middle of a sound that can be looped.

    Returns:
        start and length in samples: a whole number of periods, a sixth of a second or so.
    """
    shortest, longest = round(0.12 * sample_rate), round(0.2 * sample_rate)
    start = max(0, len(sound) // 2 - longest)
    middle = sound[start : start + 2 * longest]
    if len(middle) < 2 * longest:
        return start, max(1, min(longest, len(middle) // 2))
    first = middle[:longest]
    likeness = [
        float(first @ middle[lag : lag + longest])
        / (float(np.linalg.norm(middle[lag : lag + longest])) + 1e-9)
        for lag in range(shortest, longest)
    ]
    return start, shortest + int(np.argmax(likeness))


def fundamental(sound: NDArray[np.float32], sample_rate: int) -> float:
    """Return the pitch of a steady voiced sound, 60..400 Hz, by autocorrelation."""
    spectrum = np.abs(np.fft.rfft(sound, 2 * len(sound))) ** 2
    likeness = np.fft.irfft(spectrum)[: len(sound)]
    shortest, longest = sample_rate // 400, sample_rate // 60
    return sample_rate / (shortest + int(np.argmax(likeness[shortest:longest])))


def sing(
    vowel: NDArray[np.float32], key: int, sample_rate: int, samples: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Hold a spoken vowel on one note, with vibrato.

    Args:
        vowel: float32 [samples], spoken at one pitch.
        key: MIDI note to sing; the vowel is resampled to it, so formants move along.
        sample_rate: in hertz.
        samples: length of the result.
        rng: chooses vibrato and swell.

    Returns:
        float32 [samples].
    """
    start, length = steady_period(vowel, sample_rate)
    loop = vowel[start : start + length].copy()
    fade = min(round(FADE_SECONDS * sample_rate), length // 2, start)
    if fade:
        # The samples before the loop are faded in over its end, so that the seam cannot be heard.
        rise = np.linspace(0, 1, fade, dtype=np.float32)
        loop[-fade:] = loop[-fade:] * (1 - rise) + vowel[start - fade : start] * rise
    wanted = 440 * 2 ** ((key - 69) / 12)
    ratio = wanted / fundamental(loop, sample_rate)
    time = np.arange(samples) / sample_rate
    depth, rate = rng.uniform(0.0, 0.015), rng.uniform(4.5, 6.5)
    onset = np.clip(time / 0.5, 0, 1)
    speed = ratio * (1 + depth * onset * np.sin(2 * np.pi * rate * time))
    position = np.cumsum(speed) % length
    whole = position.astype(np.int64)
    part = (position - whole).astype(np.float32)
    tone = loop[whole] * (1 - part) + loop[(whole + 1) % length] * part
    attack, release = rng.uniform(0.02, 0.2), rng.uniform(0.05, 0.3)
    end = rng.uniform(1.2, samples / sample_rate)
    swell = np.clip(time / attack, 0, 1) * np.clip((end - time) / release, 0, 1)
    return (tone * swell).astype(np.float32)


def singing(
    sample_rate: int, samples: int, held_out: bool, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Render sung vowels; held-out vowels have other voices and other notes.

    Returns:
        float32 [sounds, samples].
    """
    variants: Sequence[str] = HELD_OUT_VARIANTS if held_out else VARIANTS
    keys = HELD_OUT_SUNG_KEYS if held_out else SUNG_KEYS
    sounds = []
    for index, variant in enumerate(variants):
        for offset, phoneme in enumerate(VOWELS):
            text = f'<prosody range="0">[[{phoneme}::::]]</prosody>'
            vowel = speak(text, Voice("en", variant), sample_rate, 80, 25 + 10 * (index % 5))
            for step in range(2):
                key = keys[(index + 2 * offset + 5 * step) % len(keys)]
                sounds.append(sing(vowel, key, sample_rate, samples, rng))
    return np.stack(sounds)
