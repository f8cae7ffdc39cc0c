"""What the audio callback does with each block: keep it, play it, keep what comes out."""

import numpy as np
from numpy.typing import NDArray

from ..ipc.shared_state import SoundMemory
from ..plugin.crossfader import Player

Float = NDArray[np.float32]


class Stage:
    """Silent until there is a player; the sound is kept for whoever shows or records it."""

    def __init__(self) -> None:
        """Start empty."""
        self.player: Player | None = None
        self.memory: SoundMemory | None = None

    def process(self, block: Float) -> Float:
        """Play one block, float32 (channels, samples)."""
        player, memory = self.player, self.memory
        if player is None or memory is None:
            return np.zeros_like(block)
        memory.input.write(block)
        out = player.process(block)
        memory.dream.write(player.added)
        memory.output.write(out)
        return out
