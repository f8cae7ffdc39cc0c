"""Keeps a filtered sound as loud as the sound, and its peaks near those of the sound."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float

Double = NDArray[np.float64]


def share_within_peak(
    sound: Float, change: Float, share: Float, most_peak: float, tiny: float
) -> float:
    """Compute how much of a filter keeps the peak of one frame near the sound's.

    Args:
        sound: (channels, samples).
        change: what a filter adds to these samples.
        share: (channels, 1), 0 to 1: of the filtered sound in a mix with the sound itself; written.
        most_peak: the largest peak, relative to the sound's.
        tiny: a magnitude that counts as silence.
    """
    most = np.float32(most_peak) * np.abs(sound).max(axis=1, keepdims=True)
    size = np.add(sound, change)  # in place from here on: the audio callback allocates little
    np.abs(size, out=size)
    share.fill(1.0)
    above = size.max(axis=1, keepdims=True) > most
    if above.any():
        room = np.sign(change)
        room *= sound
        np.subtract(most, room, out=room)
        np.abs(change, out=size)
        room /= np.maximum(size, np.float32(tiny), out=size)
        np.minimum(share, room.min(axis=1, keepdims=True), out=share, where=above)
    return 0.0


def evened(
    powers: Double,
    sound: Float,
    filtered: Float,
    fall: float,
    silence: float,
    most_deviation: float,
    most_gain: float,
) -> float:
    """Bring the short-term level of a filtered sound near the sound's.

    Args:
        powers: of the sound and of what was filtered so far, (2, channels); written.
        sound: (channels, samples).
        filtered: the same samples as a filter made them; written.
        fall: of a power from one sample to the next.
        silence: is added to powers that are compared.
        most_deviation: how far the levels may be apart before they are brought together.
        most_gain: the largest correction, either way.
    """
    wanted = _short_gain(powers, sound, filtered, fall, silence)
    wanted /= np.clip(wanted, 1.0 / most_deviation, most_deviation)
    np.clip(wanted, 1.0 / most_gain, most_gain, out=wanted)
    np.multiply(filtered, wanted, out=filtered)
    return 0.0


def risen_less(
    powers: Double,
    sound: Float,
    filtered: Float,
    lift: Float,
    fall: float,
    silence: float,
    most_rise: float,
) -> float:
    """Lower a filtered sound where its short-term level has risen too much.

    Args:
        powers, sound, filtered, fall, silence: see `evened`.
        lift: how much louder the filter is meant to make the sound, (channels, 1).
        most_rise: how much more than that it may become.
    """
    gain = _short_gain(powers, sound, filtered, fall, silence)
    gain *= lift * np.float64(most_rise)
    np.minimum(gain, 1.0, out=gain)
    np.multiply(filtered, gain, out=filtered)
    return 0.0


def within_peaks(
    peaks: Double, sound: Float, filtered: Float, fall: float, most_peak: float
) -> float:
    """Limit a filtered sound to what keeps it near the sound's last peaks.

    Args:
        peaks: of the sound so far, (1, channels); written.
        sound: (channels, samples).
        filtered: the same samples as a filter made them; written.
        fall: of a peak from one sample to the next.
        most_peak: how far above them the filtered sound may reach.
    """
    left = falls(fall, sound.shape[1])
    found = np.abs(sound) / left
    np.maximum.accumulate(found, axis=1, out=found)
    np.maximum(found, peaks.T, out=found)
    found *= left
    peaks[0] = found[:, -1]
    found *= most_peak
    np.minimum(filtered, found, out=filtered)
    np.maximum(filtered, np.negative(found, out=found), out=filtered)
    return 0.0


def follow(
    before: Double,
    after: Double,
    applied: Double,
    gain: Float,
    sound: Float,
    filtered: Float,
    kept: float,
    slowly_kept: float,
    most_gain: float,
    most_slow_gain: float,
    silence: float,
) -> float:
    """Take in what was heard in the last hop, and compute what evens the levels out.

    Args:
        before, after: powers of the sound, and of what was filtered without its correction, over a
            shorter and a longer time, (2, channels); written.
        applied: the power of the gains in use, the same shape; written.
        gain: what to multiply the filtered sound by from now on, (channels, 1); written.
        sound: (channels, hop).
        filtered: the same samples as they were filtered, and multiplied by `gain`.
        kept, slowly_kept: the share of each power that is left after a hop.
        most_gain, most_slow_gain: the largest corrections, either way.
        silence: is added to powers that are compared.
    """
    shares = np.array([[kept], [slowly_kept]])
    most = np.array([[most_gain], [most_slow_gain]])
    before *= shares
    before += np.square(sound, dtype=np.float64).mean(axis=1)
    after *= shares
    after += np.square(filtered, dtype=np.float64).mean(axis=1) / applied
    gains = np.clip(np.sqrt((before + silence) / (after + silence)), 1.0 / most, most)
    gain[:, 0] = gains[0] * gains[1]
    applied[0] = np.square(gain[:, 0])
    applied[1] = np.square(gains[1])
    return 0.0


def match_change(
    powers: Double,
    peaks: Double,
    before: Double,
    after: Double,
    applied: Double,
    gain: Float,
    lift: Float,
    sound: Float,
    change: Float,
    fall: float,
    silence: float,
    most_rise: float,
    peak_fall: float,
    most_peak: float,
    kept: float,
    slowly_kept: float,
    most_gain: float,
    most_slow_gain: float,
) -> float:
    """Do `risen_less`, `within_peaks` and `follow` in turn to a sound with its change.

    Args:
        powers, peaks, before, after, applied, gain, lift: see there.
        sound: (channels, hop).
        change: what a filter adds to it; written.
        fall, silence, most_rise: of `risen_less`.
        peak_fall, most_peak: of `within_peaks`.
        kept, slowly_kept, most_gain, most_slow_gain: of `follow`.
    """
    change += sound
    risen_less(powers, sound, change, lift, fall, silence, most_rise)
    within_peaks(peaks, sound, change, peak_fall, most_peak)
    follow(
        before, after, applied, gain, sound, change, kept, slowly_kept, most_gain, most_slow_gain,
        silence,
    )  # fmt: skip
    change -= sound
    return 0.0


@lru_cache(maxsize=64)
def falls(fall: float, count: int) -> Double:
    """Return what is left after each of some samples, (count,)."""
    return np.asarray(fall ** np.arange(1.0, count + 1.0))


def _short_gain(
    powers: Double, sound: Float, filtered: Float, fall: float, silence: float
) -> Double:
    """Return the gain at each sample that would bring the short-term level to the sound's."""
    # power[n] = sound[n]^2 + fall power[n-1] without a loop: divide the fall out, add up.
    left = falls(fall, sound.shape[1])
    found = np.square(np.stack([sound, filtered]), dtype=np.float64)
    found /= left
    np.add.accumulate(found, axis=2, out=found)
    found += powers[:, :, np.newaxis]
    found *= left
    powers[...] = found[:, :, -1]
    found += silence
    return np.asarray(np.sqrt(found[0] / found[1]))
