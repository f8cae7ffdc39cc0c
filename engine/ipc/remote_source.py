"""Dreams from the network's process, as the processor asks for them; nothing here ever waits."""

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..dreaming.dream import Dream, Worker
from ..packs.gradient_source import Activations
from .inference_channel import DreamLink

Float = NDArray[np.float32]


class _Channel:
    """A link with its process, and the stream's sample at which it began."""

    def __init__(
        self, worker: Worker, link: DreamLink, origin: int | None, number: int = 0
    ) -> None:
        self.worker, self.link, self.origin, self.number = worker, link, origin, number
        self.count_before = 0
        """Dreams that no longer count: of before a reset."""
        self.seen = 0
        self.newest = Dream(np.zeros(link.shape.n_fft // 2 + 1, np.float32))


class _Tape:
    """A link's tape as far as it was written, in the stream's own sample numbers."""

    def __init__(self, channel: _Channel) -> None:
        self.memory = channel.link.tape
        self.link_number = channel.number
        self.origin = channel.origin or 0
        """The stream's sample at which the tape begins."""
        self.capacity = self.memory.capacity
        self.end = self.memory.end + self.origin

    def read_at(self, start: int, count: int) -> Float:
        sound = self.memory.read_at(start - self.origin, count)
        if start < 0:  # silence, also where the tape still holds what was before a reset
            sound = sound.copy()
            sound[:, :-start] = 0.0
        return sound


class Observer(Protocol):
    """Takes note of what a source finds."""

    def looked(self, source: "RemoteSource") -> None:
        """It was fed, and has looked what there is; on the audio thread."""

    def closed(self) -> None:
        """It is not needed any more."""


class RemoteSource:
    """A `DreamSource` whose network lives in another process and can be replaced while it plays.

    What that process has found is looked at when sound is fed, so once in each frame: `newest`,
    `tape` and `count` stay the same until the next.
    """

    def __init__(self, worker: Worker, link: DreamLink) -> None:
        """Take over a process that already listens to `link`."""
        shape = link.shape
        self.model_rate = shape.model_rate
        self.tape_lag, self.allowance = shape.tape_lag, shape.allowance
        self._position = 0
        self._channel = channel = _Channel(worker, link, 0)
        self.replacements = 0
        self.newest = channel.newest
        """The newest dream, without activations; see `activations`."""
        self.count = 0
        """Dreams since the start of the process in use, or since the last reset."""
        self.tape = _Tape(channel)
        """The finished dreams' waveform."""
        self.observer: Observer | None = None

    @property
    def link(self) -> DreamLink:
        """The link in use."""
        return self._channel.link

    @property
    def worker(self) -> Worker:
        """The process in use."""
        return self._channel.worker

    @property
    def problem(self) -> str:
        """What went wrong last, in words."""
        return self._channel.link.problem

    def activations(self) -> Activations:
        """Return a copy of the newest activations, layer -> (units,)."""
        return self._channel.link.activations()

    def feed(self, sound: Float) -> None:
        """Hand over new sound, (1, samples), and wake the process."""
        channel = self._channel
        if channel.origin is None:  # a replacement: its first sample is this one
            channel.origin = self._position
        channel.link.feed.write(sound)
        self._position += sound.shape[-1]
        channel.worker.wake()
        self._look(channel)
        if self.observer is not None:
            self.observer.looked(self)

    def replace(self, worker: Worker, link: DreamLink) -> Worker:
        """Go on with another process, from the next sound on.

        Args:
            worker: already listening to `link`.
            link: of the same model, rate and filter.

        Returns:
            The process used so far, to be closed.
        """
        before = self._channel.worker
        self.replacements += 1
        after = _Channel(worker, link, None, self.replacements)
        after.newest = self._channel.newest  # held, until there is a new one
        self._channel = after
        return before

    def reset(self) -> None:
        """Forget the sound and the dream; the stream starts again at sample 0."""
        channel = self._channel
        channel.link.ask_reset()
        channel.count_before = channel.seen = channel.link.count
        channel.newest = Dream(np.zeros_like(channel.newest.magnitude))
        channel.origin = -channel.link.feed.end
        self._position = 0
        self._look(channel)

    def close(self) -> None:
        """End the process."""
        self._channel.worker.close()
        if self.observer is not None:
            self.observer.closed()

    def _look(self, channel: _Channel) -> None:
        count = channel.link.count
        if count != channel.seen and count > channel.count_before:
            dream = channel.link.newest()
            channel.newest = replace(
                dream,
                magnitude=dream.magnitude.copy(),
                heard_until=dream.heard_until + (channel.origin or 0),
            )
            channel.seen = count
        self.newest = channel.newest
        self.count = max(0, count - channel.count_before)
        self.tape = _Tape(channel)
