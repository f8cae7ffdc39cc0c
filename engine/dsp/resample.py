"""Sample-rate conversion: of whole sounds and of files by soxr, of live streams by `Resampler`.

General-purpose streaming converters deliver in bursts: soxr's lags by 20 to 115 ms between the
rates in use here, more than everything else that stands between a sound and its dream.
`Resampler` has a short, exactly known lag: it computes each output sample as soon as the input it
needs is there.
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np

from ..arrays import Float

ZERO_CROSSINGS = 16
"""On each side of the filter's centre, at the lower of the two rates."""
PASSBAND = 0.92
"""Of the lower Nyquist frequency; a Kaiser window of beta 8 keeps aliases below -80 dB."""


def resample(sound: Float, source: float, target: float) -> Float:
    """Return a whole sound at another rate, by soxr at its high quality.

    Args:
        sound: (samples,) or (channels, samples).
        source, target: the rates, in hertz.

    Returns:
        float32 of as many channels; `sound` itself where the rates are equal. A very short sound
        may have no sample left.
    """
    if source == target:
        return sound
    import soxr

    return np.asarray(soxr.resample(sound.T, source, target).T, np.float32)


def resample_blocks(blocks: Iterable[Float], source: int, target: int) -> Iterator[Float]:
    """Yield a sound at another rate while its blocks pass by, by soxr at its high quality.

    Args:
        blocks: (samples,) each, of any lengths.
        source, target: the rates, in hertz.
    """
    if source == target:
        yield from blocks
        return
    import soxr

    stream = soxr.ResampleStream(source, target, 1, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


class Resampler:
    """Converts a stream of mono chunks; the sum of all outputs does not depend on the chunks.

    Attributes:
        up, down: the ratio of the rates, in lowest terms: `up` output samples for `down` of input.
        bank: the filter for each fraction of an input sample, (up, 2 lag).
    """

    def __init__(self, input_rate: int, output_rate: int) -> None:
        """Convert from `input_rate` to `output_rate`, in hertz."""
        divisor = math.gcd(input_rate, output_rate)
        self.up, self.down = output_rate // divisor, input_rate // divisor
        self._through = input_rate == output_rate
        scale = min(1.0, output_rate / input_rate)
        self._half = 0 if self._through else math.ceil(ZERO_CROSSINGS / scale)
        self.bank = _filter_bank(self.up, self._half, scale)
        self.reset()

    @property
    def lag(self) -> int:
        """Input samples that must have arrived after a moment before its output can be given."""
        return self._half

    def needed(self, count: int) -> int:
        """Return how many samples of input are missing until `count` more of output come out."""
        if self._through:
            return count
        last = (self._given + count - 1) * self.down // self.up
        return last + self._half + 1 - self._received

    def reset(self) -> None:
        """Start a new stream; silence precedes it."""
        self._kept = np.zeros(max(self._half - 1, 0), np.float32)
        self._received = 0
        self._given = 0

    def process(self, chunk: Float) -> Float:
        """Return all output that the input so far allows.

        Args:
            chunk: (samples,), the next piece of the input, of any length.

        Returns:
            float32 (samples,). Output n belongs to the input's moment n * input / output rate.
        """
        if self._through:
            return chunk.copy()
        signal = np.concatenate((self._kept, chunk))
        first_kept = self._received - len(self._kept)
        self._received += len(chunk)
        # Output n needs the inputs up to floor(n * down / up) + half.
        last = (self._received - self._half) * self.up
        end = max(self._given, -(-last // self.down))
        if end == self._given:
            self._kept = signal
            return np.zeros(0, np.float32)
        numbers = np.arange(self._given, end, dtype=np.int64) * self.down
        starts = numbers // self.up - (self._half - 1) - first_kept
        windows = np.lib.stride_tricks.sliding_window_view(signal, 2 * self._half)
        output = np.einsum("nt,nt->n", windows[starts], self.bank[numbers % self.up])
        self._given = end
        oldest_needed = end * self.down // self.up - (self._half - 1)
        self._kept = signal[max(0, oldest_needed - first_kept) :]
        return np.asarray(output, np.float32)


def _filter_bank(phases: int, half: int, scale: float) -> Float:
    """Return one windowed-sinc filter for each fraction of an input sample, (phases, 2 * half)."""
    if half == 0:
        return np.zeros((0, 0), np.float32)
    offsets = np.arange(-half + 1, half + 1)[np.newaxis] - np.arange(phases)[:, np.newaxis] / phases
    cutoff = PASSBAND * scale
    window = np.i0(8.0 * np.sqrt(np.maximum(1.0 - (offsets / half) ** 2, 0.0))) / np.i0(8.0)
    bank = cutoff * np.sinc(cutoff * offsets) * window
    # Each phase passes DC unchanged, so that no ripple at the phase rate is heard.
    return np.asarray(bank / bank.sum(axis=1, keepdims=True), np.float32)
