"""Reads the new sound from the memory that the audio server writes. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...engine.arrays import Float
from ...engine.ipc.shared_state import SoundMemory

LANES: Mapping[str, str] = {
    "input": "Input",
    "dream": "Dream: what is added",
    "output": "Output",
}
"""Lane -> its title."""
LONGEST_SECONDS = 4.0
"""The most sound that is read at once, such as after the window was blocked."""


@dataclass(frozen=True)
class NewSound:
    """The sound since the last call, each float32 (channels, samples), of one length.

    Attributes:
        sample_rate: in hertz.
        input: delayed by the processor's latency, and thus aligned with the output.
        dream: the sound that was added to the input.
        output: the processed sound.
    """

    sample_rate: int
    input: Float
    dream: Float
    output: Float


class SoundFeed:
    """Reads each sample once."""

    def __init__(self) -> None:
        """Start at the end of the memory that is read first."""
        self._memory: SoundMemory | None = None
        self._read = 0

    def take(self, memory: SoundMemory, latency_samples: int) -> NewSound:
        """Return the sound since the last call; at the first call nothing.

        Args:
            memory: the memory that the audio server writes.
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
