"""Reads what is new in the instrument's memory of the sound. No Qt."""

from dataclasses import dataclass

from ...engine.arrays import Float
from ...engine.ipc.shared_state import SoundMemory

LONGEST_SECONDS = 4.0
"""After a pause of the window no more than this is caught up with."""


@dataclass(frozen=True)
class NewSound:
    """What was heard since the last look, each float32 (channels, samples), all as long.

    Attributes:
        sample_rate: in hertz.
        input: delayed by the processor's latency, so that it is what the output was made from.
        dream: what was added to it.
        output: what came out.
    """

    sample_rate: int
    input: Float
    dream: Float
    output: Float


class SoundFeed:
    """Remembers how far it has read."""

    def __init__(self) -> None:
        """Begin with what comes next."""
        self._memory: SoundMemory | None = None
        self._read = 0

    def take(self, memory: SoundMemory, latency_samples: int) -> NewSound:
        """Return what has come since the last call; nothing the first time.

        Args:
            memory: that the instrument writes.
            latency_samples: of the processor.
        """
        end = memory.output.end  # written last: the others are as far
        if memory is not self._memory or end < self._read:
            self._memory, self._read = memory, end
        start = max(self._read, end - round(LONGEST_SECONDS * memory.sample_rate))
        self._read = end
        count = end - start
        latency = min(latency_samples, memory.input.capacity - count)
        return NewSound(
            memory.sample_rate,
            memory.input.read_at(start - latency, count).copy(),
            memory.dream.read_at(start, count).copy(),
            memory.output.read_at(start, count).copy(),
        )
