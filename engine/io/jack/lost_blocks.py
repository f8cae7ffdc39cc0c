"""Sees from JACK's count of frames that blocks of sound were lost."""

_COUNTS = 1 << 32
"""The count begins again there."""


class LostBlocks:
    """Compares where each block begins with where the block before has ended."""

    def __init__(self) -> None:
        """Begin before the first block."""
        self._expected: int | None = None

    def before(self, frame: int, frames: int) -> bool:
        """Return whether something was lost between the block before and this one.

        Args:
            frame: number of the block's first frame.
            frames: in the block.
        """
        lost = self._expected not in (None, frame)
        self._expected = (frame + frames) % _COUNTS
        return lost
