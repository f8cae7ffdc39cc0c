"""Overlapping windows of a whole sound: cut them out, and average what was computed for each."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

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

    Every window is faded in and out, and the sum is divided by the sum of the fades: so all samples
    count alike, those at the sound's ends too, which fewer windows hold. Where all windows agree,
    the result is theirs.
    """

    def __init__(self, samples: int, window: int, hop: int) -> None:
        """Prepare for sounds of `samples` samples, cut by `cut_windows`."""
        self.count = window_count(samples, window, hop)
        self._samples, self._window, self._hop = samples, window, hop
        # Half a sample in, so that it is nowhere 0: a sample that one window alone holds counts.
        self._fade = np.sin(np.pi * (np.arange(window) + 0.5) / window) ** 2
        self._weight = self._added(np.ones((self.count, 1)))

    def stitch(self, pieces: Iterable[Float]) -> Float:
        """Return float32 (samples,) for what was made of each window, in order, (window,) each."""
        return np.asarray(self._added(pieces) / self._weight, np.float32)

    def _added(self, pieces: Iterable[NDArray[np.floating]]) -> NDArray[np.float64]:
        total = np.zeros(self._window + self._hop * (self.count - 1))
        for number, piece in enumerate(pieces):
            start = number * self._hop
            total[start : start + self._window] += self._fade * piece
        return total[: self._samples]
