"""Logs what one source of dreams has to offer, and since when."""

import math

from ..dreaming.dream import Dream
from ..files import as_text
from ..ipc.remote_source import RemoteSource
from .events import DreamArrived, SourceAdded, SourceState
from .log_queue import DreamWithSpectrum, LogQueue, SourceClosed, TapeOpened


class SourceLog:
    """A `SourceObserver` that logs a source's state where it differs from that of the last frame.

    It is called on the audio thread, and never waits.
    """

    def __init__(self, queue: LogQueue, processor: int, source: RemoteSource) -> None:
        """Log that the processor of that number was given `source`."""
        self._queue, self._number = queue, queue.next_source()
        self._feeds = self._dreams = 0
        self._connection = -1
        self._dream: Dream | None = None
        self._last: tuple[int, ...] = ()
        queue.append(
            SourceAdded(
                source=self._number,
                processor=processor,
                model_rate=source.model_rate,
                tape_lag=source.tape_lag,
                update_deadline=source.update_deadline,
                tape_capacity=source.tape.capacity,
            )
        )

    def polled(self, source: RemoteSource) -> None:
        """Log what the source has found; see `SourceObserver`."""
        dream, tape, number = source.newest, source.tape, self._number
        if tape.channel_number != self._connection:
            self._connection = tape.channel_number
            self._queue.append(TapeOpened(number, self._connection, tape.memory))
        if dream is not self._dream:
            self._dream = dream
            self._append_dream(dream)
        state = self._dreams - 1, source.count, self._connection, tape.end - tape.origin
        if (*state, tape.origin) != self._last:
            self._last = *state, tape.origin
            newest, count, connection, end = state
            self._queue.append(
                SourceState(
                    source=number,
                    feed=self._feeds,
                    dream=newest,
                    count=count,
                    connection=connection,
                    end=end,
                    origin=tape.origin,
                )
            )
        self._feeds += 1

    def closed(self) -> None:
        """Log that the source is not needed any more."""
        self._queue.append(SourceClosed(self._number))

    def _append_dream(self, dream: Dream) -> None:
        arrived = DreamArrived(
            source=self._number,
            dream=self._dreams,
            heard_until=dream.heard_until,
            # The name of a sound may be no text, and a network's answer no number.
            target=as_text(dream.target),
            objective=dream.objective if math.isfinite(dream.objective) else 0.0,
            form=dream.form,
        )
        self._queue.append(DreamWithSpectrum(arrived, dream.spectrum))
        self._dreams += 1
