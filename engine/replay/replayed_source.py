"""A source of dreams that had arrived in a performance."""

from itertools import count

import numpy as np

from ..arrays import Float
from ..dreaming.dream import Dream
from .events import SourceState
from .reader import LoggedSource


class ReplayedSource:
    """A `DreamSource` whose dreams arrive at the calls of `feed` at which they had arrived."""

    problem = ""

    def __init__(self, logged: LoggedSource, bins: int) -> None:
        """Begin before the first dream; `bins` are those of its spectrum."""
        self._logged, self._silent = logged, Dream(np.zeros(bins, np.float32))
        self._feeds = count()
        about = logged.about
        self.model_rate, self.tape_lag = about.model_rate, about.tape_lag
        self.update_deadline = about.update_deadline
        self.newest = self._silent
        self.count = 0
        self.tape = ReplayedTape(np.zeros(0, np.float32), about.tape_capacity, 0, 0)

    def feed(self, sound: Float, sidechain: Float | None = None) -> None:
        """Offer what the source had to offer at this call."""
        state = self._logged.states.get(next(self._feeds))
        if state is not None:
            self._offer(state)

    def reset(self) -> None:
        """Forget the dream; the next state in the log says what there was afterwards."""
        self.newest, self.count = self._silent, 0

    def close(self) -> None:
        """Do nothing: there is nothing to give up."""

    def _offer(self, state: SourceState) -> None:
        logged = self._logged
        found = logged.dreams[state.dream]
        self.newest = Dream(
            np.asarray(logged.spectra[state.dream]),
            found.heard_until,
            found.target,
            found.objective,
            form=found.form,
        )
        self.count = state.count
        self.tape = ReplayedTape(
            logged.tapes[state.connection], logged.about.tape_capacity, state.end, state.origin
        )


class ReplayedTape:
    """A tape as far as it could be read at one moment, in the stream's own sample numbers."""

    def __init__(self, sound: Float, capacity: int, end: int, origin: int) -> None:
        """Use a logged tape.

        Args:
            sound: (samples,), all of it.
            capacity: samples that were kept.
            end: samples of it that could be read.
            origin: the stream's sample at which it begins.
        """
        self._sound, self._origin = sound, origin
        self.capacity, self.end = capacity, end + origin

    def read_at(self, start: int, count: int) -> Float:
        """Return (1, count) samples; silence before the stream and before the tape."""
        silent = min(count, max(0, -start, self._origin - start))
        found = np.zeros((1, count), np.float32)
        first = start + silent - self._origin
        found[0, silent:] = self._sound[first : first + count - silent]
        return found
