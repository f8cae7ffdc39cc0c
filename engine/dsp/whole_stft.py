"""Filters of a whole sound in its spectrogram, some frames at a time, as DreamSound has them."""

import os
from collections.abc import Callable, Iterator

import numpy as np

from ..arrays import Complex, Float
from .stft import frames_of, hann

HOPS_PER_WINDOW = 16
"""The paper's 2048 samples every 128."""
ZERO_PADDING = 2
"""The paper's transform of 4096 for windows of 2048."""
_FRAMES_AT_ONCE = 256
_FRAMES_KEPT = 1024


class WholeStft:
    """The short-time Fourier transform of sounds of one length.

    Hann windows both ways: at a hop of a sixteenth, their squares add up to 6 everywhere, so what
    is not changed comes back as it was. (The paper's TensorFlow call does not divide by the 6.)
    """

    def __init__(self, samples: int, win_length: int) -> None:
        """Prepare for sounds of `samples` samples and windows of `win_length`."""
        self._samples, self._win_length = samples, win_length
        self._hop = win_length // HOPS_PER_WINDOW
        self._n_fft = ZERO_PADDING * win_length
        self._before = win_length - self._hop
        self._frames = -(-samples // self._hop) + HOPS_PER_WINDOW - 1
        self._window = hann(win_length)
        self._synthesis = self._window * np.float32(8 / (3 * HOPS_PER_WINDOW))
        self._workers = os.cpu_count() or 1

    def of(self, signal: Float) -> "Spectrogram":
        """Return the spectrogram of a sound, (samples,)."""
        length = (self._frames - 1) * self._hop + self._win_length
        padded = np.pad(signal, (self._before, length - self._before - self._samples))
        return Spectrogram(self, frames_of(padded, self._win_length, self._hop))

    def filter(self, function: Callable[..., Complex], *spectrograms: "Spectrogram") -> Float:
        """Return the sound whose spectra are a function of the spectra of others.

        Args:
            function: of complex64 (frames, bins) for each of them; returns the same shape.
            spectrograms: made by `of`.

        Returns:
            float32 (samples,).
        """
        total = np.zeros((self._frames + HOPS_PER_WINDOW - 1, self._hop), np.float32)
        for part in self.parts():
            pieces = self._pieces(function(*(each.spectra(part) for each in spectrograms)))
            # Frame k's sixteenth q lands in hop k + q: shifted sums instead of a loop over frames.
            for number in range(HOPS_PER_WINDOW):
                total[part.start + number : part.stop + number] += pieces[:, number]
        return total.reshape(-1)[self._before : self._before + self._samples]

    def parts(self) -> Iterator[slice]:
        """Return the frames that are computed at once, part by part."""
        for start in range(0, self._frames, _FRAMES_AT_ONCE):
            yield slice(start, min(start + _FRAMES_AT_ONCE, self._frames))

    def transform(self, frames: Float) -> Complex:
        """Return the spectra of some frames, complex64 (frames, bins)."""
        import scipy.fft

        windowed = frames * self._window
        return np.asarray(scipy.fft.rfft(windowed, self._n_fft, workers=self._workers))

    def _pieces(self, spectra: Complex) -> Float:
        import scipy.fft

        pieces = scipy.fft.irfft(spectra, self._n_fft, workers=self._workers)
        pieces = pieces[:, : self._win_length] * self._synthesis
        return np.asarray(pieces.reshape(len(pieces), HOPS_PER_WINDOW, self._hop), np.float32)


class Spectrogram:
    """The spectra of one sound, computed when wanted; those of the first frames are kept."""

    def __init__(self, stft: WholeStft, frames: Float) -> None:
        """Begin with the frames of a padded sound."""
        self._stft, self._frames = stft, frames
        self._kept: dict[int, Complex] = {}

    def spectra(self, part: slice) -> Complex:
        """Return the spectra of some frames, complex64 (frames, bins); not to be changed."""
        spectra = self._kept.get(part.start)
        if spectra is None:
            spectra = self._stft.transform(self._frames[part])
            if part.stop <= _FRAMES_KEPT:
                self._kept[part.start] = spectra
        return spectra

    def peak(self) -> float:
        """Return the largest magnitude of all."""
        return max(float(np.abs(self.spectra(part)).max()) for part in self._stft.parts())
