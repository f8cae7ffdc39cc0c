"""Starts the process of an audio server, waits until it plays, and ends it."""

import json
import os
import queue
import subprocess
import threading
from pathlib import Path
from typing import IO

from ..errors import DeviceError
from ..ipc.one_thread import ONE_THREAD
from ..ipc.remote_errors import raise_error
from ..ipc.shared_state import SharedState
from ..python_process import module_command
from . import heartbeat
from .heartbeat import HeartbeatWatch
from .server_address import ServerAddress

END_SECONDS = 5.0
_POLL_SECONDS = 0.02
_LOG_FILE = "server.log"


class ServerProcess:
    """An audio server that this program has started."""

    def __init__(self, folder: Path, shared_state: SharedState, keep_alive: bool) -> None:
        """Start it and wait until it plays.

        That takes as long as it needs, provided that its heart beats: it has
        `heartbeat.START_SECONDS` until the first beat, and then a limit for each thing that it does
        (see `Heartbeat.doing`).

        Args:
            folder: with its settings and the shared state.
            shared_state: of the folder, for its heartbeat.
            keep_alive: whether it plays on when this program ends.

        Raises:
            DeviceError: it ends, or its heart stops, before it plays.
            InnerearError: what it has to open is missing; in its own words.
        """
        self._folder = folder
        shared_state.allow_silence(heartbeat.START_SECONDS)
        with (folder / _LOG_FILE).open("ab") as log:
            self._process = subprocess.Popen(
                module_command(__package__, str(folder)),
                stdin=subprocess.DEVNULL if keep_alive else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**ONE_THREAD, **os.environ},
                start_new_session=True,  # Ctrl-C in our terminal is for us alone
            )
        try:
            self.address = self._address(shared_state)
            """Where it answers requests."""
        except BaseException:  # an interruption, too: nobody else could end it
            self.end()
            raise

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """Let it end; kill it where that takes longer than `END_SECONDS`."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def wait(self, seconds: float) -> int:
        """Return the exit status; wait so long for the end at most.

        Raises:
            TimeoutError: it still runs.
        """
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"the audio engine still runs after {seconds:g} s") from None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def _address(self, shared_state: SharedState) -> ServerAddress:
        line = self._first_line(HeartbeatWatch(shared_state), shared_state)
        if not line:
            self.end()  # it may say more until it has ended
            raise DeviceError(f"The audio engine could not be started: {self._last_words()}")
        try:
            answer = dict(json.loads(line))
        except (ValueError, TypeError):
            raise DeviceError(f"The audio engine said {line[:80]!r}, and was ended.") from None
        if "error" in answer:
            raise_error(answer)
        return ServerAddress.from_dict(answer)

    def _first_line(self, watch: HeartbeatWatch, shared_state: SharedState) -> bytes:
        """Return what the process says first; empty where it ends without a word."""
        assert self._process.stdout is not None
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        # A pipe can be waited for with a timeout on no system alike; a thread can.
        threading.Thread(target=_read_line, args=(self._process.stdout, lines), daemon=True).start()
        while True:
            try:
                return lines.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                if watch.is_silent():
                    self.kill()
                    doing = shared_state.activity() or "starting"
                    raise DeviceError(
                        f"The audio engine hung while {doing} and was ended; try again."
                    ) from None

    def _last_words(self) -> str:
        """Return the last line of the server's log."""
        text = (self._folder / _LOG_FILE).read_text(errors="replace").strip()
        return text.rpartition("\n")[2] or "it gave no reason"


def _read_line(file: IO[bytes], lines: "queue.SimpleQueue[bytes]") -> None:
    with file:
        lines.put(file.readline())
