"""The ascent of the parameterisation `filter` where the sound waits for its dream."""

import math

import numpy as np

from ..arrays import Float
from ..dsp.band_filter import BANDS, DECIBELS
from ..dsp.filter_steps import next_log_gains, smoothed_over_frames
from ..dsp.sliding_frames import FRAMES_PER_HOP, frame_size
from ..parameter_values import Values
from .ascent import AscentShape
from .filtered_window import FilteredWindow


class FrameFilterAscent:
    """A filter of its own for each frame, which collects a step at each update until it leaves.

    A new frame begins with the filter of the one before it. The dream is what the filters change,
    divided by the step: a waveform, finished hop by hop. Its first hop after a reset fades in,
    because a filter smears what begins into the time before.
    """

    def __init__(self, shape: AscentShape) -> None:
        """Start from silence and filters that change nothing.

        A hop is finished when all frames that overlap with it are, so at least a frame and a hop
        have to fit into what is not finished.
        """
        size = frame_size(shape.window, shape.sample_rate)
        needed = math.ceil(size / shape.hop) + 1
        updates = min(max(shape.updates, needed), shape.window // shape.hop)
        self._hop = shape.hop
        self.active = updates * shape.hop
        """Samples at the window's end whose dream is not finished."""
        self._window = FilteredWindow(shape, self.active)
        self._closed = np.zeros(shape.window, np.float32)
        self._step = 0.0
        self._pushed = 0
        self._rise = np.arange(shape.hop, dtype=np.float32) / np.float32(shape.hop)
        self._log_gains = np.zeros((self._window.count, BANDS), np.float32)
        self._momentum = np.zeros_like(self._log_gains)
        self._silence = shape.silence

    @property
    def sound(self) -> Float:
        """The sound itself, (window,)."""
        return self._window.sound

    def push(self, sound: Float) -> None:
        """Move on by one hop of new sound, (hop,); the frames that leave keep their filters."""
        self._pushed += self._hop
        self._closed += self._leaving()
        self._closed[: -self._hop] = self._closed[self._hop :]
        self._closed[-self._hop :] = 0.0
        self._window.push(sound)
        new = min(FRAMES_PER_HOP, self._window.count)
        for rows in (self._log_gains, self._momentum):
            rows[: len(rows) - new] = rows[new:].copy()
            rows[len(rows) - new :] = rows[-1]

    def heard(self, step: float) -> Float:
        """Return the window, each frame filtered by its own filter, (window,)."""
        self._step = step
        finished = np.float32(step) * self._closed
        return self.sound + finished + self._window.change(self._log_gains, step)

    def ascend(self, gradient: Float, values: Values) -> None:
        """Let the filters of all frames that are still open follow the gradient."""
        self._log_gains, self._momentum = next_log_gains(
            self._log_gains,
            self._momentum,
            smoothed_over_frames(self._window.gradient(gradient)),
            values.number("range_db") / DECIBELS,
        )

    def spectrum(self) -> Float:
        """Return zeros: this dream is read as a waveform."""
        return self._silence

    def finished(self) -> Float:
        """Return the hop that no open frame but those that leave now overlaps with, (hop,)."""
        start = len(self._closed) - self.active
        hop = slice(start, start + self._hop)
        finished = self._closed[hop] + self._leaving()[hop]
        if self._pushed <= self.active:
            finished *= self._rise if self._pushed == self.active else np.float32(0.0)
        return finished

    def reset(self) -> None:
        """Clear sound and filters."""
        self._window.reset()
        self._closed.fill(0.0)
        self._pushed = 0
        self._log_gains = np.zeros_like(self._log_gains)
        self._momentum = np.zeros_like(self._momentum)

    def _leaving(self) -> Float:
        """Return the dream of the frames that leave with the next hop, (window,)."""
        return self._window.dream(self._log_gains[:FRAMES_PER_HOP], self._step)
