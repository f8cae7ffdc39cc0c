"""How clients know that an audio server lives: a thread of the server beats, clients watch it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..ipc.priority import ask_for_priority
from ..ipc.shared_state import SharedState

BEAT_SECONDS = 0.25
SILENCE_SECONDS = 5.0
"""A server whose heart has not beaten for so long is lost."""
START_SECONDS = 60.0
"""How long Python may take to load a server before its first heartbeat."""
LOOP_SECONDS = 20.0
"""A round of the server's main loop that takes longer than this counts as hanging."""


class Heartbeat:
    """Raises the shared heartbeat from a thread, for as long as the main loop keeps its deadline.

    So a main loop that is busy for long and says so (`doing`) is not mistaken for one that hangs,
    and one that hangs for good is found out: the heartbeat stops. The main loop's thread calls
    `step` and `doing`; any thread may call the rest.
    """

    def __init__(
        self, shared_state: SharedState, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Get ready; nothing beats yet.

        Args:
            shared_state: where the heartbeat is.
            now: a clock, in seconds.
        """
        self._shared_state, self._now = shared_state, now
        self.also: list[Callable[[], None]] = []
        """Called at each beat, by the thread that beats: who else has to know."""
        self._deadline = now() + LOOP_SECONDS
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="innerear-heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self.step()
        self.beat()
        self._shared_state.allow_silence(SILENCE_SECONDS)
        self._shared_state.write_activity("")
        self._thread.start()

    def step(self) -> None:
        """Take note of a round of the main loop; the next may take `LOOP_SECONDS`."""
        self._deadline = self._now() + LOOP_SECONDS

    @contextmanager
    def doing(self, activity: str, seconds: float) -> Iterator[None]:
        """Give the main loop more time for what the block does.

        Args:
            activity: what it does, for people, such as "opening the sound device".
            seconds: after which it counts as hanging.
        """
        self._shared_state.write_activity(activity)
        self._deadline = self._now() + seconds
        try:
            yield
        finally:
            self.step()
            self._shared_state.write_activity("")

    def beat(self) -> None:
        """Beat once, unless the main loop has missed its deadline."""
        if self._now() <= self._deadline:
            self._shared_state.beat()
            for tell in self.also:
                tell()

    def announce_restart(self) -> None:
        """Let clients wait as long as the server takes to start itself again."""
        self._shared_state.allow_silence(START_SECONDS)

    def announce_end(self) -> None:
        """Let clients know at once that no beat will come any more."""
        self._shared_state.allow_silence(0.0)

    def close(self) -> None:
        """Stop beating."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        ask_for_priority()
        while not self._ending.wait(BEAT_SECONDS):
            self.beat()


class HeartbeatWatch:
    """A client's view of a server's heartbeat."""

    def __init__(
        self, shared_state: SharedState, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin to watch; the silence counts from here.

        Args:
            shared_state: where the heartbeat is.
            now: a clock, in seconds.
        """
        self._shared_state, self._now = shared_state, now
        self._count, self._heard = shared_state.heartbeats, now()

    def is_silent(self) -> bool:
        """Whether the heart has not beaten for longer than the server asked to allow."""
        count, now = self._shared_state.heartbeats, self._now()
        if count != self._count:
            self._count, self._heard = count, now
        return now - self._heard > self._shared_state.allowed_silence_seconds

    def has_hung(self) -> bool:
        """Whether the heart is silent though its server did not say that it ends."""
        return self.is_silent() and self._shared_state.allowed_silence_seconds > 0.0
