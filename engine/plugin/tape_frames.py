"""Reads frames of a tape."""

from ..arrays import Complex
from ..dreaming.dream import Tape
from ..dsp.stft import StreamingStft


def tape_frame(tape: Tape, stft: StreamingStft, start: int) -> Complex | None:
    """Return one frame of a tape, (1, bins); None where it is not finished, or kept no longer.

    Args:
        tape: see `DreamSource`.
        stft: for one channel.
        start: the stream's sample at which the frame begins.
    """
    n_fft = stft.n_fft
    if tape.end - tape.capacity <= start <= tape.end - n_fft and start + n_fft > 0:
        return stft.analyse(tape.read_at(start, n_fft))
    return None
