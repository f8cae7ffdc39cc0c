"""Short-time Fourier transforms: of a stream frame by frame, of a short sound, of a long sound.

`StreamingStft` serves the live filter and `stft` the gradient that is shaped at each update, both
at a hop of a quarter of the window. `WholeStft` serves the offline combinations at DreamSound's
hop of a sixteenth, some frames at a time.
"""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from ..arrays import Complex, Float
from ..cores import cores
from ..kernel.binding import bind
from ..kernel.frames import analyse, turns

FRAMES_PER_WINDOW = 4
"""Frames that overlap at any sample of a stream: the hop is a quarter of the window."""
HOPS_PER_WINDOW = 16
"""The same in `WholeStft`: the paper's 2048 samples every 128."""
ZERO_PADDING = 2
"""The paper's transform of 4096 for windows of 2048."""
_FRAMES_AT_ONCE = 256
_FRAMES_KEPT = 1024


@cache
def hann(length: int) -> Float:
    """Return the periodic Hann window of `length` samples, computed once; it cannot be changed."""
    window = np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length), np.float32)
    window.flags.writeable = False
    return window


@cache
def low_delay_windows(n_fft: int) -> tuple[Float, Float]:
    """Return windows whose frames are heard in their last two hops, and so need no more to come.

    The analysis sees all of the frame, rising slowly and falling fast, with a Hann window's energy.
    The two multiplied are a Hann window of two hops at the end, 0 before. The idea: D. Mauler and
    R. Martin, "A low delay, variable resolution, perfect reconstruction spectral analysis-synthesis
    system for speech enhancement", EUSIPCO 2007.

    Args:
        n_fft: samples in a frame.

    Returns:
        (n_fft,) each: of the analysis, and of the synthesis. They cannot be changed.
    """
    hop = n_fft // FRAMES_PER_WINDOW
    rise, heard = hann(2 * (n_fft - hop))[: n_fft - hop], hann(2 * hop)
    analysis = np.append(rise, np.sqrt(heard[hop:]))
    analysis *= np.sqrt(np.mean(hann(n_fft) ** 2) / np.mean(analysis**2))
    synthesis = np.zeros(n_fft, np.float32)
    synthesis[-2 * hop :] = heard / analysis[-2 * hop :]
    analysis.flags.writeable = synthesis.flags.writeable = False
    return analysis, synthesis


