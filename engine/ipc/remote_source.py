"""Dreams from a network's process, for the processor; nothing here ever waits."""

from dataclasses import replace
from typing import Protocol

import numpy as np

from ..arrays import Float
from ..dreaming.dream import Dream, Worker
from ..packs.network import Activations
from .inference_channel import InferenceChannel


class _Connection:
    """A channel with its process, and the stream's sample at which it began."""

    def __init__(
        self, worker: Worker, channel: InferenceChannel, origin: int | None, number: int = 0
    ) -> None:
        self.worker, self.channel, self.origin, self.number = worker, channel, origin, number
        self.count_before = 0
        """Dreams that no longer count: of before a reset."""
        self.seen = 0
        self.newest = Dream(np.zeros(channel.shape.n_fft // 2 + 1, np.float32))


class _Ended:
    """Stands for the process of a source that was closed."""

    pid, alive = 0, False

    def wake(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class _StreamTape:
    """A channel's tape as far as it was written, in the stream's own sample numbers."""

    def __init__(self, connection: _Connection) -> None:
        self.memory = connection.channel.tape
        self.channel_number = connection.number
        self.origin = connection.origin or 0
        """The stream's sample at which the tape begins."""
        self.capacity = self.memory.capacity
        self.end = 0
        """Samples that are finished; as of the last call of `poll`."""
        self.poll()

    def is_of(self, connection: _Connection) -> bool:
        """Return whether it is the tape of a connection, as it is now."""
        origin = connection.origin or 0
        return self.memory is connection.channel.tape and self.origin == origin

    def poll(self) -> None:
        """Look how far it was written."""
        self.end = self.memory.end + self.origin

    def read_at(self, start: int, count: int) -> Float:
        sound = self.memory.read_at(start - self.origin, count)
        if start < 0:  # silence, also where the tape still holds what was before a reset
            sound = sound.copy()
            sound[:, :-start] = 0.0
        return sound


class SourceObserver(Protocol):
    """Logs what a source reads."""

    def polled(self, source: "RemoteSource") -> None:
        """The source was fed and has read its channel. Called on the audio thread."""

    def closed(self) -> None:
        """The source was closed."""


class RemoteSource:
    """A `DreamSource` whose network lives in another process and can be replaced while it plays.

    It reads the channel when it is fed, once per frame: `newest`, `tape` and `count` stay the same
    until the next feed.
    """

    def __init__(self, worker: Worker, channel: InferenceChannel) -> None:
        """Use a process that already listens to `channel`."""
        shape = channel.shape
        self.model_rate = shape.model_rate
        self.tape_lag, self.update_deadline = shape.tape_lag, shape.update_deadline
        self._position = 0
        self._connection = connection = _Connection(worker, channel, 0)
        self.replacements = 0
        self.newest = connection.newest
        """The newest dream, without activations; see `activations`."""
        self.count = 0
        """Dreams since the start of the process in use, or since the last reset."""
        self.tape = _StreamTape(connection)
        """The finished dreams' waveform."""
        self.observer: SourceObserver | None = None
        self._is_closed = False

    @property
    def channel(self) -> InferenceChannel:
        """The channel in use."""
        return self._connection.channel

    @property
    def worker(self) -> Worker:
        """The process in use."""
        return self._connection.worker

    @property
    def problem(self) -> str:
        """The newest error, in one line; empty when there is none."""
        return self._connection.channel.problem

    def activations(self) -> Activations:
        """Return a copy of the newest activations, layer -> (units,)."""
        return self._connection.channel.activations()

    def feed(self, sound: Float, sidechain: Float | None = None) -> None:
        """Hand over new sound, (1, samples), and as much of the sidechain; wake the process."""
        connection = self._connection
        if connection.origin is None:  # a replacement: its first sample is this one
            connection.origin = self._position
        if sidechain is not None:
            connection.channel.sidechain.write(sidechain)
        connection.channel.feed.write(sound)
        self._position += sound.shape[-1]
        connection.worker.wake()
        self._poll(connection)
        if self.observer is not None:
            self.observer.polled(self)

    def replace(self, worker: Worker, channel: InferenceChannel) -> Worker:
        """Go on with another process, from the next sound on.

        Args:
            worker: already listening to `channel`.
            channel: of the same model, rate and filter.

        Returns:
            The process used so far, to be closed; of a source that was closed meanwhile, `worker`.
        """
        if self._is_closed:
            return worker
        before = self._connection.worker
        self.replacements += 1
        after = _Connection(worker, channel, None, self.replacements)
        after.newest = self._connection.newest  # held, until there is a new one
        self._connection = after
        return before

    def reset(self) -> None:
        """Forget the sound and the dream; the stream starts again at sample 0."""
        connection = self._connection
        connection.channel.request_reset()
        connection.count_before = connection.seen = connection.channel.count
        connection.newest = Dream(np.zeros_like(connection.newest.spectrum))
        connection.origin = -connection.channel.feed.end
        self._position = 0
        self._poll(connection)

    def close(self) -> None:
        """End the process."""
        self._is_closed = True
        connection = self._connection
        # What it holds of the system goes at once, not when the last cycle of references is found.
        worker, connection.worker = connection.worker, _Ended()
        worker.close()
        if self.observer is not None:
            self.observer.closed()

    def _poll(self, connection: _Connection) -> None:
        count = connection.channel.count
        if count != connection.seen and count > connection.count_before:
            dream = connection.channel.newest()
            connection.newest = replace(
                dream,
                spectrum=dream.spectrum.copy(),
                heard_until=dream.heard_until + (connection.origin or 0),
            )
            connection.seen = count
        self.newest = connection.newest
        self.count = max(0, count - connection.count_before)
        if self.tape.is_of(connection):
            self.tape.poll()
        else:
            self.tape = _StreamTape(connection)
