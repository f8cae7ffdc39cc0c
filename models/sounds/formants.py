"""Moves the formants of a voice and keeps its pitch, as another vocal tract length would."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import istft, stft

FRAME_SECONDS = 0.032
SMOOTH_SECONDS = 0.002
"""Quefrencies up to this make the envelope: it has the formants, but not the harmonics."""
MOST_GAIN = 10.0


def move_formants(
    sound: NDArray[np.float32], sample_rate: int, factor: float
) -> NDArray[np.float32]:
    """Move the formants of a voice to `factor` times their frequencies.

    The smooth part of each frame's logarithmic spectrum, from its cepstrum, is stretched; the rest,
    pitch and breath, stays. This is vocal tract length perturbation (Jaitly and Hinton, 2013) of
    the envelope alone.

    Args:
        sound: float32 [samples].
        sample_rate: in hertz.
        factor: 1 changes nothing.

    Returns:
        float32 [samples].
    """
    size = 2 * round(FRAME_SECONDS * sample_rate / 2)
    _, _, spectrum = stft(sound, nperseg=size, noverlap=3 * size // 4)
    loudness = np.log(np.abs(spectrum) + 1e-5)
    cepstrum = np.fft.irfft(loudness, size, axis=0)
    smooth = round(SMOOTH_SECONDS * sample_rate)
    cepstrum[smooth : size - smooth + 1] = 0
    envelope = np.fft.rfft(cepstrum, axis=0).real
    bins = np.arange(len(envelope))
    moved = np.stack([np.interp(bins / factor, bins, frame) for frame in envelope.T], axis=1)
    gain = np.exp(np.clip(moved - envelope, -np.log(MOST_GAIN), np.log(MOST_GAIN)))
    _, changed = istft(spectrum * gain, nperseg=size, noverlap=3 * size // 4)
    result: NDArray[np.float32] = changed[: len(sound)].astype(np.float32)
    return result
