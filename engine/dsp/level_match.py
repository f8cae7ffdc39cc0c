"""Keeps a filtered sound as loud as the sound, and its peaks near those of the sound."""

import numpy as np

from ..arrays import Float
from .spectral_combinations import TINY

SECONDS = 0.12
"""The time constant of both levels: longer than the period of a low tone, shorter than a note."""
MOST_GAIN = 4.0
"""The largest correction, either way."""
SLOW_SECONDS = 0.6
"""The time constant with which what is left is corrected: beats that come and go too fast."""
MOST_SLOW_GAIN = 10.0 ** (3.0 / 20.0)
"""The largest correction of what is left, either way."""
SHORT_SECONDS = 0.02
"""The time constant of the levels that are compared at each sample, for the start of a note."""
MOST_DEVIATION = 10.0 ** (1.0 / 20.0)
"""How far the two may be apart, either way, before they are brought together."""
MOST_RISE = 10.0 ** (2.0 / 20.0)
"""How far a filter may lift the short-term level more than it is meant to."""
MOST_PEAK = 10.0 ** (3.0 / 20.0)
"""How far the peaks of the filtered sound may rise above the sound's."""
PEAK_SECONDS = 0.05
"""The time constant with which a peak of the sound is forgotten."""
SILENCE = 1e-10
"""Is added to powers that are compared."""


def share_within_peak(sound: Float, change: Float) -> Float:
    """Return how much of a filter keeps the peak of one frame within `MOST_PEAK`.

    Args:
        sound: (channels, samples).
        change: what a filter adds to these samples.

    Returns:
        (channels, 1), 0 to 1: the share of the filtered sound in a mix with the sound itself.
    """
    most = np.float32(MOST_PEAK) * np.abs(sound).max(axis=1, keepdims=True)
    size = np.add(sound, change)  # in place from here on: the audio callback allocates little
    np.abs(size, out=size)
    if (size.max(axis=1, keepdims=True) <= most).all():
        return np.ones_like(most)
    share = np.sign(change)
    share *= sound
    np.subtract(most, share, out=share)
    np.abs(change, out=size)
    share /= np.maximum(size, TINY, out=size)
    return np.asarray(np.minimum(share.min(axis=1, keepdims=True), 1.0), np.float32)


