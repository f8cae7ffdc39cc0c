"""Keeps a filtered sound as loud as the sound, and its peaks near those of the sound."""

import math

import numpy as np

from ..arrays import Float
from ..kernel import level
from ..kernel.binding import bind
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


_SHARE = bind(level.share_within_peak)


def share_within_peak(sound: Float, change: Float) -> Float:
    """Return how much of a filter keeps the peak of one frame within `MOST_PEAK`.

    Args:
        sound: (channels, samples).
        change: what a filter adds to these samples.

    Returns:
        (channels, 1), 0 to 1: the share of the filtered sound in a mix with the sound itself.
    """
    share = np.empty((len(sound), 1), np.float32)
    _SHARE(sound, change, share, MOST_PEAK, TINY)
    return share


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
        kept = (math.exp(-hop / (seconds * sample_rate)) for seconds in (SECONDS, SLOW_SECONDS))
        fall, peak_fall = (
            math.exp(-1.0 / (seconds * sample_rate)) for seconds in (SHORT_SECONDS, PEAK_SECONDS)
        )
        # In double precision: rounding would go round the loop, and pieces matter to it.
        powers = np.zeros((2, channels))
        peaks = np.zeros((1, channels))
        before, after = np.zeros((2, channels)), np.zeros((2, channels))
        # The fast gain corrects what was filtered, the slow one what the fast one makes of that.
        self._applied = np.ones((2, channels))
        self.gain = np.ones((channels, 1), np.float32)
        """What to multiply the filtered sound by, (channels, 1)."""
        self._cleared = powers, peaks, before, after
        self._no_lift = np.ones((channels, 1), np.float32)
        levels = before, after, self._applied, self.gain
        self._follow = bind(level.follow, *levels)
        self._evened = bind(level.evened, powers)
        self._risen_less = bind(level.risen_less, powers)
        self._within_peaks = bind(level.within_peaks, peaks)
        self._match = bind(level.match_change, powers, peaks, *levels, self._no_lift)
        self._powers_fall = fall, SILENCE
        self._peaks_fall = peak_fall, MOST_PEAK
        self._following = *kept, MOST_GAIN, MOST_SLOW_GAIN

    def follow(self, sound: Float, filtered: Float) -> None:
        """Take in what was heard last.

        Args:
            sound: float32 (channels, hop).
            filtered: the same samples as they were filtered and multiplied by `gain`.
        """
        self._follow(sound, filtered, *self._following, SILENCE)

    def match(self, sound: Float, change: Float) -> None:
        """Do `risen_less`, `within_peaks` and `follow` at once to a sound with its change.

        Args:
            sound: float32 (channels, hop).
            change: what a filter adds to it; changed in place.
        """
        self._match(
            sound, change, *self._powers_fall, MOST_RISE, *self._peaks_fall, *self._following
        )

    def evened(self, sound: Float, filtered: Float) -> Float:
        """Return a filtered sound whose short-term level is within a decibel of the sound's.

        A filter that was computed for the sound before may suit a new one badly; this finds out at
        once, and `follow` over the next notes.

        Args:
            sound: float32 (channels, samples), at most a hop, right after the last ones given.
            filtered: the same samples as a filter made them; changed in place, and returned.
        """
        self._evened(sound, filtered, *self._powers_fall, MOST_DEVIATION, MOST_GAIN)
        return filtered

    def risen_less(self, sound: Float, filtered: Float, lift: Float) -> Float:
        """Return a filtered sound whose short-term level rises at most by `MOST_RISE` too much.

        What was found for the sound before may lift the beginning of another one far more.

        Args:
            sound, filtered: see `evened`; for one block, one of the two methods is called.
            lift: how much louder the filter is meant to make the sound, (channels, 1).
        """
        self._risen_less(sound, filtered, lift, *self._powers_fall, MOST_RISE)
        return filtered

    def within_peaks(self, sound: Float, filtered: Float) -> Float:
        """Return a filtered sound, limited to what keeps it near the sound's last peaks.

        Args:
            sound, filtered: see `evened`.
        """
        self._within_peaks(sound, filtered, *self._peaks_fall)
        return filtered

    def reset(self) -> None:
        """Forget levels and peaks."""
        for array in self._cleared:
            array.fill(0.0)
        self._applied.fill(1.0)
        self.gain.fill(1.0)
