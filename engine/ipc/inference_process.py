"""Starts a network's process, gives it a stream, wakes it and ends it.

Loads no NumPy: an audio server starts its first network's process before it loads anything itself.
"""

import itertools
import multiprocessing
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InnerearError, ModelError
from ..parameter import Value
from . import inference_entry
from .remote_errors import raise_error

if TYPE_CHECKING:
    from .inference_channel import InferenceChannel

ANSWER_SECONDS = 60.0
"""The longest that a network may take to load."""
_END_SECONDS = 0.5
_numbers = itertools.count()


def end_all() -> None:
    """Kill every network's process of this one, which is about to replace itself.

    What comes after could not wait for them, and they would stay in the table of processes.
    """
    for process in multiprocessing.active_children():
        process.kill()
        process.join()


class WorkerProcess:
    """One process for one network.

    It starts at once, so that a process in reserve is ready when it is needed.
    """

    def __init__(self, shared_state: Path, folder: Path) -> None:
        """Start the process.

        Args:
            shared_state: file of the shared parameters.
            folder: for the files of the inference channels.

        Raises:
            InnerearError: the system gives no semaphore, or no process.
        """
        context = multiprocessing.get_context("spawn")
        try:
            self._wake = context.Semaphore(0)
        except OSError as problem:
            raise InnerearError(
                f"processes cannot wake each other ({problem.strerror}): a semaphore needs a folder"
                " /dev/shm with some room"
            ) from problem
        try:
            self._connection, theirs = context.Pipe()
            with theirs:
                self._process = context.Process(
                    target=inference_entry.run,
                    args=(theirs, self._wake, shared_state, folder),
                    name="innerear-network",
                    daemon=True,
                )
                self._process.start()
        except OSError as problem:  # of processes, files or memory there is no more
            raise InnerearError(
                f"a network's process cannot be started ({problem.strerror}); end other programs"
            ) from problem

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid or 0

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def listen(
        self, structural: Mapping[str, Value], sample_rate: int, device: str = "cpu"
    ) -> "InferenceChannel":
        """Load a network for a stream; waits until it is loaded.

        Args:
            structural: values by parameter id; see `structural_values`.
            sample_rate: of the stream.
            device: where the network computes; see `load`.

        Returns:
            The channel, its file already gone from the folder.

        Raises:
            InnerearError: the model, layer or target is wrong; or the process has died or hangs.
        """
        from .inference_channel import ChannelShape, InferenceChannel

        request = {"structural": dict(structural), "sample_rate": sample_rate}
        request["device"] = device
        try:
            self._connection.send({**request, "number": next(_numbers)})
            self.wake()
            if not self._connection.poll(ANSWER_SECONDS):
                raise ModelError(f"The network did not load within {ANSWER_SECONDS:g} s.")
            answer = self._connection.recv()
        except (EOFError, OSError) as problem:
            raise ModelError("The network's process ended while it loaded.") from problem
        raise_error(answer)
        channel = InferenceChannel(Path(answer["path"]), ChannelShape(**answer["shape"]))
        channel.unlink()
        return channel

    def wake(self) -> None:
        """Wake the process for new sound. Never waits."""
        self._wake.release()

    def close(self) -> None:
        """End the process; kill it if it does not end by itself. Closing twice does no more."""
        if self._connection.closed:
            return
        self._connection.close()
        self.wake()
        self._process.join(_END_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()
