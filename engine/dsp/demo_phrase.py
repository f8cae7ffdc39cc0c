"""A short musical phrase made from sines and noise, so that the demo needs no recording."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float

SAMPLE_RATE = 44_100

_BEAT_SECONDS = 0.5
_PEAK = 0.5
# Beat, MIDI note, beats held: four bars in D minor over D, B flat, F and C.
_MELODY = (
    *((0, 74, 1), (1, 77, 1), (2, 81, 1.5), (3.5, 79, 0.5)),
    *((4, 77, 1), (5, 74, 1), (6, 70, 2)),
    *((8, 72, 1), (9, 77, 1), (10, 81, 1.5), (11.5, 84, 0.5)),
    *((12, 79, 1), (13, 76, 1), (14, 74, 2)),
)
_BASS = ((0, 38, 4), (4, 34, 4), (8, 41, 4), (12, 36, 2), (14, 38, 2))
_CHORDS = (
    (0, (62, 65, 69), 4),
    (4, (62, 65, 70), 4),
    (8, (60, 65, 69), 4),
    (12, (60, 64, 67), 2),
    (14, (62, 65, 69), 2),
)
_BARS_SECONDS = 16 * _BEAT_SECONDS
_TAIL_SECONDS = 1.5
_STROKES = 32


def short_phrase() -> Float:
    """Return the phrase: a plucked melody and bass over soft chords, with a brushed beat.

    Returns:
        float32 (2, samples) at `SAMPLE_RATE`, 9.5 seconds, peak at half of full scale; always the
        same samples.
    """
    return _made().copy()


@cache
def _made() -> Float:
    """Make the phrase, which takes a quarter of a second."""
    sound = np.zeros((2, round((_BARS_SECONDS + _TAIL_SECONDS) * SAMPLE_RATE)))
    for beat, note, beats in _MELODY:
        _add(sound, beat, _pluck(note, beats * _BEAT_SECONDS + 0.6), 0.30, side=0.2)
    for beat, note, beats in _BASS:
        _add(sound, beat, _pluck(note, beats * _BEAT_SECONDS), 0.40, side=0.0)
    for beat, notes, beats in _CHORDS:
        for note, side in zip(notes, (-0.5, 0.5, -0.2), strict=True):
            _add(sound, beat, _pad(note, beats * _BEAT_SECONDS + 0.5), 0.07, side)
    generator = np.random.default_rng(0)
    for half_beat in range(_STROKES):
        accent = (0.10, 0.04, 0.07, 0.04)[half_beat % 4]
        _add(sound, half_beat / 2, _brush(generator), accent, side=-0.3)
    sound *= _PEAK / np.abs(sound).max()
    return sound.astype(np.float32)


def onset_seconds() -> NDArray[np.float64]:
    """Return when something begins in the phrase: a stroke or a note, each moment once."""
    beats = {half_beat / 2 for half_beat in range(_STROKES)}
    beats |= {beat for beat, *_ in (*_MELODY, *_BASS, *_CHORDS)}
    return np.array(sorted(beats)) * _BEAT_SECONDS


def _add(
    sound: NDArray[np.float64], beat: float, tone: NDArray[np.float64], level: float, side: float
) -> None:
    """Mix a tone in at a beat; `side` is -1 for the left to 1 for the right, at equal power."""
    start = round(beat * _BEAT_SECONDS * SAMPLE_RATE)
    tone = tone[: sound.shape[1] - start]
    angle = (side + 1) * np.pi / 4
    for channel, gain in enumerate((np.cos(angle), np.sin(angle))):
        sound[channel, start : start + len(tone)] += level * gain * tone


def _time(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _hertz(note: int) -> float:
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def _pluck(note: int, seconds: float) -> NDArray[np.float64]:
    """Return a plucked string: partials that fade the faster the higher they are."""
    time, hertz = _time(seconds), _hertz(note)
    tone = np.zeros_like(time)
    for partial in range(1, 13):
        if partial * hertz < SAMPLE_RATE / 2:
            # A stiff string's partials lie a little higher than whole multiples.
            frequency = partial * hertz * np.sqrt(1 + 2e-4 * partial**2)
            fade = np.exp(-time * (1.2 + 0.9 * partial))
            tone += np.sin(2 * np.pi * frequency * time) * fade / partial
    return tone * _ramp(time, 0.003, 0.05)


def _pad(note: int, seconds: float) -> NDArray[np.float64]:
    """Return a soft chord tone: two slightly detuned voices that swell."""
    time, hertz = _time(seconds), _hertz(note)
    tone = np.zeros_like(time)
    for detune in (0.997, 1.003):
        for partial in range(1, 6):
            phase = 2 * np.pi * partial * hertz * detune * time
            tone += np.sin(phase) / partial**1.7
    return tone * _ramp(time, 0.25, 0.5)


def _brush(generator: np.random.Generator) -> NDArray[np.float64]:
    """Return a short stroke of bright noise."""
    time = _time(0.12)
    noise = np.diff(generator.standard_normal(len(time) + 1))
    return noise * np.exp(-time / 0.025) * _ramp(time, 0.002, 0.02)


def _ramp(time: NDArray[np.float64], attack: float, release: float) -> NDArray[np.float64]:
    """Return an envelope that rises at the start and falls at the end, without a click."""
    left = time[-1] - time
    return np.asarray(np.clip(np.minimum(time / attack, left / release), 0.0, 1.0), np.float64)
