"""The limiter of the output, and the limiter of the gain of the feedback loop."""

import numpy as np

from ..arrays import Float

LOOP_GAIN_CEILING = 0.95
LIMITER_CEILING = 0.9885
"""Just under -0.1 dBFS, in single precision too."""
LIMITER_RELEASE_SECONDS = 0.1


class LoopGainLimiter:
    """Bounds the loop gain below 1, whatever the filter inside the loop does.

    Over the latency of the filter, its output may not contain more energy than its input: the gain
    is the square root of (energy in / energy out), at most 1, times `LOOP_GAIN_CEILING`. So each
    round of the loop loses at least 0.45 dB, and a loop decays when its input has ended.
    """

    def __init__(self, memory: int) -> None:
        """Compare the energies of the last `memory` hops: more than the filter's latency."""
        self._energies = np.zeros((2, memory))
        self._at = 0

    def gain(self, heard: Float, produced: Float) -> float:
        """Return the gain for the output of this hop.

        Args:
            heard: the newest hop of the input of the filter, (channels, hop).
            produced: the newest hop of its output.

        Returns:
            0 to `LOOP_GAIN_CEILING`.
        """
        self._energies[:, self._at] = np.vdot(heard, heard), np.vdot(produced, produced)
        self._at = (self._at + 1) % self._energies.shape[1]
        energy_in, energy_out = self._energies.sum(axis=1)
        if energy_out <= energy_in:
            return LOOP_GAIN_CEILING
        return LOOP_GAIN_CEILING * float(np.sqrt(energy_in / energy_out))

    def reset(self) -> None:
        """Clear the past."""
        self._energies.fill(0.0)


class Limiter:
    """Keeps every sample at or under a ceiling, at once and without delay.

    The gain follows an envelope that rises with the signal and falls slowly, so the waveform is
    rounded where it would pass the ceiling and untouched, bit for bit, while it stays below.
    """

    def __init__(self, sample_rate: int, longest: int) -> None:
        """Prepare for blocks of at most `longest` samples at `sample_rate`."""
        decay = np.exp(-1.0 / (LIMITER_RELEASE_SECONDS * sample_rate))
        self._decay = decay ** np.arange(1, longest + 1, dtype=np.float64)
        self._envelope = 0.0

    def process(self, block: Float, ceiling: float) -> bool:
        """Limit `block`, float32 (channels, samples), in place; all channels alike.

        Args:
            block: finite samples of any size.
            ceiling: the largest magnitude that may pass, up to 1.

        Returns:
            Whether a sample exceeded the ceiling.
        """
        count = block.shape[1]
        peak = np.abs(block).max(axis=0)
        if self._envelope <= ceiling and float(peak.max()) <= ceiling:
            self._envelope *= float(self._decay[count - 1])
            return False
        # env[n] = max(peak[n], decay * env[n-1]) without a loop: divide the decay out, take the
        # running maximum, multiply it back.
        decay = self._decay[:count]
        scaled = np.maximum.accumulate(peak / decay)
        envelope = np.maximum(scaled, self._envelope) * decay
        self._envelope = float(envelope[-1])
        block *= (ceiling / np.maximum(envelope, ceiling)).astype(np.float32)
        np.clip(block, -ceiling, ceiling, out=block)  # float32 rounding of the product
        return True

    def reset(self) -> None:
        """Clear the past."""
        self._envelope = 0.0
