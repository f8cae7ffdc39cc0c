"""Computed sounds that dreams are judged on: musical phrases, and sounds that change their kind.

No network was trained on them. Each begins after a short silence and ends before its last sample,
so that what a dream does at an onset and after a stop can be measured.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from ..arrays import Float
from .computed_tones import (
    SAMPLE_RATE,
    Samples,
    faded,
    fm_bell,
    hertz,
    hi_hat,
    kick,
    noise,
    partials,
    plucked,
    resonances,
    saw,
    snare,
    time_axis,
)
from .demo_phrase import short_phrase

LEVEL = 0.1
"""The root mean square of what sounds in each."""
PEAK = 0.9
SILENCE_SECONDS = 0.2
REST_SECONDS = 0.4
MUSICAL_SECONDS = 3.0
CHANGE_SECONDS = 1.5
CHANGES = 3
_SOUNDING = MUSICAL_SECONDS - SILENCE_SECONDS - REST_SECONDS

Draw = np.random.Generator


def musical_sounds() -> dict[str, Float]:
    """Return ten musical phrases by name.

    Returns:
        float32 (1, samples) each, `MUSICAL_SECONDS` at `SAMPLE_RATE`; always the same samples.
    """
    return {
        name: _framed(make(np.random.default_rng(seed)))
        for seed, (name, make) in enumerate(_MUSICAL.items())
    }


def changing_sounds() -> dict[str, Float]:
    """Return ten sounds, each of three kinds that follow one another every second and a half.

    Returns:
        float32 (1, samples) each at `SAMPLE_RATE`; always the same samples.
    """
    found = {}
    for seed, kinds in enumerate(_ORDERS):
        generator = np.random.default_rng(100 + seed)
        parts = []
        for place, kind in enumerate(kinds):
            rests = (place == 0) * SILENCE_SECONDS + (place == CHANGES - 1) * REST_SECONDS
            part = _KINDS[kind](CHANGE_SECONDS - rests, generator)
            parts.append(part / np.sqrt(np.mean(part**2)))
        found[", ".join(kinds)] = _framed(np.concatenate(parts))
    return found


def _framed(tone: Samples) -> Float:
    """Return a sound at the common level, with silence before and after it."""
    tone = faded(tone, 0.002, 0.01)
    tone = tone * min(LEVEL / np.sqrt(np.mean(tone**2)), PEAK / np.abs(tone).max())
    before, after = (len(time_axis(seconds)) for seconds in (SILENCE_SECONDS, REST_SECONDS))
    return np.pad(tone, (before, after)).astype(np.float32)[None]


def _sequence(tones: Sequence[tuple[float, Samples]], seconds: float = _SOUNDING) -> Samples:
    """Return tones that begin at their times, in seconds, cut to a length."""
    sound = np.zeros(len(time_axis(seconds)))
    for begins, tone in tones:
        start = round(begins * SAMPLE_RATE)
        piece = tone[: max(0, len(sound) - start)]
        sound[start : start + len(piece)] += piece
    return sound


def _phrase(generator: Draw) -> Samples:
    return np.asarray(short_phrase().mean(axis=0)[: len(time_axis(_SOUNDING))], np.float64)


def _plucked_strings(generator: Draw) -> Samples:
    notes = (52, 59, 64, 67, 71, 67, 64, 59)
    return _sequence([(0.3 * n, plucked(note, 1.2, generator)) for n, note in enumerate(notes)])


def _bells(generator: Draw) -> Samples:
    notes = (76, 83, 79, 86, 74)
    return _sequence([(0.48 * n, fm_bell(note, 1.6)) for n, note in enumerate(notes)])


def _organ_chord(generator: Draw) -> Samples:
    stops = {1.0: 1.0, 2.0: 0.7, 3.0: 0.4, 4.0: 0.5, 6.0: 0.2, 8.0: 0.25}
    chords = ((48, 60, 64, 67), (53, 60, 65, 69))
    half = _SOUNDING / 2
    tones = [
        (half * turn, faded(partials(hertz(note), half, stops), 0.02, 0.03))
        for turn, chord in enumerate(chords)
        for note in chord
    ]
    return _sequence(tones)


def _vowel_drone(generator: Draw) -> Samples:
    time = time_axis(_SOUNDING)
    frequency = hertz(50) * (1 + 0.008 * np.sin(2 * np.pi * 5.2 * time))
    source = saw(frequency, _SOUNDING)
    ah = resonances(source, ((700, 90, 1.0), (1150, 110, 0.6), (2600, 160, 0.25)))
    oo = resonances(source, ((320, 70, 1.0), (800, 90, 0.4), (2300, 160, 0.1)))
    turn = 0.5 - 0.5 * np.cos(2 * np.pi * time / 1.6)
    return np.asarray(faded(ah * turn + oo * (1 - turn), 0.08))


def _drums(generator: Draw) -> Samples:
    step = 0.15
    hits = [(n * step, 0.5 * hi_hat(generator)) for n in range(16)]
    hits += [(n * step, 1.2 * kick(generator)) for n in (0, 3, 8, 10)]
    hits += [(n * step, snare(generator)) for n in (4, 12, 15)]
    return _sequence(hits)


def _bass_line(generator: Draw) -> Samples:
    tones = []
    for turn, note in enumerate((33, 33, 45, 40, 36, 43, 38, 33)):
        time = time_axis(0.29)
        tones.append((0.3 * turn, faded(saw(hertz(note), 0.29, 1.5) * np.exp(-time * 4), 0.005)))
    return _sequence(tones)


def _noise_sweep(generator: Draw) -> Samples:
    bands = np.geomspace(200, 6000, 9)
    time = time_axis(_SOUNDING)
    centre = 4.0 - 4.0 * np.cos(2 * np.pi * time / _SOUNDING)
    sound = np.zeros_like(time)
    for place, middle in enumerate(bands):
        gain = np.exp(-((centre - place) ** 2))
        sound += gain * noise(_SOUNDING, middle / 1.2, middle * 1.2, generator)
    return faded(sound, 0.2)


def _reed_line(generator: Draw) -> Samples:
    odd = {float(order): 1 / order for order in range(1, 16, 2)} | {2.0: 0.1, 4.0: 0.08}
    line = ((0.0, 62, 0.55), (0.6, 65, 0.25), (0.9, 67, 0.55), (1.5, 70, 0.85))
    return _sequence(
        [(at, faded(partials(hertz(note), held, odd), 0.03, 0.05)) for at, note, held in line]
    )


def _synth_arpeggio(generator: Draw) -> Samples:
    tones = []
    for turn, note in enumerate((57, 60, 64, 69, 72, 69, 64, 60, 55, 59, 62, 67)):
        voices = saw(hertz(note) * 0.996, 0.35) + saw(hertz(note) * 1.004, 0.35)
        tones.append((0.2 * turn, faded(voices * np.exp(-time_axis(0.35) * 5))))
    return _sequence(tones)


_MUSICAL: Mapping[str, Callable[[Draw], Samples]] = {
    "phrase": _phrase,
    "plucked strings": _plucked_strings,
    "bells": _bells,
    "organ chord": _organ_chord,
    "vowel drone": _vowel_drone,
    "drums": _drums,
    "bass line": _bass_line,
    "noise sweep": _noise_sweep,
    "reed line": _reed_line,
    "synth arpeggio": _synth_arpeggio,
}


def _chirps(seconds: float, generator: Draw) -> Samples:
    chirp = 0.25
    time = time_axis(chirp)
    tones = []
    for begins in np.arange(0.0, seconds, chirp):
        low, high = sorted(generator.uniform(200, 5000, 2))
        rises = generator.random() < 0.5
        start, end = (low, high) if rises else (high, low)
        phase = 2 * np.pi * np.cumsum(start * (end / start) ** (time / chirp)) / SAMPLE_RATE
        tones.append((float(begins), faded(np.sin(phase))))
    return _sequence(tones, seconds)


def _clicks(seconds: float, generator: Draw) -> Samples:
    click = faded(np.exp(-time_axis(0.02) * 500), 0.0005)
    times = np.arange(0.0, seconds, 1 / generator.uniform(8, 20))
    tones = [(float(at), generator.uniform(0.4, 1.0) * click) for at in times]
    # Never quite silent between the clicks, as a microphone is not.
    return _sequence(tones, seconds) + 0.005 * noise(seconds, 100, 8000, generator)


def _struck_bells(seconds: float, generator: Draw) -> Samples:
    times = np.arange(0.0, seconds, 0.4)
    return _sequence(
        [(float(at), fm_bell(int(generator.integers(64, 92)), 1.0)) for at in times], seconds
    )


def _noise(low: float, high: float, seconds: float, generator: Draw) -> Samples:
    return noise(seconds, low, high, generator)


_KINDS: Mapping[str, Callable[[float, Draw], Samples]] = {
    "chirps": _chirps,
    "clicks": _clicks,
    "bells": _struck_bells,
    "noise": partial(_noise, 100, 10_000),
}
_ORDERS = (
    ("chirps", "clicks", "bells"),
    ("clicks", "bells", "noise"),
    ("bells", "noise", "chirps"),
    ("noise", "chirps", "clicks"),
    ("chirps", "noise", "bells"),
    ("clicks", "chirps", "noise"),
    ("bells", "clicks", "noise"),
    ("noise", "bells", "chirps"),
    ("chirps", "bells", "clicks"),
    ("clicks", "noise", "chirps"),
)
