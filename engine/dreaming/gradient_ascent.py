"""DreamSound's recursion on a stream: gradient ascent on a sliding window, warm-started.

The paper repeats gradient steps on a whole file. On a stream every sample stays in the window for
the lookahead and collects one step at each update, so it gets as many steps as fit into the
lookahead. Each update starts from the result of the last one.
"""

import numpy as np

from ..arrays import Float

REFERENCE_SECONDS = 0.25
"""At this lookahead, steps in one direction make the dream as loud as the sound (times `step`)."""


class GradientAscent:
    """A sliding window of sound and the dream that grows on it.

    The dream is stored for a step size of 1; the network gets sound + step * dream, so a change of
    `step` takes effect at once.
    """

    def __init__(self, window: int, hop: int, updates: int, sample_rate: int) -> None:
        """Start from silence.

        Args:
            window: samples that the network takes.
            hop: samples between two updates.
            updates: how many updates each sample gets; at most window / hop.
            sample_rate: in hertz.

        Raises:
            ValueError: the updates do not fit into the window.
        """
        if not 1 <= updates <= window // hop:
            raise ValueError(f"{updates} updates of {hop} samples do not fit into {window}")
        self.hop = hop
        self.active = updates * hop
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

    def sound_with_dream(self, step: float) -> Float:
        """Return sound + step * dream, (window,): where the next gradient is taken."""
        np.multiply(self.dream, np.float32(step), out=self._heard)
        self._heard += self.sound
        return self._heard

    def ascend(self, direction: Float) -> None:
        """Add one step to all samples that are still open.

        Args:
            direction: (open,), as loud as the sound; see `GradientShaping.shape`.
        """
        self.dream[-self.active :] += self._step_length * direction

    def older_half(self) -> tuple[slice, Float]:
        """Return the older half of the active samples: far from the edge, with most of their steps.

        Returns:
            Where in the window it lies, and its dream, (samples,). Each hop of the dream is scaled
            from the steps that it has to the steps that it will have.
        """
        updates = self.active // self.hop
        start = len(self.sound) - self.active
        kept = slice(start, start + (updates + 1) // 2 * self.hop)
        collected = np.repeat(np.arange(updates, updates // 2, -1, dtype=np.float32), self.hop)
        return kept, self.dream[kept] * (np.float32(updates) / collected)

    def finished(self) -> Float:
        """Return the hop of the dream that has now collected all its steps, (hop,)."""
        start = len(self.dream) - self.active
        return self.dream[start : start + self.hop]

    def reset(self) -> None:
        """Clear sound and dream."""
        self.sound.fill(0.0)
        self.dream.fill(0.0)
