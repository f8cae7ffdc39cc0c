"""The audio callback: processes each block, and keeps what goes in and what comes out."""

import numpy as np

from ..arrays import Float
from ..ipc.shared_state import SoundMemory
from ..plugin.crossfader import Crossfader


class AudioCallback:
    """Plays the crossfader, or silence without one; keeps the sound for views and recordings."""

    def __init__(self) -> None:
        """Begin without a crossfader."""
        self.crossfader: Crossfader | None = None
        self.memory: SoundMemory | None = None

    def process(self, block: Float, sidechain: Float | None = None) -> Float:
        """Process one block, float32 (channels, samples), and return as much.

        Args:
            block: the input.
            sidechain: see `Processor.process`.
        """
        crossfader, memory = self.crossfader, self.memory
        if crossfader is None or memory is None:
            return np.zeros_like(block)
        memory.input.write(block)
        out = crossfader.process(block, sidechain)
        memory.dream.write(crossfader.added)
        memory.output.write(out)
        return out
