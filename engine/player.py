"""What the audio callback plays: a processor that can be exchanged for another."""

import numpy as np
from numpy.typing import NDArray

from .processor import Processor

Float = NDArray[np.float32]


class Player:
    """Holds the processor in use."""

    def __init__(self, processor: Processor) -> None:
        """Play a prepared processor."""
        self.processor = processor
        self.retired: Processor | None = None

    def swap(self, processor: Processor) -> None:
        """Play another prepared processor from the next block on."""
        self.retired, self.processor = self.processor, processor

    def process(self, block: Float) -> Float:
        """Process one block."""
        return self.processor.process(block)

    def panic(self) -> None:
        """Silence all that sounds."""
        self.processor.panic()
