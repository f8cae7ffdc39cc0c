"""What the audio callback does with each block: keep it, play it, keep what comes out."""

import numpy as np

from ..arrays import Float
from ..ipc.shared_state import SoundMemory
from ..plugin.crossfader import Crossfader


class AudioCallback:
    """Silent until there is a crossfader; the sound is kept for whoever shows or records it."""

    def __init__(self) -> None:
        """Start empty."""
        self.crossfader: Crossfader | None = None
        self.memory: SoundMemory | None = None

    def process(self, block: Float) -> Float:
        """Play one block, float32 (channels, samples)."""
        crossfader, memory = self.crossfader, self.memory
        if crossfader is None or memory is None:
            return np.zeros_like(block)
        memory.input.write(block)
        out = crossfader.process(block)
        memory.dream.write(crossfader.added)
        memory.output.write(out)
        return out
