"""A bank of labelled sounds in memory, rendered once and kept on disk."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import instruments, noises, voices
from .instruments import CLASSES, DRUMS, INSTRUMENTS, Note
from .soundfont import render_notes

SOUND_SECONDS = 2.2
SILENT_PEAK = 1e-3
ACTIVE_DB = -35.0
FRAME_SECONDS = 0.02
TRAINED_NOISES, HELD_OUT_NOISES = 120, 24
RENDERING = 1
"""Raise it when the rendering of the same notes, texts or noises changes."""
Rendered = tuple[NDArray[np.float32], NDArray[np.bool_]]


@dataclass(frozen=True)
class Bank:
    """Sounds, each of one class.

    Attributes:
        sample_rate: in hertz.
        classes: names of the classes.
        waveforms: int16 [sounds, samples], each normalised to the same peak, onset first.
        labels: int64 [sounds], index of the class.
        active: int64 [sounds], samples until the sound has died away.
        held_out: bool [sounds], whether it is not trained on.
    """

    sample_rate: int
    classes: tuple[str, ...]
    waveforms: NDArray[np.int16]
    labels: NDArray[np.int64]
    active: NDArray[np.int64]
    held_out: NDArray[np.bool_]

    def part(self, held_out: bool) -> "Bank":
        """Return only the held-out sounds, or only those for training."""
        keep = self.held_out == held_out
        return Bank(
            self.sample_rate,
            self.classes,
            self.waveforms[keep],
            self.labels[keep],
            self.active[keep],
            self.held_out[keep],
        )


def active_samples(sounds: NDArray[np.float32], sample_rate: int) -> NDArray[np.int64]:
    """Return how long each sound stays within `ACTIVE_DB` of its loudest frame, in samples."""
    frame = round(FRAME_SECONDS * sample_rate)
    frames = sounds.shape[1] // frame
    power = (sounds[:, : frames * frame].reshape(len(sounds), frames, frame) ** 2).mean(axis=2)
    audible = power > power.max(axis=1, keepdims=True) * 10 ** (ACTIVE_DB / 10)
    lasting: NDArray[np.int64] = (frames - audible[:, ::-1].argmax(axis=1)).astype(np.int64)
    return lasting * frame


def play(notes: list[Note], sample_rate: int, samples: int) -> Rendered:
    """Render notes; leave out those that the sound set does not have, which are silent."""
    sounds = render_notes(notes, sample_rate, samples)
    audible = np.abs(sounds).max(axis=1) > SILENT_PEAK
    held_out = np.array([note.held_out for note in notes])
    return sounds[audible], held_out[audible]


def both(trained: NDArray[np.float32], held_out: NDArray[np.float32]) -> Rendered:
    """Join the sounds of the two splits."""
    flags = np.r_[np.zeros(len(trained), bool), np.ones(len(held_out), bool)]
    return np.concatenate([trained, held_out]), flags


def sources(name: str, sample_rate: int, samples: int) -> Iterator[Rendered]:
    """Yield the rendered sounds of one class of `CLASSES`, source by source."""
    for instrument in INSTRUMENTS:
        if instrument.name == name:
            yield play(list(instruments.pitched_notes(instrument)), sample_rate, samples)
    for drum in DRUMS:
        if drum.name == name:
            yield play(list(instruments.drum_notes(drum)), sample_rate, samples)
    if name == "Speech":
        yield both(*(voices.speech(sample_rate, samples, held) for held in (False, True)))
    elif name == "Singing voice":
        rng = np.random.default_rng(1)
        yield both(*(voices.singing(sample_rate, samples, held, rng) for held in (False, True)))
    elif name == "Noise":
        rng = np.random.default_rng(2)
        counts = (TRAINED_NOISES, HELD_OUT_NOISES)
        yield both(*(noises.noises(sample_rate, samples, count, rng) for count in counts))


def rendering_key() -> str:
    """Return a hash of what is rendered, so that a changed list is rendered again."""
    notes = [list(instruments.pitched_notes(instrument)) for instrument in INSTRUMENTS]
    strokes = [list(instruments.drum_notes(drum)) for drum in DRUMS]
    spoken = (voices.SENTENCES, voices.HELD_OUT_SENTENCES, voices.VOWELS)
    voiced = (voices.VARIANTS, voices.HELD_OUT_VARIANTS, voices.SUNG_KEYS)
    whole = (RENDERING, CLASSES, SOUND_SECONDS, notes, strokes, spoken, voiced)
    return hashlib.sha256(repr(whole).encode()).hexdigest()[:8]


def render_class(name: str, sample_rate: int, path: Path) -> None:
    """Render one class into an .npz file, written whole or not at all."""
    samples = round(SOUND_SECONDS * sample_rate)
    parts = list(sources(name, sample_rate, samples))
    sounds = np.concatenate([sound for sound, _ in parts])
    held_out = np.concatenate([flags for _, flags in parts])
    sounds = sounds / np.abs(sounds).max(axis=1, keepdims=True)
    beside = path.with_suffix(".part.npz")
    np.savez(
        beside,
        waveforms=np.round(sounds * 32_000).astype(np.int16),
        active=active_samples(sounds, sample_rate),
        held_out=held_out,
    )
    os.replace(beside, path)


def instrument_bank(
    folder: Path, sample_rate: int, progress: Callable[[str], None] = lambda name: None
) -> Bank:
    """Return the sounds of all classes; what is not on disk is rendered.

    Args:
        folder: where the rendered sounds are kept.
        sample_rate: in hertz.
        progress: called with the name of a class when it is ready.

    Raises:
        MissingToolError: FluidSynth, its sound set or espeak-ng is not installed.
    """
    store = folder / f"instruments-{sample_rate}-{rendering_key()}"
    store.mkdir(parents=True, exist_ok=True)
    waveforms, active, held_out, labels = [], [], [], []
    for index, name in enumerate(CLASSES):
        path = store / (name.lower().replace(" ", "-") + ".npz")
        if not path.exists():
            render_class(name, sample_rate, path)
        with np.load(path) as stored:
            waveforms.append(stored["waveforms"])
            active.append(stored["active"])
            held_out.append(stored["held_out"])
        labels.append(np.full(len(active[-1]), index, dtype=np.int64))
        progress(name)
    return Bank(
        sample_rate,
        CLASSES,
        np.concatenate(waveforms),
        np.concatenate(labels),
        np.concatenate(active),
        np.concatenate(held_out),
    )
