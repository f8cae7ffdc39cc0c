"""The strongest classes, smoothed over time and sorted only now and then. No Qt."""

from collections.abc import Sequence

import numpy as np

from ...engine.arrays import Float

KEPT = 0.85
"""The share of a score that is kept from one frame to the next."""
FRAMES = 15
"""The number of frames for which the order is kept, so that the list does not flicker."""


class Ranking:
    """Follows the scores of one network's classes."""

    def __init__(self) -> None:
        """Start without scores."""
        self._scores: Float | None = None
        self._order: list[int] = []
        self._wanted: tuple[int, tuple[int, ...]] = (0, ())
        self._frames = 0

    def smooth(self, scores: Float) -> Float:
        """Return new scores smoothed over time, (classes,)."""
        if self._scores is None or len(self._scores) != len(scores):
            self._scores = scores.astype(np.float32)
        else:
            self._scores = KEPT * self._scores + (1 - KEPT) * scores
        self._frames += 1
        return self._scores

    def strongest(self, scores: Float, count: int, first: Sequence[int] = ()) -> list[int]:
        """Return the units of the strongest classes.

        Args:
            scores: (classes,).
            count: how many units to return.
            first: units that come before all others.
        """
        wanted = count, tuple(first)
        if wanted != self._wanted or self._frames >= FRAMES or not self._order:
            self._wanted, self._frames = wanted, 0
            ranked = [int(u) for u in np.argsort(-scores, kind="stable") if u not in first]
            self._order = [*first, *ranked][:count]
        return self._order
