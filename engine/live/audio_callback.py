"""The audio callback: processes each block, and keeps what goes in and what comes out."""

import threading

import numpy as np

from ..arrays import Float
from ..ipc.shared_state import SoundMemory
from ..plugin.crossfader import CrossfadeObserver, Crossfader
from ..plugin.processor import Processor


class AudioCallback:
    """Plays the crossfader, or silence without one; keeps the sound for views and recordings."""

    def __init__(self) -> None:
        """Begin without a crossfader."""
        self.crossfader: Crossfader | None = None
        self.memory: SoundMemory | None = None
        self.gain = 1.0
        """Of what comes out, at most 1; reached within a block."""
        self._last_gain = 1.0
        self._changing = threading.Lock()  # what plays, by others than the audio thread

    def begin(self, memory: SoundMemory) -> Crossfader | None:
        """Play silence of another shape until `play` brings a processor for it.

        A block that comes meanwhile is silent.

        Args:
            memory: for the sound from now on.

        Returns:
            What played before, which is to be closed.
        """
        with self._changing:
            before, self.crossfader, self.memory = self.crossfader, None, memory
        return before

    def play(self, processor: Processor, observer: CrossfadeObserver | None = None) -> bool:
        """Fade to a prepared processor.

        Args:
            processor: for the rate and the channels of the sound.
            observer: see `Crossfader`, where none is there yet.

        Returns:
            False where sound of another shape comes by now, for which it is of no use.
        """
        with self._changing:
            memory = self.memory
            shape = processor.channels, processor.sample_rate
            if memory is None or shape != (memory.channels, memory.sample_rate):
                return False
            if self.crossfader is None:
                self.crossfader = Crossfader(processor, observer)
            else:
                self.crossfader.swap(processor)
            return True

    @property
    def latency_samples(self) -> int | None:
        """Of what is heard, in samples; None where nothing plays."""
        crossfader = self.crossfader
        return None if crossfader is None else crossfader.latency_samples

    @property
    def newest(self) -> Processor | None:
        """The processor that was prepared last, heard already or not; None while there is none."""
        return None if self.crossfader is None else self.crossfader.newest

    def align_beat(self, beats: float) -> None:
        """Set the present position in the music; see `Processor.align_beat`."""
        if self.crossfader is not None:
            self.crossfader.align_beat(beats)

    def process(self, block: Float, sidechain: Float | None = None) -> Float:
        """Process one block, float32 (channels, samples), and return as much.

        Args:
            block: the input.
            sidechain: see `Processor.process`.
        """
        memory = self.memory  # first: `begin` takes the crossfader away before it
        crossfader = self.crossfader
        if crossfader is None or memory is None or len(block) != memory.channels:
            return np.zeros_like(block)
        memory.input.write(block)
        out = crossfader.process(block, sidechain)
        self._turn(out, self.gain)
        memory.dream.write(crossfader.added)
        memory.output.write(out)
        return out

    def _turn(self, out: Float, gain: float) -> None:
        """Multiply a block in place by a gain, on a straight line from that of the block before."""
        if gain != 1.0 or self._last_gain != 1.0:
            out *= np.linspace(self._last_gain, gain, out.shape[1] + 1, dtype=np.float32)[1:]
        self._last_gain = gain
