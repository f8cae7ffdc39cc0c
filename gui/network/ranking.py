"""Which classes are heard most, without flicker: smoothed, and put in order now and then. No Qt."""

from collections.abc import Sequence

import numpy as np

from ...engine.arrays import Float

KEPT = 0.85
"""Of a score, from one frame to the next."""
FRAMES = 15
"""The order is kept for so many frames."""


class Ranking:
    """Follows the scores of one network's classes."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._scores: Float | None = None
        self._order: list[int] = []
        self._asked: tuple[int, tuple[int, ...]] = (0, ())
        self._frames = 0

    def smooth(self, scores: Float) -> Float:
        """Take new scores; return them smoothed over time."""
        if self._scores is None or len(self._scores) != len(scores):
            self._scores = scores.astype(np.float32)
        else:
            self._scores = KEPT * self._scores + (1 - KEPT) * scores
        self._frames += 1
        return self._scores

    def strongest(self, scores: Float, count: int, first: Sequence[int] = ()) -> list[int]:
        """Return the units of the strongest classes.

        Args:
            scores: of all classes.
            count: how many to return.
            first: units that stand before all others.
        """
        asked = count, tuple(first)
        if asked != self._asked or self._frames >= FRAMES or not self._order:
            self._asked, self._frames = asked, 0
            ranked = [int(u) for u in np.argsort(-scores, kind="stable") if u not in first]
            self._order = [*first, *ranked][:count]
        return self._order
