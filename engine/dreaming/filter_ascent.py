"""The ascent of the parameterisation `filter` where the newest filter shapes the present sound."""

import numpy as np

from ..arrays import Float
from ..dsp.band_filter import BANDS, DECIBELS, band_gradient, filter_change, level_kept, mel_bands
from ..dsp.filter_steps import next_log_gains, with_peak_1
from ..dsp.sliding_frames import FRAMES_PER_HOP, SlidingFrames
from ..parameter_values import Values
from .ascent import AscentShape


class FilterAscent:
    """One filter for the whole window, which follows the gradient from update to update.

    The network hears the window as this filter changes it. What such a filter changed for the best
    in the last second still does in the next moment, so it needs no lookahead.
    """

    def __init__(self, shape: AscentShape) -> None:
        """Start from silence and a filter that changes nothing."""
        self._hop = shape.hop
        self.active = shape.updates * shape.hop
        """Samples at the window's end whose dream would not be finished."""
        self.sound = np.zeros(shape.window, np.float32)
        self._frames = SlidingFrames(shape.window, shape.hop, shape.sample_rate)
        self._bands = mel_bands(self._frames.frequency * shape.sample_rate, shape.sample_rate)
        self._filter_bands = mel_bands(shape.frequency, shape.sample_rate)
        self._spectra = self._frames.analyse(self.sound)
        self._filtered = self._spectra
        self._log_gains = np.zeros((1, BANDS), np.float32)
        self._momentum = np.zeros((1, BANDS), np.float32)
        self._no_waveform = np.zeros(shape.hop, np.float32)

    def push(self, sound: Float) -> None:
        """Move on by one hop of new sound, (hop,)."""
        self.sound[: -self._hop] = self.sound[self._hop :]
        self.sound[-self._hop :] = sound
        new = min(FRAMES_PER_HOP, len(self._spectra))
        self._spectra[:-new] = self._spectra[new:]
        self._spectra[-new:] = self._frames.analyse(self.sound, new)

    def heard(self, step: float) -> Float:
        """Return the window, filtered, (window,)."""
        log_gain = self._bands.of_bins(np.float32(step) * self._log_gains)
        change = filter_change(self._spectra, level_kept(self._spectra, log_gain, self._bands))
        self._filtered = self._spectra + change
        return self.sound + self._frames.synthesise(change)

    def ascend(self, gradient: Float, values: Values) -> None:
        """Let the filter follow the gradient; see `next_log_gains`."""
        pulled = self._frames.pull(with_peak_1(gradient))
        by_frame = band_gradient(self._filtered, pulled, self._bands)
        self._log_gains, self._momentum = next_log_gains(
            self._log_gains,
            self._momentum,
            by_frame.sum(axis=0, keepdims=True),
            values.number("range_db") / DECIBELS,
        )

    def spectrum(self) -> Float:
        """Return the log-gains at the filter's bins, (bins,)."""
        return self._filter_bands.of_bins(self._log_gains[0])

    def finished(self) -> Float:
        """Return silence: this dream has no waveform of its own."""
        return self._no_waveform

    def reset(self) -> None:
        """Clear sound and filter."""
        self.sound.fill(0.0)
        self._spectra.fill(0.0)
        self._log_gains = np.zeros_like(self._log_gains)
        self._momentum = np.zeros_like(self._momentum)