class LevelMatch:
    """Follows the level of a sound and of what a filter makes of it, and gives what evens them out.

    A filter that keeps the level of each frame still changes that of the whole a little: frames
    overlap, and a frame is not the hop that is filtered next.
    """

    def __init__(self, channels: int, hop: int, sample_rate: int) -> None:
        """Start without a correction.

        Args:
            channels: of the sound.
            hop: samples between two calls of `follow`.
            sample_rate: in hertz.
        """
        constants = np.array([[SECONDS], [SLOW_SECONDS]])
        self._kept = np.exp(-hop / (constants * sample_rate))
        self._most = np.array([[MOST_GAIN], [MOST_SLOW_GAIN]])
        self._least = 1.0 / self._most
        # In double precision: rounding would go round the loop, and pieces matter to it.
        self._before = np.zeros((2, channels))
        self._after = np.zeros((2, channels))
        # The fast gain corrects what was filtered, the slow one what the fast one makes of that.
        self._applied = np.ones((2, channels))
        self._peaks = _Decay(PEAK_SECONDS * sample_rate, hop)
        self._peak = np.zeros((channels, 1))
        self._short = _Decay(SHORT_SECONDS * sample_rate, hop)
        self._powers = np.zeros((2, channels, 1))
        self._working = np.zeros((2, channels, hop))
        self.gain = np.ones((channels, 1), np.float32)
        """What to multiply the filtered sound by, (channels, 1)."""

    def follow(self, sound: Float, filtered: Float) -> None:
        """Take in what was heard last.

        Args:
            sound: float32 (channels, hop).
            filtered: the same samples as they were filtered and multiplied by `gain`.
        """
        before, after = (
            np.add.reduce(np.square(each, dtype=np.float64), axis=1) / each.shape[1]
            for each in (sound, filtered)
        )
        self._before *= self._kept
        self._before += before
        self._after *= self._kept
        self._after += after / self._applied
        gains = np.sqrt((self._before + SILENCE) / (self._after + SILENCE))
        np.minimum(np.maximum(gains, self._least, out=gains), self._most, out=gains)
        self.gain[:, 0] = gains[0] * gains[1]
        self._applied[0] = np.square(self.gain[:, 0])
        self._applied[1] = np.square(gains[1])

    def evened(self, sound: Float, filtered: Float) -> Float:
        """Return a filtered sound whose short-term level is within a decibel of the sound's.

        A filter that was computed for the sound before may suit a new one badly; this finds out at
        once, and `follow` over the next notes.

        Args:
            sound: float32 (channels, samples), at most a hop, right after the last ones given.
            filtered: the same samples as a filter made them; changed in place, and returned.
        """
        wanted = self._short_gain(sound, filtered)
        inside = np.minimum(np.maximum(wanted, 1.0 / MOST_DEVIATION), MOST_DEVIATION)
        wanted /= inside
        np.minimum(np.maximum(wanted, 1.0 / MOST_GAIN, out=wanted), MOST_GAIN, out=wanted)
        return np.multiply(filtered, wanted, out=filtered)

    def risen_less(self, sound: Float, filtered: Float, lift: Float | float = 1.0) -> Float:
        """Return a filtered sound whose short-term level rises at most by `MOST_RISE` too much.

        What was found for the sound before may lift the beginning of another one far more.

        Args:
            sound, filtered: see `evened`; for one block, one of the two methods is called.
            lift: how much louder the filter is meant to make the sound, (channels, 1).
        """
        gain = self._short_gain(sound, filtered)
        gain *= lift * MOST_RISE
        np.minimum(gain, 1.0, out=gain)
        return np.multiply(filtered, gain, out=filtered)

    def _short_gain(self, sound: Float, filtered: Float) -> Float:
        """Return the gain at each sample that would bring the short-term level to the sound's."""
        count = sound.shape[1]
        rise, fall = self._short.rise[:count], self._short.fall[count - 1]
        powers = self._working[:, :, :count]
        powers[0], powers[1] = sound, filtered
        np.square(powers, out=powers)
        # power[n] = sound[n]^2 + fall power[n-1] without a loop: divide the fall out, add up.
        powers *= rise
        np.add.accumulate(powers, axis=2, out=powers)
        powers += self._powers
        self._powers = powers[:, :, -1:] * fall
        powers += SILENCE * rise
        gain = powers[0] / powers[1]
        np.sqrt(gain, out=gain)
        return np.asarray(gain)

    def within_peaks(self, sound: Float, filtered: Float) -> Float:
        """Return a filtered sound, limited to what keeps it near the sound's last peaks.

        Args:
            sound, filtered: see `evened`.
        """
        count = sound.shape[1]
        peaks = np.abs(sound) * self._peaks.rise[:count]
        np.maximum.accumulate(peaks, axis=1, out=peaks)
        np.maximum(peaks, self._peak, out=peaks)
        peaks *= self._peaks.fall[:count]
        self._peak = peaks[:, -1:].copy()
        peaks *= MOST_PEAK
        np.minimum(filtered, peaks, out=filtered)
        np.maximum(filtered, np.negative(peaks, out=peaks), out=filtered)
        return filtered

    def reset(self) -> None:
        """Forget levels and peaks."""
        self._before.fill(0.0)
        self._after.fill(0.0)
        self._applied.fill(1.0)
        self._peak.fill(0.0)
        self._powers.fill(0.0)
        self.gain.fill(1.0)


class _Decay:
    """An exponential decay over the samples of a block, (hop,), and its inverse."""

    def __init__(self, time_constant: float, hop: int) -> None:
        samples = np.arange(1.0, hop + 1.0)
        self.fall, self.rise = np.exp(-samples / time_constant), np.exp(samples / time_constant)
