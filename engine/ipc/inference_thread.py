"""Networks that run in a thread of this process, because no other process can load them."""

import queue
import threading
from collections.abc import Callable

from ..dreaming.dream import DreamSource, MakeSource
from ..packs.network import GradientSource, PackLike
from ..packs.tracker import Tracker
from ..parameter_values import Values
from .inference_channel import InferenceChannel
from .inference_loop import InferenceLoop
from .remote_source import RemoteSource
from .shared_files import make_shared_folder, remove_shared_folder


class ThreadWorker:
    """A thread instead of a network's process; torch mostly releases the interpreter's lock."""

    pid = 0

    def __init__(self, loop: InferenceLoop) -> None:
        """Start the thread."""
        # SimpleQueue.put is one uninterruptible C call that never waits for the getter.
        self._wake: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._loop = loop
        self._thread = threading.Thread(target=self._run, name="innerear-network", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def wake(self) -> None:
        """Wake the thread for new sound. Never waits."""
        self._wake.put(True)

    def close(self) -> None:
        """End the thread after its present update."""
        self._wake.put(False)
        self._thread.join()

    def _run(self) -> None:
        while self._wake.get():
            self._loop.step()


def thread_source(
    pack: PackLike,
    networks: Callable[[], tuple[GradientSource, Tracker | None]],
    seed: int = 0,
) -> MakeSource:
    """Return a function that makes sources whose network computes in a thread.

    Args:
        pack: the network.
        networks: called once for each source, returns what its thread alone will use: where
            gradients come from, and what gives activations and templates (None where the network
            has no templates).
        seed: of the random numbers.
    """

    def make(parameters: Values, sample_rate: int, n_fft: int) -> DreamSource:
        folder = make_shared_folder()
        try:
            path = folder / "channel"
            dreamer, tracker = networks()
            loop = InferenceLoop(pack, dreamer, tracker, parameters, sample_rate, path, seed=seed)
            channel = InferenceChannel(path, loop.channel.shape)
        finally:
            remove_shared_folder(folder)
        return RemoteSource(ThreadWorker(loop), channel)

    return make
