"""Overlapping windows of a whole sound: cut them out, and average what was computed for each."""

from collections.abc import Iterable

import numpy as np

from ..arrays import Float
from .stft import frames_of


def window_count(samples: int, window: int, hop: int) -> int:
    """Return how many windows, one every `hop` samples, it takes to hold all of a sound."""
    return 1 + max(0, -(-(samples - window) // hop))


def cut_windows(sound: Float, window: int, hop: int) -> Float:
    """Return the windows of a sound; behind its end there is silence.

    Args:
        sound: (samples,), at least one.
        window: samples of each.
        hop: samples between the starts of two.

    Returns:
        A view (windows, window); a sound shorter than a window is in a single one.
    """
    length = window + hop * (window_count(len(sound), window, hop) - 1)
    return frames_of(np.pad(sound, (0, length - len(sound))), window, hop)


class Stitcher:
    """Averages the results of overlapping windows, so that no border of a window is heard.

    Windows reach beyond both ends of the sound, into silence, so that every sample is held by
    equally many. Each is faded in and out, and the sum is divided by the sum of the fades. Where
    all windows agree, the result is theirs.
    """

    def __init__(self, samples: int, window: int, hop: int) -> None:
        """Prepare for sounds of `samples` samples.

        Args:
            samples: of the sounds, at least one.
            window: samples of each window.
            hop: samples between the starts of two, at most `window`.
        """
        self._samples, self._window, self._hop = samples, window, hop
        before = -(-window // hop) - 1  # a window that started earlier would end before the sound
        self.count = before + -(-samples // hop)
        self.inside = slice(before, before + window_count(samples, window, hop))
        """The windows that `cut_windows` gives: those that do not start before the sound, and end
        at most with the first one to reach its end."""
        self._start = before * hop
        fade = np.sin(np.pi * (np.arange(window) + 0.5) / window) ** 2
        # Of each sample of a hop: the fades of all windows that hold it.
        weight = np.pad(fade, (0, -window % hop)).reshape(-1, hop).sum(axis=0)
        self._share = fade / np.resize(weight, window)

    def cut(self, sound: Float) -> Float:
        """Return a view of all windows of a sound (samples,), float32 (count, window)."""
        after = self._length() - self._start - self._samples
        return frames_of(np.pad(sound, (self._start, after)), self._window, self._hop)

    def stitch(self, pieces: Iterable[Float]) -> Float:
        """Return float32 (samples,) for what was made of each window, in order, (window,) each."""
        total = np.zeros(self._length())
        for number, piece in enumerate(pieces):
            start = number * self._hop
            total[start : start + self._window] += self._share * piece
        return np.asarray(total[self._start : self._start + self._samples], np.float32)

    def _length(self) -> int:
        return self._window + self._hop * (self.count - 1)


def relative_levels(windows: Float) -> Float:
    """Return the root mean square of each window (windows, samples), relative to the loudest's.

    Returns:
        float32 (windows,), 0..1; ones where all windows are silent.
    """
    power = np.einsum("ws,ws->w", windows, windows, dtype=np.float64)
    loudest = float(power.max())
    if loudest == 0.0:
        return np.ones(len(windows), np.float32)
    return np.asarray(np.sqrt(power / loudest), np.float32)
