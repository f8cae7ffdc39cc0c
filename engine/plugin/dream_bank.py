"""The dreams of one stream: one for all channels together, or one for each channel."""

from collections.abc import Sequence

import numpy as np

from ..arrays import Complex, Float
from ..dreaming.dream import Dream, DreamSource
from ..kernel.binding import bind
from ..kernel.dream import mix_to_mono
from ..kernel.ring import is_finite
from ..parameter_values import Values
from .dream_reader import DreamReader

_MIX, _IS_FINITE = bind(mix_to_mono), bind(is_finite)


def finite(sound: Float) -> Float:
    """Return a sound with silence for NaN and infinity; the same object where there is none."""
    if _IS_FINITE(sound):
        return sound
    return np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0)


def mixed(sound: Float) -> Float:
    """Return the mean of all channels, (1, samples), to the bit as the audio callback's."""
    mono = np.empty((1, sound.shape[1]), np.float32)
    _MIX(np.ascontiguousarray(sound), mono)
    return mono


class DreamBank:
    """Feeds the dream sources of a stream and reads their dreams."""

    def __init__(
        self,
        sources: Sequence[DreamSource],
        parameters: Values,
        sample_rate: int,
        n_fft: int,
    ) -> None:
        """Use these sources.

        Args:
            sources: one for all channels, or as many as there are channels.
            parameters: read at each frame.
            sample_rate: of the stream, in hertz.
            n_fft: of the filter.
        """
        self._sources = sources
        self._readers = [DreamReader(source, parameters, sample_rate, n_fft) for source in sources]
        self._fed = 0

    @property
    def waveform_delay(self) -> int:
        """Samples until a dream's waveform is finished, if it is not late."""
        return max(source.tape_lag + source.update_deadline for source in self._sources)

    @property
    def newest(self) -> Dream:
        """The newest dream; with several sources that of the first channel."""
        return self._sources[0].newest

    @property
    def log_gain(self) -> Float | None:
        """The log-gains of the last frame, (channels, bins), if its dream was a filter."""
        gains = [reader.log_gain for reader in self._readers]
        known = [gain for gain in gains if gain is not None]
        return np.concatenate(known) if len(known) == len(gains) else None

    @property
    def is_filter(self) -> bool:
        """Whether the last frame's dream is what a filter changes; see `DreamReader`."""
        return all(reader.is_filter for reader in self._readers)

    @property
    def voice(self) -> Complex:
        """What no filter of the sound can make of the last frame's dream, (channels, bins)."""
        return np.concatenate([reader.voice for reader in self._readers])

    @property
    def voice_is_recorded(self) -> bool:
        """Whether the last frame's `voice` is of a tape; see `DreamReader`."""
        return self._readers[0].voice_is_recorded

    @property
    def count(self) -> int:
        """Dreams since the start; with several sources the smallest count."""
        return min(source.count for source in self._sources)

    @property
    def late(self) -> int:
        """Frames whose dream was late."""
        return sum(reader.late for reader in self._readers)

    @property
    def problem(self) -> str:
        """The newest error of a source, in one line; empty when there is none."""
        return next((source.problem for source in self._sources if source.problem), "")

    def ages_ms(self) -> Float:
        """Return how old the newest dream was at each of the last frames, in milliseconds."""
        return np.concatenate([reader.ages_ms() for reader in self._readers])

    def reset_age_counts(self) -> None:
        """Reset the counts of ages and late frames."""
        for reader in self._readers:
            reader.reset_age_counts()

    def feed(self, sound: Float, sidechain: Float | None = None) -> None:
        """Pass new sound, (channels, samples), to the sources, and as much of the sidechain.

        Args:
            sound: that they listen to.
            sidechain: (1, samples), for the target sound; None where there is none.
        """
        if len(self._sources) == 1:
            sound = mixed(sound)
        for channel, source in enumerate(self._sources):
            source.feed(sound[channel : channel + 1], sidechain)
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

    def clear(self) -> None:
        """Clear the dream that is held; the sources go on."""
        for reader in self._readers:
            reader.clear()

    def restart(self) -> None:
        """Clear all sound and dreams, also in the sources; the counts stay."""
        for source in self._sources:
            source.reset()
        self._fed = 0
        self.clear()

    def reset(self) -> None:
        """Clear everything, counts included."""
        self.restart()
        for reader in self._readers:
            reader.reset()

    def close(self) -> None:
        """Close the sources."""
        for source in self._sources:
            source.close()
