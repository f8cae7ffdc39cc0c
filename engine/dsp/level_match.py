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
_SILENCE = 1e-10


def share_within_peak(sound: Float, change: Float) -> Float:
    """Return how much of a filter keeps the peak of one frame within `MOST_PEAK`.

    Args:
        sound: (channels, samples).
        change: what a filter adds to these samples.

    Returns:
        (channels, 1), 0 to 1: the share of the filtered sound in a mix with the sound itself.
    """
    most = np.float32(MOST_PEAK) * np.abs(sound).max(axis=1, keepdims=True)
    share = np.sign(change)  # in place from here on: the audio callback allocates little
    share *= sound
    np.subtract(most, share, out=share)
    size = np.abs(change)
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
        # In double precision: rounding would go round the loop, and pieces matter to it.
        self._before = np.zeros((2, channels))
        self._after = np.zeros((2, channels))
        self._gains = np.ones((2, channels))
        samples = np.arange(1.0, hop + 1.0)
        self._fall = np.exp(-samples / (PEAK_SECONDS * sample_rate))
        self._peak = np.zeros((channels, 1))
        self._short_fall = np.exp(-samples / (SHORT_SECONDS * sample_rate))
        self._powers = np.zeros((2, channels, 1))
        self.gain = np.ones((channels, 1), np.float32)
        """What to multiply the filtered sound by, (channels, 1)."""

    def follow(self, sound: Float, filtered: Float) -> None:
        """Take in what was heard last.

        Args:
            sound: float32 (channels, hop).
            filtered: the same samples as they were filtered and multiplied by `gain`.
        """
        before, after = (
            np.square(each, dtype=np.float64).mean(axis=1) for each in (sound, filtered)
        )
        # The fast gain corrects what was filtered, the slow one what the fast one makes of that.
        after = after / np.square(np.stack((self.gain[:, 0], self._gains[1])))
        self._before = self._before * self._kept + before
        self._after = self._after * self._kept + after
        gains = np.sqrt((self._before + _SILENCE) / (self._after + _SILENCE))
        self._gains = np.clip(gains, 1.0 / self._most, self._most)
        self.gain[:, 0] = self._gains.prod(axis=0)

    def evened(self, sound: Float, change: Float) -> Float:
        """Return the change, with what it does to the short-term level kept within a decibel.

        A filter that was computed for the sound before may suit a new one badly; this finds out at
        once, and `follow` over the next notes.

        Args:
            sound: float32 (channels, samples), at most a hop, right after the last ones given.
            change: what a filter adds to these samples.
        """
        filtered = sound + change
        wanted = self._short_gain(sound, filtered)
        inside = np.clip(wanted, 1.0 / MOST_DEVIATION, MOST_DEVIATION)
        gain = np.clip(wanted / inside, 1.0 / MOST_GAIN, MOST_GAIN)
        return np.asarray(change + (gain - 1.0) * filtered, np.float32)

    def risen_less(self, sound: Float, change: Float, lift: Float | float = 1.0) -> Float:
        """Return the change, which lifts the short-term level at most by `MOST_RISE` too much.

        What was found for the sound before may lift the beginning of another one far more.

        Args:
            sound, change: see `evened`; for one block, one of the two methods is called.
            lift: how much louder the change is meant to make the sound, (channels, 1).
        """
        filtered = sound + change
        gain = np.minimum(self._short_gain(sound, filtered) * (lift * MOST_RISE), 1.0)
        return np.asarray(change + (gain - 1.0) * filtered, np.float32)

    def _short_gain(self, sound: Float, filtered: Float) -> Float:
        """Return the gain at each sample that would bring the short-term level to the sound's."""
        fall = self._short_fall[: sound.shape[1]]
        powers = np.empty((2, *sound.shape))  # rounding would depend on the size of the pieces
        powers[0], powers[1] = sound, filtered
        np.square(powers, out=powers)
        powers /= fall
        np.cumsum(powers, axis=2, out=powers)
        powers += self._powers
        powers *= fall
        self._powers = powers[:, :, -1:].copy()
        powers += _SILENCE
        return np.asarray(np.sqrt(powers[0] / powers[1]), np.float32)

    def within_peaks(self, sound: Float, change: Float) -> Float:
        """Return the change, limited to what keeps the whole near the sound's last peaks.

        Args:
            sound: float32 (channels, samples), at most a hop, right after the last ones given.
            change: what a filter adds to these samples.
        """
        fall = self._fall[: sound.shape[1]]
        peaks = np.maximum.accumulate(np.abs(sound) / fall, axis=1)
        peaks = np.maximum(peaks, self._peak) * fall
        self._peak = peaks[:, -1:].copy()
        most = np.asarray(MOST_PEAK * peaks, np.float32)
        return np.asarray(np.clip(sound + change, -most, most) - sound, np.float32)

    def reset(self) -> None:
        """Forget levels and peaks."""
        self._before.fill(0.0)
        self._after.fill(0.0)
        self._gains.fill(1.0)
        self._peak.fill(0.0)
        self._powers.fill(0.0)
        self.gain.fill(1.0)
