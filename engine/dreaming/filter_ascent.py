"""The ascent of the parameterisation `filter` where the newest filter shapes the present sound."""

import numpy as np

from ..arrays import Float
from ..dsp.band_filter import BANDS, DECIBELS, mel_bands
from ..dsp.filter_steps import next_log_gains
from ..parameter_values import Values
from .ascent import AscentShape
from .filtered_window import FilteredWindow


class FilterAscent:
    """One filter for the whole window, which follows the gradient from update to update.

    The network hears the window as this filter changes it. What such a filter changed for the best
    in the last second still does in the next moment, so it needs no lookahead.
    """

    def __init__(self, shape: AscentShape) -> None:
        """Start from silence and a filter that changes nothing."""
        self.active = shape.updates * shape.hop
        """Samples at the window's end whose dream would not be finished."""
        self._window = FilteredWindow(shape)
        self._bands = mel_bands(shape.frequency, shape.sample_rate)
        self.log_gains = np.zeros((1, BANDS), np.float32)
        """Of the filter, for a step of 1, (1, bands)."""
        self._momentum = np.zeros((1, BANDS), np.float32)
        self._no_waveform = np.zeros(shape.hop, np.float32)

    @property
    def sound(self) -> Float:
        """The sound itself, (window,)."""
        return self._window.sound

    def push(self, sound: Float) -> None:
        """Move on by one hop of new sound, (hop,)."""
        self._window.push(sound)

    def heard(self, step: float) -> Float:
        """Return the window, filtered, (window,)."""
        return self.sound + self._window.change(self.log_gains, step)

    def ascend(self, gradient: Float, values: Values) -> None:
        """Let the filter follow the gradient; see `next_log_gains`."""
        self.log_gains, self._momentum = next_log_gains(
            self.log_gains,
            self._momentum,
            self._window.gradient(gradient).sum(axis=0, keepdims=True),
            values.number("range_db") / DECIBELS,
        )

    def spectrum(self) -> Float:
        """Return the log-gains at the filter's bins, (bins,)."""
        return self._bands.of_bins(self.log_gains[0])

    def finished(self) -> Float:
        """Return silence: this dream has no waveform of its own."""
        return self._no_waveform

    def reset(self) -> None:
        """Clear sound and filter."""
        self._window.reset()
        self.log_gains = np.zeros_like(self.log_gains)
        self._momentum = np.zeros_like(self._momentum)
