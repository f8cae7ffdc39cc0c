"""Reads what is added to a filtered sound: a tape that is ahead of the stream."""

import numpy as np

from ..arrays import Complex
from ..dreaming.dream import DreamSource
from ..dsp.spectral_combinations import TINY
from ..dsp.stft import StreamingStft
from ..kernel.binding import bind
from ..kernel.dream import add_tape
from ..parameterisations import MOST_ADDED
from .tape_frames import tape_frame

LOBE = 2
"""Bins on either side that belong to one partial: as far as the Hann window's main lobe reaches."""


class AdditionReader:
    """Returns what is added to each frame, never louder than `MOST_ADDED` of the sound in it.

    What was found for a sound that then did not come, such as one that stops, falls with the sound.
    What is held goes on at its frequencies, at its level relative to the sound.
    """

    def __init__(self, source: DreamSource, stft: StreamingStft, band: int, ahead: int) -> None:
        """Prepare for one stream.

        Args:
            source: of the dreams.
            stft: like that of the filter, for one channel.
            band: bins in which levels are compared.
            ahead: samples by which a frame of the tape is ahead of the frame of the sound.
        """
        self._source, self._stft, self._band, self._ahead = source, stft, band, ahead
        self._before: Complex | None = None
        self._newest: Complex | None = None
        self._relative = 0.0
        self._add_tape = bind(add_tape)

    def add(
        self, sound: Complex, now: int, may_change: bool, voice: Complex, dream: Complex
    ) -> None:
        """Add what belongs to one frame, for a step of 1, to its dream; nothing where it is late.

        Args:
            sound: the frame's spectra, complex64 (channels, bins).
            now: samples fed to the source so far.
            may_change: whether another dream may be heard; otherwise the last one is held.
            voice: zeros of the same shape; becomes what is added.
            dream: it is added to this, in place.
        """
        frame = self._finished(now) if may_change else self._held()
        self._before, self._newest = self._newest, frame
        if frame is None:
            return
        held = -1.0 if may_change else self._relative
        self._relative = self._add_tape(
            sound, frame, voice, dream, self._band, TINY, MOST_ADDED, held
        )

    def clear(self) -> None:
        """Forget what is held."""
        self._before = self._newest = None

    def _finished(self, now: int) -> Complex | None:
        start = now + self._ahead - self._stft.n_fft
        return tape_frame(self._source.tape, self._stft, start)

    def _held(self) -> Complex | None:
        """Return the last frame a hop later: each phase advances as far as it did before it.

        Bins of one partial advance together, so that they stay one: a phase vocoder with locked
        phases. M. Puckette, "Phase-locked vocoder", 1995.
        """
        if self._newest is None or self._before is None:
            return self._newest
        turned = self._newest * self._before.conj()
        together = np.convolve(turned[0], np.ones(2 * LOBE + 1, np.float32), "same")
        together /= np.maximum(np.abs(together), TINY)
        return np.asarray(self._newest * together, np.complex64)
