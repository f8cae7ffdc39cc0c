"""Short-time Fourier transforms: frame by frame for a stream, and whole for a short sound."""

from functools import cache

import numpy as np

from ..arrays import Complex, Float

FRAMES_PER_WINDOW = 4
"""Frames that overlap at any sample: the hop is a quarter of the window."""


@cache
def hann(length: int) -> Float:
    """Return the periodic Hann window of `length` samples, computed once; it cannot be changed."""
    window = np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length), np.float32)
    window.flags.writeable = False
    return window


class StreamingStft:
    """Analysis and overlap-add synthesis of a stream, one frame at a time, state preallocated.

    Hann windows both ways at a hop of a quarter of the window add up to 1.5 everywhere, so what
    is analysed and not changed comes back as it was.
    """

    def __init__(self, channels: int, n_fft: int) -> None:
        """Prepare frames of `n_fft` samples for `channels` channels."""
        self.n_fft = n_fft
        self.hop = n_fft // FRAMES_PER_WINDOW
        self._window = hann(n_fft)
        self._synthesis = self._window * np.float32(1 / 1.5)
        self._windowed = np.zeros((channels, n_fft), np.float32)
        self._sum = np.zeros((channels, n_fft), np.float32)

    def analyse(self, frame: Float) -> Complex:
        """Return the spectrum of one frame.

        Args:
            frame: (channels, n_fft).

        Returns:
            complex64 (channels, n_fft // 2 + 1).
        """
        windowed = self._windowed[: frame.shape[0]]
        np.multiply(frame, self._window, out=windowed)
        return np.asarray(np.fft.rfft(windowed), np.complex64)

    def synthesise(self, spectrum: Complex) -> Float:
        """Overlap-add one frame and return the samples that no later frame changes.

        Args:
            spectrum: complex64 (channels, n_fft // 2 + 1), one hop after the previous one.

        Returns:
            A new array (channels, hop): the oldest hop of the frame just added.
        """
        frame = np.fft.irfft(spectrum, self.n_fft)
        frame *= self._synthesis
        self._sum += frame
        finished = self._sum[:, : self.hop].copy()
        self._sum[:, : -self.hop] = self._sum[:, self.hop :]
        self._sum[:, -self.hop :] = 0.0
        return finished

    def reset(self) -> None:
        """Forget what was added so far."""
        self._sum.fill(0.0)


def frames_of(signal: Float, n_fft: int, hop: int) -> Float:
    """Return a read-only view of the frames that lie wholly inside `signal`.

    Args:
        signal: (samples,), at least `n_fft` of them.
        n_fft: samples per frame.
        hop: samples between frames.

    Returns:
        (frames, n_fft).
    """
    return np.lib.stride_tricks.sliding_window_view(signal, n_fft)[::hop]


def power_spectrum(signal: Float, n_fft: int) -> Float:
    """Return the mean power spectrum over the frames of a short sound (Welch's method).

    Args:
        signal: (samples,); shorter ones than `n_fft` are padded with silence.
        n_fft: samples per frame; Hann window, hop of a quarter.

    Returns:
        (n_fft // 2 + 1,), the mean of the squared magnitudes.
    """
    if len(signal) < n_fft:
        signal = np.pad(signal, (n_fft - len(signal), 0))
    frames = frames_of(signal, n_fft, n_fft // FRAMES_PER_WINDOW)
    spectra = np.fft.rfft(frames * hann(n_fft))
    power = np.mean(spectra.real**2 + spectra.imag**2, axis=0)
    return np.asarray(power, np.float32)


def stft(signal: Float, n_fft: int) -> Complex:
    """Return the spectra of a whole short sound, so that `istft` gives it back.

    Args:
        signal: (samples,).
        n_fft: samples per frame; Hann window, hop of a quarter. The ends are padded with silence.

    Returns:
        complex64 (frames, n_fft // 2 + 1).
    """
    hop = n_fft // FRAMES_PER_WINDOW
    tail = -len(signal) % hop + n_fft - hop
    padded = np.pad(signal, (n_fft - hop, tail))
    return np.asarray(np.fft.rfft(frames_of(padded, n_fft, hop) * hann(n_fft)), np.complex64)


def istft(spectra: Complex, samples: int) -> Float:
    """Overlap-add the spectra that `stft` made.

    Args:
        spectra: complex64 (frames, n_fft // 2 + 1).
        samples: length of the sound they came from.

    Returns:
        float32 (samples,).
    """
    n_fft = 2 * (spectra.shape[1] - 1)
    hop = n_fft // FRAMES_PER_WINDOW
    pieces = np.fft.irfft(spectra, n_fft) * (hann(n_fft) / np.float32(1.5))
    # Frame k's quarter q lands in hop k + q: four shifted sums instead of a loop over frames.
    quarters = pieces.reshape(len(spectra), FRAMES_PER_WINDOW, hop)
    total = np.zeros((len(spectra) + FRAMES_PER_WINDOW - 1, hop), np.float32)
    for quarter in range(FRAMES_PER_WINDOW):
        total[quarter : quarter + len(spectra)] += quarters[:, quarter]
    return total.reshape(-1)[n_fft - hop : n_fft - hop + samples]
