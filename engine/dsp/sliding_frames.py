"""Frames of a window of sound that slides on hop by hop: analysis, synthesis and its gradient."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Complex, Float
from .stft import hann

FRAME_SECONDS = 0.032
FRAMES_PER_HOP = 3


def frame_size(window: int, sample_rate: int) -> int:
    """Return the samples of a frame: 32 ms, and at most half of a window."""
    return 2 * max(1, min(round(FRAME_SECONDS * sample_rate), window // 2) // 2)


class SlidingFrames:
    """Hann frames at places that repeat with each hop, so that a frame stays one as it slides.

    Both ways with a Hann window; the sum of the squared windows, which hardly varies, is divided
    out. At the newest end few frames overlap, and what is synthesised fades out there.

    Attributes:
        starts: first sample of each frame, from the oldest to the newest.
        size: samples of a frame.
        taper: the window of a frame, (size,).
        at: the samples of each frame, (frames, size).
        scale: 1 / the sum of the squared tapers, (window,).
        bin_weight: of each bin in a gradient with respect to the spectra, (bins,).
    """

    def __init__(self, window: int, hop: int, sample_rate: int, newest: int | None = None) -> None:
        """Prepare.

        Args:
            window: samples of the sliding window.
            hop: samples by which it slides at once.
            sample_rate: in hertz.
            newest: where given, only the frames that begin in so many samples at its end.
        """
        self.window = window
        self.size = size = frame_size(window, sample_rate)
        oldest = 0 if newest is None else max(0, window - newest)
        starts = _starts(window, hop, size, np.arange(FRAMES_PER_HOP * window // hop + 1))
        self.starts = starts[starts >= oldest][::-1]
        self.taper = hann(size)
        self.at = self.starts[:, np.newaxis] + np.arange(size)
        # The squared windows at each place, as if frames went on behind and before the window.
        overlap = np.zeros(window + 2 * size)
        more = FRAMES_PER_HOP * size // hop + 1
        every = np.arange(-more, FRAMES_PER_HOP * (window + size) // hop + more)
        for start in _starts(window, hop, size, every):
            if -size <= start <= window:
                overlap[start + size : start + 2 * size] += self.taper**2
        self.scale = np.asarray(1.0 / overlap[size : size + window], np.float32)
        # Each bin but 0 Hz and half the rate stands for two of the whole spectrum.
        self.bin_weight = np.full(size // 2 + 1, 2.0 / size, np.float32)
        self.bin_weight[[0, -1]] /= 2

    @property
    def frequency(self) -> Float:
        """The frequency of each bin, relative to the sample rate, (bins,)."""
        return np.asarray(np.fft.rfftfreq(self.size))

    def analyse(self, sound: Float, newest: int | None = None) -> Complex:
        """Return the spectra of the frames of a window, or of its newest ones.

        Args:
            sound: (window,).
            newest: how many frames; None for all.

        Returns:
            complex64 (frames, bins).
        """
        at = self.at if newest is None else self.at[-newest:]
        return np.asarray(np.fft.rfft(sound[at] * self.taper), np.complex64)

    def synthesise(self, spectra: Complex) -> Float:
        """Return the sound of the oldest frames as given, overlap-added, float32 (window,)."""
        pieces = np.fft.irfft(spectra, self.size) * self.taper
        total = np.zeros(self.window, np.float32)
        for start, piece in zip(self.starts, pieces, strict=False):
            total[start : start + self.size] += piece
        return total * self.scale

    def pull(self, gradient: Float) -> Complex:
        """Return the gradient with respect to the spectra given to `synthesise`.

        Args:
            gradient: of an objective with respect to the sound, (window,).

        Returns:
            complex64 (frames, bins): the objective rises by Re(conj(this) dS).
        """
        return self.analyse(gradient * self.scale) * self.bin_weight


def _starts(window: int, hop: int, size: int, numbers: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where frames begin, counted from the newest: the same places after every hop."""
    return window - size - numbers * hop // FRAMES_PER_HOP
