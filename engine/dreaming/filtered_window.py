"""A sliding window of sound, filtered frame by frame, and how a gradient passes back to the filter.

The ascents of the parameterisation `filter` share it.
"""

import numpy as np

from ..arrays import Complex, Float
from ..dsp.band_filter import band_gradient, filter_change, filter_dream, level_kept, mel_bands
from ..dsp.filter_steps import with_peak_1
from ..dsp.sliding_frames import FRAMES_PER_HOP, SlidingFrames
from .ascent import AscentShape


class FilteredWindow:
    """The frames of a window and their spectra, which stay as they are while the window slides.

    Attributes:
        sound: (window,).
        count: how many frames are filtered.
    """

    def __init__(self, shape: AscentShape, newest: int | None = None) -> None:
        """Start from silence.

        Args:
            shape: of the ascent.
            newest: where given, only the frames that begin in so many samples at its end.
        """
        self._hop = shape.hop
        self.sound = np.zeros(shape.window, np.float32)
        self._frames = SlidingFrames(shape.window, shape.hop, shape.sample_rate, newest)
        self._bands = mel_bands(self._frames.frequency * shape.sample_rate, shape.sample_rate)
        self._spectra = self._frames.analyse(self.sound)
        self._filtered = self._spectra
        self.count = len(self._spectra)

    def push(self, sound: Float) -> None:
        """Move on by one hop of new sound, (hop,)."""
        self.sound[: -self._hop] = self.sound[self._hop :]
        self.sound[-self._hop :] = sound
        new = min(FRAMES_PER_HOP, self.count)
        self._spectra[: self.count - new] = self._spectra[new:]
        self._spectra[self.count - new :] = self._frames.analyse(self.sound, new)

    def change(self, log_gains: Float, step: float) -> Float:
        """Return the change that a filter makes to the window, (window,).

        Args:
            log_gains: for a step of 1, (frames, bands), or (1, bands) for all frames.
            step: multiplies the log-gains.
        """
        log_gain = self._bands.of_bins(np.float32(step) * log_gains)
        change = filter_change(self._spectra, level_kept(self._spectra, log_gain, self._bands))
        self._filtered = self._spectra + change
        return self._frames.synthesise(change)

    def gradient(self, gradient: Float) -> Float:
        """Return the gradient with respect to the log-gains of each frame, (frames, bands).

        Args:
            gradient: with respect to the window with the last `change`, (window,). Its size does
                not matter; where it is infinite or NaN, there is none.
        """
        pulled = self._frames.pull(with_peak_1(gradient))
        return band_gradient(self._filtered, pulled, self._bands)

    def dream(self, log_gains: Float, step: float) -> Float:
        """Return the dream of the oldest frames, (window,): `change` / step.

        Args:
            log_gains: for a step of 1, of so many frames, (frames, bands).
            step: see `change`.
        """
        spectra: Complex = self._spectra[: len(log_gains)]
        dream, _ = filter_dream(spectra, self._bands.of_bins(log_gains), step, self._bands)
        return self._frames.synthesise(dream)

    def reset(self) -> None:
        """Clear the sound."""
        self.sound.fill(0.0)
        self._spectra.fill(0.0)
        self._filtered = self._spectra
