"""The filter of the alignments `live`, `aligned` and `echo`: frames of a Fourier transform."""

import numpy as np

from ..arrays import Float
from ..dsp.level_match import MOST_PEAK, LevelMatch
from ..dsp.ring_buffer import RingBuffer
from ..dsp.spectral_combinations import TINY
from ..dsp.stft import StreamingStft
from ..kernel.binding import bind
from ..kernel.frames import add_frame
from ..parameter_values import Values
from .dream_bank import DreamBank
from .filter_protocol import change_of, hears_filter


class SpectralFilter:
    """Transforms the sound frame by frame, and overlap-adds the change that a combination makes."""

    def __init__(
        self,
        channels: int,
        n_fft: int,
        sample_rate: int,
        dreams: DreamBank,
        parameters: Values,
        *,
        delay: int,
        immediate: bool,
    ) -> None:
        """Allocate a filter.

        Args:
            channels: of the sound.
            n_fft: samples in a frame.
            sample_rate: of the sound, in hertz.
            dreams: read at each frame.
            parameters: read at each frame.
            delay: samples by which the filtered sound is behind the sound that the network gets.
            immediate: whether the sound itself passes before its change is there (`echo`).
        """
        self._stft = StreamingStft(channels, n_fft)
        self._dreams, self._parameters = dreams, parameters
        self._delay, self._immediate = delay, immediate
        self._change = RingBuffer(channels, n_fft)
        self._level = LevelMatch(channels, self._stft.hop, sample_rate)
        self._add_frame = bind(add_frame, *self._stft.arrays, self._level.gain)
        self._finished = np.zeros((channels, self._stft.hop), np.float32)
        self._lag = delay + n_fft - self._stft.hop
        self.loop_lag = 0 if immediate else self._lag
        self.nan_resets = 0
        self.set_block_divisor(1)
        self._last_slack = self._slack

    def set_block_divisor(self, block_divisor: int) -> None:
        """Prepare for blocks whose sizes are multiples of `block_divisor`."""
        # Blocks and hops drift against each other by at most what their common divisor leaves. An
        # echo can afford the most, so that it comes at the same time whatever the block size.
        self._slack = self._stft.hop - (0 if self._immediate else block_divisor)
        self.latency_samples = 0 if self._immediate else self._lag + self._slack

    def advance(self, sound: RingBuffer, start: int, stop: int) -> None:
        """Do nothing: this filter works on complete hops."""

    def frame(self, sound: RingBuffer, may_change: bool) -> Float:
        """Filter one frame; see `SoundFilter.frame`."""
        newest = sound.read(self._stft.n_fft, self._delay)
        spectrum = self._stft.analyse(newest)
        change = change_of(self._parameters, spectrum, self._dreams.read(spectrum, may_change))
        is_filter = not self._immediate and hears_filter(self._parameters, self._dreams.is_filter)
        finished = self._finished
        if not self._add_frame(change, newest, finished, is_filter, MOST_PEAK, TINY):
            self._stft.reset()
            self._dreams.clear()
            finished.fill(0.0)
            self._level.reset()
            self.nan_resets += 1
        if is_filter:
            self._level.match(newest[:, : self._stft.hop], finished)
        self._change.write(finished)
        return finished

    def change(self, count: int, since_frame: int) -> Float:
        """Return the change for the newest samples; see `SoundFilter.change`."""
        before, after = self._last_slack, self._slack
        self._last_slack = after
        return self._change.read_gliding(
            count, max(0, before - since_frame), max(0, after - since_frame)
        )

    def reset(self) -> None:
        """Clear the past."""
        self._stft.reset()
        self._change.reset()
        self._level.reset()
        self._last_slack = self._slack
        self.nan_resets = 0
