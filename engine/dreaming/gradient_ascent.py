"""DreamSound's recursion on a stream: gradient ascent on a sliding window, warm-started.

The paper repeats gradient steps on a whole file. On a stream every sample stays in view for the
lookahead and collects one step at each update, so that it leaves having had as many steps as fit
into the lookahead; each update starts from what the last one reached.
"""

import numpy as np

from ..arrays import Float

REFERENCE_SECONDS = 0.25
"""At this lookahead, steps that all agree make the dream as loud as the sound (times `step`)."""


class StreamingRecursion:
    """A sliding window of sound and the dream that grows on it.

    The dream is stored for a step size of 1; the network hears sound + step * dream, so turning
    the step knob is heard at once.
    """

    def __init__(self, window: int, hop: int, updates: int, sample_rate: int) -> None:
        """Start from silence.

        Args:
            window: samples that the network takes.
            hop: samples between two updates.
            updates: how many updates a sample collects before it leaves; at most window / hop.
            sample_rate: in hertz.

        Raises:
            ValueError: the updates do not fit into the window.
        """
        if not 1 <= updates <= window // hop:
            raise ValueError(f"{updates} updates of {hop} samples do not fit into {window}")
        self.hop = hop
        self.open = updates * hop
        """Samples at the window's end that still collect steps."""
        self.sound = np.zeros(window, np.float32)
        self.dream = np.zeros(window, np.float32)
        self._heard = np.zeros(window, np.float32)
        self._step_length = np.float32(hop / (REFERENCE_SECONDS * sample_rate))

    def push(self, sound: Float) -> None:
        """Move on by one hop of new sound, (hop,); its dream is empty yet."""
        for kept in (self.sound, self.dream):
            kept[: -self.hop] = kept[self.hop :]
        self.sound[-self.hop :] = sound
        self.dream[-self.hop :] = 0.0

    def heard(self, step: float) -> Float:
        """Return sound + step * dream, (window,): where the next gradient is taken."""
        np.multiply(self.dream, np.float32(step), out=self._heard)
        self._heard += self.sound
        return self._heard

    def ascend(self, direction: Float) -> None:
        """Add one step to all samples that are still open.

        Args:
            direction: (open,), as loud as the sound; see `GradientShaping.shape`.
        """
        self.dream[-self.open :] += self._step_length * direction

    def maturing(self) -> tuple[Float, Float]:
        """Return the older half of what is open: most of its steps taken, far from the edge.

        Returns:
            The sound, and its dream, each hop scaled up from the steps that it has to all those
            that it will collect; (samples,) each.
        """
        updates = self.open // self.hop
        start = len(self.sound) - self.open
        kept = slice(start, start + (updates + 1) // 2 * self.hop)
        collected = np.repeat(np.arange(updates, updates // 2, -1, dtype=np.float32), self.hop)
        return self.sound[kept], self.dream[kept] * (np.float32(updates) / collected)

    def leaving(self) -> Float:
        """Return the hop of the dream that has now collected all its steps, (hop,)."""
        start = len(self.dream) - self.open
        return self.dream[start : start + self.hop]

    def reset(self) -> None:
        """Forget everything."""
        self.sound.fill(0.0)
        self.dream.fill(0.0)
