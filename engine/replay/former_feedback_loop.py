"""The feedback loop as it was, for logs of performances that were played through it."""

import numpy as np

from ..arrays import Float
from ..dsp.feedback_loop import MEMORY_HOPS, FeedbackLoop
from ..dsp.ring_buffer import RingBuffer


class FormerFeedbackLoop(FeedbackLoop):
    """Compares the filter's output and input over the same hops, however late the output is.

    So where the filter is late, echoes die away faster than they are asked to.
    """

    _silence = 0.0

    def write(self, heard: Float, filtered: Float, change: Float) -> None:
        """End a hop; see `FeedbackLoop.write`."""
        self._unspent[0] = np.inf  # what has come out is not counted
        super().write(heard, filtered, change)

    def adopt(self, other: FeedbackLoop, heard: RingBuffer, unfinished: int) -> None:
        """Take over the content of another loop as it is, however late it is."""
        count = min(other._delay, self._past.capacity)
        self._past.write(other._past.read(count))

    def _remembered(self, lag: int, hop: int) -> tuple[int, int, int]:
        return 0, 0, lag // hop + MEMORY_HOPS
