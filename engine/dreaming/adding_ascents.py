"""The ascents of the parameterisation `filter+waveform`: a filter, and what is added after it.

One gradient serves both. What is added can lift what the sound does not have.
"""

import math

import numpy as np

from ..arrays import Float
from ..dsp.band_filter import filter_change, level_kept, mel_bands
from ..dsp.gradient_shaping import LEVEL_SECONDS, local_level
from ..dsp.linear_prediction import forecast
from ..parameter_values import Values
from .additions import Additions
from .ascent import Ascent, AscentShape
from .filter_ascent import FilterAscent
from .frame_filter_ascent import FrameFilterAscent


def present_ascent(shape: AscentShape) -> Ascent:
    """Return the ascent whose newest dream shapes the present sound.

    A network whose window is too short to reach ahead of the sound has the filter alone.
    """
    return AheadAscent(shape) if _horizon(shape) < shape.window else FilterAscent(shape)


class _AddingAscent:
    """A filter and additions after it, which move on, finish and end together."""

    def __init__(self, shape: AscentShape, filter: Ascent, open: int) -> None:
        self._filter = filter
        self._additions = Additions(shape.window, open, shape.hop, shape.sample_rate)
        self._span = round(LEVEL_SECONDS * shape.sample_rate)

    @property
    def sound(self) -> Float:
        """The sound itself, (window,)."""
        return self._filter.sound

    def push(self, sound: Float) -> None:
        """Move on by one hop of new sound, (hop,)."""
        self._filter.push(sound)
        self._additions.push()

    def spectrum(self) -> Float:
        """Return what the filter publishes; see `Ascent.spectrum`."""
        return self._filter.spectrum()

    def finished(self) -> Float:
        """Return the hop that is now finished, (hop,)."""
        return self._filter.finished() + self._additions.finished()

    def reset(self) -> None:
        """Clear sound, filter and additions."""
        self._filter.reset()
        self._additions.reset()


class AheadAscent(_AddingAscent):
    """One filter for the present sound, and additions for the sound that is to come.

    What is added must be in time with the sound, and takes an update to be found. But only the next
    moments of the sound are unknown, and of those linear prediction gives a fair guess. So the
    network hears a window that ends in the forecast, and additions are finished before their time.

    The idea of attacks on a forecast: M. Chiquier and others, "Real-Time Neural Voice Camouflage",
    ICLR 2022, where a network is trained to foresee them.
    """

    def __init__(self, shape: AscentShape) -> None:
        """Start from silence, a filter that changes nothing, and nothing added."""
        self.active = -shape.ahead
        """Samples at the window's end whose dream is not finished: below 0, as it is ahead."""
        self._horizon = _horizon(shape)
        self._present = FilterAscent(shape)
        super().__init__(shape, self._present, self._horizon - shape.ahead)
        frequency = np.fft.rfftfreq(2 * self._horizon, 1.0 / shape.sample_rate)
        self._bands = mel_bands(frequency, shape.sample_rate)
        self._gradient = np.zeros(shape.window, np.float32)

    def heard(self, step: float) -> Float:
        """Return the newest sound and its forecast, filtered, with what is added, (window,)."""
        past = self._filter.heard(step)[self._horizon :]
        played = np.concatenate((past, self._filtered_forecast(step)))
        return played + np.float32(step) * self._additions.waveform

    def ascend(self, gradient: Float, values: Values) -> None:
        """Let the filter and the additions follow the gradient."""
        horizon = self._horizon
        self._gradient[horizon:] = gradient[:-horizon]
        self._filter.ascend(self._gradient, values)
        newest = self.sound[-self._span :]
        self._additions.ascend(gradient, float(np.sqrt(np.mean(np.square(newest)))))

    def _filtered_forecast(self, step: float) -> Float:
        horizon = self._horizon
        coming = forecast(self.sound, horizon)
        around = np.concatenate((self.sound[-horizon:], coming))
        spectrum = np.asarray(np.fft.rfft(around), np.complex64)
        log_gain = self._bands.of_bins(np.float32(step) * self._present.log_gains[0])
        change = filter_change(spectrum, level_kept(spectrum, log_gain, self._bands))
        return coming + np.asarray(np.fft.irfft(change, 2 * horizon)[horizon:], np.float32)


class FrameAddingAscent(_AddingAscent):
    """A filter of its own for each frame, and additions, where the sound waits for its dream."""

    def __init__(self, shape: AscentShape) -> None:
        """Start from silence, filters that change nothing, and nothing added."""
        filters = FrameFilterAscent(shape)
        self.active = filters.active
        """Samples at the window's end whose dream is not finished."""
        super().__init__(shape, filters, filters.active)

    def heard(self, step: float) -> Float:
        """Return the window, filtered, with what is added, (window,)."""
        return self._filter.heard(step) + np.float32(step) * self._additions.waveform

    def ascend(self, gradient: Float, values: Values) -> None:
        """Let the filters and the additions follow the gradient."""
        self._filter.ascend(gradient, values)
        level = local_level(self.sound, self._span)[-self.active :]
        self._additions.ascend(gradient, level)


def _horizon(shape: AscentShape) -> int:
    """Return how many samples to come a network hears: the lookahead, and at least what it needs.

    What is finished is a hop, and has to have collected a step before.
    """
    needed = math.ceil(shape.ahead / shape.hop) + 2
    return shape.hop * max(needed, min(shape.updates, shape.window // (2 * shape.hop)))