class StreamingStft:
    """Analysis and overlap-add synthesis of a stream, one frame at a time, state preallocated.

    Hann windows both ways at a hop of a quarter of the window add up to 1.5 everywhere, so what
    is analysed and not changed comes back as it was.

    Frames of low delay have other windows, see `low_delay_windows`, and are heard in their last two
    hops alone: their oldest hop that no later frame changes is the last but one.
    """

    def __init__(self, channels: int, n_fft: int, low_delay: bool = False) -> None:
        """Prepare frames of `n_fft` samples for `channels` channels."""
        self.n_fft = n_fft
        self.hop = n_fft // FRAMES_PER_WINDOW
        self._low_delay = low_delay
        if low_delay:
            self._window, self._synthesis = low_delay_windows(n_fft)
        else:
            self._window = hann(n_fft)
            self._synthesis = self._window * np.float32(1 / 1.5)
        self._both = self._window * self._synthesis
        self._sum = np.zeros((channels, n_fft), np.float32)
        self._turns = turns(n_fft)
        self._analyse = bind(analyse, self._window, self._turns)

    @property
    def arrays(self) -> tuple[Complex, Float, Float, Float]:
        """What the stage `add_frame` of the kernel takes first: turns, windows and the sum."""
        return self._turns, self._synthesis, self._both, self._sum

    def analyse(self, frame: Float) -> Complex:
        """Return the spectrum of one frame.

        Args:
            frame: (channels, n_fft).

        Returns:
            complex64 (channels, n_fft // 2 + 1).
        """
        spectrum = np.empty((len(frame), self.n_fft // 2 + 1), np.complex64)
        self._analyse(frame, spectrum)
        return spectrum

    def synthesise(self, spectrum: Complex) -> Float:
        """Overlap-add one frame and return the samples that no later frame changes.

        Args:
            spectrum: complex64 (channels, n_fft // 2 + 1), one hop after the previous one.

        Returns:
            A new array (channels, hop): the oldest hop of the frame just added that is heard.
        """
        return self.overlap_add(self.frame(spectrum))

    def frame(self, spectrum: Complex) -> Float:
        """Return what one frame adds, (channels, n_fft), from the oldest hop that is heard."""
        frame = np.fft.irfft(spectrum, self.n_fft)
        frame *= self._synthesis
        if self._low_delay:
            frame = np.roll(frame, 2 * self.hop, axis=-1)
        return np.asarray(frame, np.float32)

    def unchanged(self, frame: Float) -> Float:
        """Return what samples (channels, n_fft) add if their spectrum is left as it is."""
        return frame * self._both

    def overlap_add(self, frame: Float | np.float32) -> Float:
        """Add what `frame` or `unchanged` returned, or 0; see `synthesise`."""
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
    spectra = np.fft.rfft(_welch_frames(signal, n_fft))
    power = np.mean(spectra.real**2 + spectra.imag**2, axis=0)
    return np.asarray(power, np.float32)


def power_of_level(level: Float, n_fft: int) -> float:
    """Return the mean over `power_spectrum`'s bins for a sound of this level at each sample.

    Args:
        level: root mean square, (samples,).
        n_fft: samples per frame.
    """
    return float(np.mean(np.sum(np.square(_welch_frames(level, n_fft), dtype=np.float64), axis=1)))


def _welch_frames(signal: Float, n_fft: int) -> Float:
    if len(signal) < n_fft:
        signal = np.pad(signal, (n_fft - len(signal), 0))
    frames = frames_of(signal, n_fft, n_fft // FRAMES_PER_WINDOW)
    return np.asarray(frames * hann(n_fft), np.float32)


def stft(signal: Float, n_fft: int) -> Complex:
    """Return the spectra of a whole short sound, so that `istft` gives it back.

    Args:
        signal: (samples,).
        n_fft: samples per frame; Hann window, hop of a quarter. The ends are padded with silence.

    Returns:
        complex64 (frames, n_fft // 2 + 1).
    """
    frames = _padded_frames(signal, n_fft, n_fft // FRAMES_PER_WINDOW)
    return np.asarray(np.fft.rfft(frames * hann(n_fft)), np.complex64)


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
    total = np.zeros((len(spectra) + FRAMES_PER_WINDOW - 1, hop), np.float32)
    _overlap_add(total, pieces.reshape(len(spectra), FRAMES_PER_WINDOW, hop), 0)
    return total.reshape(-1)[n_fft - hop : n_fft - hop + samples]


def pull_istft(gradient: Float, n_fft: int) -> Complex:
    """Return the gradient with respect to the spectra that `istft` was given.

    Args:
        gradient: of an objective with respect to the sound, (samples,).
        n_fft: samples per frame.

    Returns:
        complex64 (frames, n_fft // 2 + 1): the objective rises by Re(conj(this) dS).
    """
    spectra = stft(gradient, n_fft) * np.float32(2.0 / (1.5 * n_fft))
    spectra[:, [0, -1]] /= 2  # each other bin stands for two of the whole spectrum
    return spectra


class WholeStft:
    """The short-time Fourier transform of whole sounds of one length, computed part by part.

    Hann windows both ways: at a hop of a sixteenth, their squares add up to 6 everywhere, so what
    is not changed comes back as it was. (The paper's TensorFlow call does not divide by the 6.)
    """

    def __init__(self, samples: int, win_length: int) -> None:
        """Prepare for sounds of `samples` samples and windows of `win_length`."""
        self._samples, self._win_length = samples, win_length
        self._hop = win_length // HOPS_PER_WINDOW
        self._n_fft = ZERO_PADDING * win_length
        self._frames = -(-samples // self._hop) + HOPS_PER_WINDOW - 1
        self._window = hann(win_length)
        self._synthesis = self._window * np.float32(8 / (3 * HOPS_PER_WINDOW))
        self._workers = cores()

    def of(self, signal: Float) -> "Spectrogram":
        """Return the spectrogram of a sound, (samples,)."""
        return Spectrogram(self, _padded_frames(signal, self._win_length, self._hop))

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
            _overlap_add(total, pieces, part.start)
        before = self._win_length - self._hop
        return total.reshape(-1)[before : before + self._samples]

    def parts(self) -> Iterator[slice]:
        """Yield the frames that are computed at once, part by part."""
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
    """The spectra of one sound, computed when they are used; those of the first frames are kept."""

    def __init__(self, stft: WholeStft, frames: Float) -> None:
        """Take the frames of a padded sound; see `WholeStft.of`."""
        self._stft, self._frames = stft, frames
        self._kept: dict[int, Complex] = {}

    def spectra(self, part: slice) -> Complex:
        """Return the spectra of some frames, complex64 (frames, bins); do not change them."""
        spectra = self._kept.get(part.start)
        if spectra is None:
            spectra = self._stft.transform(self._frames[part])
            if part.stop <= _FRAMES_KEPT:
                self._kept[part.start] = spectra
        return spectra

    def peak(self) -> float:
        """Return the largest magnitude of all."""
        return max(float(np.abs(self.spectra(part)).max()) for part in self._stft.parts())


def _padded_frames(signal: Float, window: int, hop: int) -> Float:
    """Return the frames of a sound between silences, so that each sample is in window / hop."""
    tail = -len(signal) % hop + window - hop
    return frames_of(np.pad(signal, (window - hop, tail)), window, hop)


def _overlap_add(total: Float, pieces: Float, first: int) -> None:
    """Add frames to a sound, both cut into hops.

    Args:
        total: (hops, hop); changed in place.
        pieces: (frames, hops of a frame, hop).
        first: the number of the first of these frames.
    """
    # Frame k's hop q lands in hop k + q: shifted sums instead of a loop over frames.
    for number in range(pieces.shape[1]):
        total[first + number : first + number + len(pieces)] += pieces[:, number]
