"""Sounds that are computed, so that the page of sounds needs no recording."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from innerear.engine.arrays import Float
from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase

SECONDS = 6.0
_PEAK = 0.5


def phrase() -> Float:
    """Return the beginning of the demo's phrase: pluck, bass, soft chords and brushes."""
    return np.ascontiguousarray(short_phrase()[:, : round(SECONDS * SAMPLE_RATE)])


def drone() -> Float:
    """Return a chord that stands: D, A and F sharp, each with its partials, slowly beating."""
    time = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    sides = []
    for detune in (0.9985, 1.0015):
        tone = np.zeros_like(time)
        for hertz in (73.42, 110.0, 185.0):
            for partial in range(1, 25):
                tone += np.sin(2 * np.pi * hertz * detune * partial * time) / partial**1.2
        sides.append(tone)
    return _finished(np.stack(sides), time, rise=0.4)


def strokes() -> Float:
    """Return a beat of noise: low thuds, and short bright strokes between them."""
    generator = np.random.default_rng(7)
    time = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    sound = np.zeros((2, len(time)))
    for place, start in enumerate(np.arange(0.0, SECONDS - 0.2, 0.1875)):
        at = round(start * SAMPLE_RATE)
        passed = time[: len(time) - at]
        if place % 8 in (0, 3, 6):
            hit = 1.4 * np.sin(2 * np.pi * (48 * passed + 4 * (1 - np.exp(-passed / 0.03))))
            hit *= np.exp(-passed / 0.12)
        else:
            level = 0.35 if place % 4 == 2 else 0.12
            hit = level * generator.standard_normal(len(passed)) * np.exp(-passed / 0.03)
        sound[:, at:] += hit
    return _finished(sound, time, rise=0.002)


SOUNDS: Mapping[str, Callable[[], Float]] = {"phrase": phrase, "drone": drone, "strokes": strokes}
"""Name -> what computes it: float32 (2, samples) at `SAMPLE_RATE`, peak at half of full scale."""


def _finished(sound: NDArray[np.float64], time: NDArray[np.float64], rise: float) -> Float:
    """Return a sound that begins and ends without a click, at its level."""
    sound = sound * np.clip(np.minimum(time / rise, (time[-1] - time) / 0.1), 0.0, 1.0)
    return np.asarray(sound * (_PEAK / np.abs(sound).max()), np.float32)
