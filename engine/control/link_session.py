"""Ableton Link: tempo and beat that programs in a network share."""

from ..musical_position import MusicalPosition
from ..optional import require

QUANTUM_BEATS = 4
"""Of a bar: peers agree on where in it they are."""


class LinkSession:
    """Takes part in the network's Link session, and changes nothing there."""

    def __init__(self, tempo_bpm: float) -> None:
        """Join, or begin a session that others may join.

        Args:
            tempo_bpm: of a session that begins.

        Raises:
            MissingLibraryError: the library is not installed.
        """
        require("Ableton Link needs", "link")
        from link import Link

        self._link = Link(tempo_bpm)
        self._clock = self._link.clock()
        self._link.enabled = True

    def position(self) -> MusicalPosition | None:
        """Return where the music is; None while nobody else takes part."""
        if self._link.numPeers() == 0:
            return None
        state = self._link.captureAppSessionState()
        beats = state.beatAtTime(self._clock.micros(), QUANTUM_BEATS)
        return MusicalPosition(beats=beats, tempo_bpm=state.tempo())

    def close(self) -> None:
        """Leave."""
        self._link.enabled = False
