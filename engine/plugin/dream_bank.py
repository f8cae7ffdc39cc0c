"""The dreams of one stream: one of all its channels together, or one of each."""

from collections.abc import Sequence

import numpy as np

from ..arrays import Complex, Float
from ..dreaming.dream import Dream, DreamSource
from ..dsp.stft import StreamingStft
from ..parameter_values import Values
from .dream_reader import DreamReader


class DreamBank:
    """Feeds the sources of dreams and reads them back, channel by channel where there are many."""

    def __init__(
        self,
        sources: Sequence[DreamSource],
        parameters: Values,
        sample_rate: int,
        n_fft: int,
    ) -> None:
        """Take sources in use from now on.

        Args:
            sources: one for all channels, or as many as there are channels.
            parameters: read at each frame.
            sample_rate: of the stream, in hertz.
            n_fft: of the filter.
        """
        self._sources = sources
        self._readers = [
            DreamReader(source, parameters, sample_rate, StreamingStft(1, n_fft))
            for source in sources
        ]
        self._fed = 0

    @property
    def wait(self) -> int:
        """Samples after which a dream's waveform is there, if it is not late."""
        return max(source.tape_lag + source.update_deadline for source in self._sources)

    @property
    def newest(self) -> Dream:
        """The newest dream; of several channels the first one's."""
        return self._sources[0].newest

    @property
    def count(self) -> int:
        """Dreams since the start, in each channel."""
        return min(source.count for source in self._sources)

    @property
    def late(self) -> int:
        """Frames whose dream was late."""
        return sum(reader.late for reader in self._readers)

    @property
    def problem(self) -> str:
        """What went wrong last, in words; empty when nothing did."""
        return next((source.problem for source in self._sources if source.problem), "")

    def ages_ms(self) -> Float:
        """Return how old the newest dream was at each of the last frames, in milliseconds."""
        return np.concatenate([reader.ages_ms() for reader in self._readers])

    def forget_ages(self) -> None:
        """Begin anew to count ages and late frames."""
        for reader in self._readers:
            reader.forget_ages()

    def feed(self, sound: Float) -> None:
        """Hand over new sound, (channels, samples)."""
        if len(self._sources) == 1:
            sound = sound.mean(axis=0, keepdims=True)
        for channel, source in enumerate(self._sources):
            source.feed(sound[channel : channel + 1])
        self._fed += sound.shape[1]

    def read(self, sound: Complex, may_change: bool) -> Complex:
        """Return the dream of one frame; see `DreamReader.read`."""
        if len(self._readers) == 1:
            return self._readers[0].read(sound, self._fed, may_change)
        return np.concatenate(
            [
                reader.read(sound[channel : channel + 1], self._fed, may_change)
                for channel, reader in enumerate(self._readers)
            ]
        )

    def forget(self) -> None:
        """Forget the dream that is held; sources go on."""
        for reader in self._readers:
            reader.forget()

    def restart(self) -> None:
        """Forget all sound and dreams, there and here; what was counted stays."""
        for source in self._sources:
            source.reset()
        self._fed = 0
        self.forget()

    def reset(self) -> None:
        """Forget everything."""
        self.restart()
        for reader in self._readers:
            reader.reset()

    def close(self) -> None:
        """Give up the sources."""
        for source in self._sources:
            source.close()
