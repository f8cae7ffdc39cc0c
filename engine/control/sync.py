"""Tempo and beat: follows what the parameter `sync` names."""

import time
from collections.abc import Callable

from ..musical_position import MusicalPosition
from ..optional import MissingLibraryError
from ..parameter_values import ParameterSet
from ..sync_sources import FOLLOWS_JACK, FOLLOWS_LINK, FOLLOWS_MIDI
from .link_session import LinkSession
from .midi import MidiController
from .midi.clock import within_limits


class Sync:
    """Sets `tempo_bpm` from what is followed, and says where the music is.

    Where several could be followed (`auto`), a MIDI clock that sends comes before JACK's transport.
    The main loop calls it; a MIDI clock turns the tempo itself, on the MIDI system's thread.
    """

    def __init__(
        self,
        parameters: ParameterSet,
        midi: MidiController,
        join_link: Callable[[float], LinkSession] = LinkSession,
    ) -> None:
        """Begin.

        Args:
            parameters: `sync` is read, `tempo_bpm` is set.
            midi: has the beats of a MIDI clock, of taps and of our own transport.
            join_link: joins the network's Link session.
        """
        self._parameters, self._midi, self._join_link = parameters, midi, join_link
        self._link: LinkSession | None = None
        self.followed = ""
        """What is followed now: `midi`, `jack`, `link`, or empty."""

    def poll(self) -> list[str]:
        """Join or leave a Link session; return what does not work, one line each."""
        wanted = self._parameters.text("sync") in FOLLOWS_LINK
        if not wanted:
            self.close()
        elif self._link is None:
            try:
                self._link = self._join_link(self._parameters.number("tempo_bpm"))
            except MissingLibraryError as problem:
                self._parameters.set("sync", "auto")
                return [str(problem)]
        return []

    def beats(self, transport: Callable[[], MusicalPosition | None]) -> float | None:
        """Return where the music is, in quarter notes; None while nothing outside says so.

        Args:
            transport: returns JACK's position, or None while its transport does not roll.
        """
        choice, clock = self._parameters.text("sync"), self._midi.clock
        self.followed, position = "", None
        if choice in FOLLOWS_MIDI and self._midi.clock_sends:
            self.followed = "midi"
        elif choice in FOLLOWS_JACK:
            position = transport()
            self.followed = "jack" if position is not None else ""
        elif self._link is not None:
            position = self._link.position()
            self.followed = "link" if position is not None else ""
        if position is None:
            return clock.beats_at(time.perf_counter()) if clock.running else None
        if position.tempo_bpm is not None:
            tempo_bpm = within_limits(position.tempo_bpm)
            if tempo_bpm != self._parameters.number("tempo_bpm"):
                self._parameters.set("tempo_bpm", tempo_bpm)
        return position.beats_at(self._parameters.number("tempo_bpm"))

    def close(self) -> None:
        """Leave a Link session."""
        if self._link is not None:
            self._link.close()
            self._link = None
