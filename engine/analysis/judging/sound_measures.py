"""How a dreamed sound differs from its sound: level, hiss, likeness, bursts and tails."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...arrays import Float

FLOOR_DB = -120.0
"""Instead of minus infinity."""
NEAR_SILENCE_DB = -40.0
"""Relative to the level of all of the sound: seconds below it are not compared."""
FRAME_SECONDS = 0.01
SILENT_FRAME_DB = -55.0
"""Relative to the loudest frame: below it nothing sounds."""
LOUD_DB = -30.0
"""Relative to the loudest frame: what is above it before a stop was sounding."""
SILENCE_BEFORE_SECONDS = 0.1
ONSET_SECONDS = 0.2
SILENCE_AFTER_SECONDS = 0.15
BEFORE_STOP_SECONDS = 0.1
TAIL_SECONDS = (0.05, 0.15)


@dataclass(frozen=True)
class SoundMeasures:
    """How one dreamed sound differs from its sound.

    Attributes:
        change_db: level of the difference, relative to the sound.
        flatness: spectral flatness of the difference: near 0.56 for white noise, near 0 for tones.
        correlation: of the dreamed sound with the sound.
        level_db: the largest difference of level over one of the sound's seconds, with its sign;
            None where every second is near silence.
        onset_db: the largest peak within 0.2 s of an onset after silence, relative to the sound's
            there; None where there is no such onset.
        tail_db: energy 50 to 150 ms after a stop, relative to the sound's energy in the 100 ms
            before it, the largest; None where the sound never stops.
        own_tail_db: the same of the sound without the dream.
    """

    change_db: float
    flatness: float
    correlation: float
    level_db: float | None
    onset_db: float | None
    tail_db: float | None
    own_tail_db: float | None


def measure_sound(sound: Float, dreamed: Float, sample_rate: int) -> SoundMeasures:
    """Compare a dreamed sound with its sound.

    Args:
        sound: float32 (channels, samples).
        dreamed: the same shape, without latency.
        sample_rate: in hertz.
    """
    change = dreamed - sound
    levels = level_differences_db(sound, dreamed, sample_rate)
    tails = list(tails_db(sound, dreamed, sample_rate))
    return SoundMeasures(
        change_db=power_db(change) - power_db(sound),
        flatness=flatness(change),
        correlation=correlation(sound, dreamed),
        level_db=max(levels, key=abs, default=None),
        onset_db=max(onset_peaks_db(sound, dreamed, sample_rate), default=None),
        tail_db=max((after for after, _ in tails), default=None),
        own_tail_db=max((own for _, own in tails), default=None),
    )


def power_db(sound: Float) -> float:
    """Return the mean power of a sound of any shape, in dB; at least `FLOOR_DB`."""
    power = float(np.mean(np.square(sound, dtype=np.float64))) if sound.size else 0.0
    return max(FLOOR_DB, 10.0 * float(np.log10(power))) if power > 0.0 else FLOOR_DB


def flatness(sound: Float) -> float:
    """Return the spectral flatness of (channels, samples).

    The geometric mean of the power spectrum of the whole sound, over its arithmetic mean: near
    0.56 for white noise, near 0 for tones (Gray and Markel, 1974).
    """
    power = np.mean(np.abs(np.fft.rfft(sound)) ** 2, axis=0) + 1e-20
    return float(np.exp(np.mean(np.log(power))) / np.mean(power))


def correlation(sound: Float, dreamed: Float) -> float:
    """Return the correlation coefficient of two sounds of one shape; 0 where one is constant."""
    one, other = (np.ravel(each).astype(np.float64) for each in (sound, dreamed))
    one, other = one - one.mean(), other - other.mean()
    norm = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / norm if norm > 0.0 else 0.0


def level_differences_db(sound: Float, dreamed: Float, sample_rate: int) -> list[float]:
    """Return the level of the dreamed sound relative to the sound, second by second.

    Seconds in which the sound is more than `-NEAR_SILENCE_DB` below its own level are left out; a
    last piece of at least half a second counts as one.
    """
    whole = power_db(sound)
    starts = range(0, max(1, sound.shape[1] - sample_rate // 2), sample_rate)
    differences = []
    for start in starts:
        part = np.s_[:, start : start + sample_rate]
        level = power_db(sound[part])
        if level > max(whole + NEAR_SILENCE_DB, FLOOR_DB):
            differences.append(power_db(dreamed[part]) - level)
    return differences


def onset_peaks_db(sound: Float, dreamed: Float, sample_rate: int) -> Iterator[float]:
    """Yield, for each onset after silence, the dreamed sound's peak relative to the sound's.

    An onset is where something sounds after at least `SILENCE_BEFORE_SECONDS` in which nothing
    did, or at the start. The peaks are those of the `ONSET_SECONDS` from there.
    """
    sounding = _sounding(sound, sample_rate)
    before = round(SILENCE_BEFORE_SECONDS / FRAME_SECONDS)
    after = round(ONSET_SECONDS * sample_rate)
    for frame in np.flatnonzero(sounding):
        if sounding[max(0, frame - before) : frame].any():
            continue
        if 0 < frame < before:
            continue  # it is not known how long the silence was
        start = frame * _frame(sample_rate)
        peaks = [float(np.abs(each[:, start : start + after]).max()) for each in (sound, dreamed)]
        yield 20.0 * float(np.log10(max(peaks[1], 1e-6) / peaks[0]))


def tails_db(sound: Float, dreamed: Float, sample_rate: int) -> Iterator[tuple[float, float]]:
    """Yield, for each stop, the energies 50 to 150 ms later of the dreamed sound and the sound.

    A stop is where nothing sounds any more for at least `SILENCE_AFTER_SECONDS`, and the
    `BEFORE_STOP_SECONDS` before it were loud: not the end of a long decay. Both energies are in
    dB relative to that of the sound in those, at least `FLOOR_DB`.
    """
    sounding = _sounding(sound, sample_rate)
    frame_samples = _frame(sample_rate)
    after = round(SILENCE_AFTER_SECONDS / FRAME_SECONDS)
    loudest = _frame_levels_db(sound, sample_rate).max(initial=FLOOR_DB)
    for frame in np.flatnonzero(sounding) + 1:
        if frame + after > len(sounding) or sounding[frame : frame + after].any():
            continue
        stop = frame * frame_samples
        reference = power_db(sound[:, stop - round(BEFORE_STOP_SECONDS * sample_rate) : stop])
        if reference < loudest + LOUD_DB:
            continue
        first, last = (stop + round(seconds * sample_rate) for seconds in TAIL_SECONDS)
        tails = [power_db(each[:, first:last]) - reference for each in (dreamed, sound)]
        yield max(FLOOR_DB, tails[0]), max(FLOOR_DB, tails[1])


def _frame(sample_rate: int) -> int:
    return max(1, round(FRAME_SECONDS * sample_rate))


def _frame_levels_db(sound: Float, sample_rate: int) -> NDArray[np.float64]:
    size = _frame(sample_rate)
    frames = sound.shape[1] // size
    cut = sound[:, : frames * size].reshape(len(sound), frames, size).astype(np.float64)
    power = np.mean(cut**2, axis=(0, 2))
    return np.asarray(10.0 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10.0))))


def _sounding(sound: Float, sample_rate: int) -> NDArray[np.bool_]:
    """Return for each frame whether something sounds in it."""
    levels = _frame_levels_db(sound, sample_rate)
    loudest = float(levels.max(initial=FLOOR_DB))
    return np.asarray(levels > max(loudest + SILENT_FRAME_DB, FLOOR_DB))
