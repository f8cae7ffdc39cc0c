"""Changes the tempo of a voice at the same pitch, by a phase vocoder."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import istft, stft

FRAME_SECONDS = 0.032


def change_tempo(
    sound: NDArray[np.float32], sample_rate: int, duration: float
) -> NDArray[np.float32]:
    """Stretch a sound in time without moving its pitch.

    Frames are read at another rate than they are written. The phase of each bin advances by as much
    as it did where the frame was read (Flanagan and Golden, 1966).

    Args:
        sound: float32 [samples].
        sample_rate: in hertz.
        duration: of the result, relative to the sound's.

    Returns:
        float32 [samples], about `duration` times as many.
    """
    size = 2 * round(FRAME_SECONDS * sample_rate / 2)
    hop = size // 4
    _, _, spectrum = stft(sound, nperseg=size, noverlap=size - hop)
    magnitude, phase = np.abs(spectrum), np.angle(spectrum)
    expected = 2 * np.pi * hop / size * np.arange(len(spectrum))[:, None]
    drift = np.diff(phase, axis=1) - expected
    turned = expected + drift - 2 * np.pi * np.round(drift / (2 * np.pi))
    read = np.arange(0, spectrum.shape[1] - 1, 1 / duration)
    frame, part = read.astype(np.int64), read % 1
    loud = magnitude[:, frame] * (1 - part) + magnitude[:, frame + 1] * part
    phases = np.cumsum(np.hstack([phase[:, :1], turned[:, frame[:-1]]]), axis=1)
    _, changed = istft(loud * np.exp(1j * phases), nperseg=size, noverlap=size - hop)
    result: NDArray[np.float32] = changed.astype(np.float32)
    return result
