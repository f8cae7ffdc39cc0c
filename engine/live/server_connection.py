"""A client's side of one audio server: starts or joins it, asks it, supervises it, ends it."""

import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..control.requests import Quit, Request
from ..errors import DeviceError, InnerearError
from ..ipc.processes import kill_process
from ..ipc.rpc import RequestClient
from ..ipc.shared_state import SharedState
from .heartbeat import START_SECONDS, HeartbeatWatch
from .live_status import LiveStatus
from .membership import has_server, restart_right
from .message_log import next_message
from .server_address import ServerAddress, has_address, read_address, remove_address
from .server_process import END_SECONDS, ServerProcess
from .server_settings import ServerSettings, read_settings, save_settings


class ServerConnection:
    """The audio server of one folder, as one client sees it; any thread may call everything.

    `ask` waits as long as its request says. The other methods wait for one another, and for the
    server's process where they start or end it: `ServerProcess` says for how long.
    """

    def __init__(self, folder: Path, shared_state: SharedState) -> None:
        """Get ready; there is no server yet.

        Args:
            folder: that the server and its clients share.
            shared_state: in that folder.
        """
        self.settings = ServerSettings()
        """What the server opened when it was started or joined."""
        self.restarts = 0
        """How often this client has started the server again."""
        self.process: ServerProcess | None = None
        """The server's process, where this client has started it."""
        self._folder, self._shared_state = folder, shared_state
        self._watch = HeartbeatWatch(shared_state)
        self._client: RequestClient | None = None
        self._address = ServerAddress(0, "", 0, "")
        self._lock = threading.RLock()

    @property
    def is_open(self) -> bool:
        """Whether there is a server; it may be lost."""
        return self._client is not None

    @property
    def is_lost(self) -> bool:
        """Whether the server has ended or hangs, so that `supervise` has something to do."""
        if self._client is None:
            return False
        process = self.process
        return (process is not None and not process.alive) or self._watch.is_silent()

    @property
    def address(self) -> ServerAddress:
        """Where the server answers requests."""
        return self._address

    @property
    def last_settings(self) -> ServerSettings:
        """What the newest server of the folder has opened last, and where its file stood."""
        status = LiveStatus.from_json(self._shared_state.status())
        settings = read_settings(self._folder).at(status.file)
        return replace(settings, resumed=False, lost_device="")

    def start(self, settings: ServerSettings) -> None:
        """Start a server and wait until it plays and reports.

        Raises:
            InnerearError: what it has to open is missing, or it does not start.
        """
        with self._lock:
            # Clients show each number once, so messages count on from the server before.
            before = LiveStatus.from_json(self._shared_state.status()).messages
            self._shared_state.write_status("")
            self._launch(replace(settings, messages=before))
            deadline = time.monotonic() + START_SECONDS  # a busy machine is slow, not broken
            try:
                while not LiveStatus.from_json(self._shared_state.status()).model:
                    if self.is_lost or time.monotonic() > deadline:
                        raise DeviceError("The audio engine reports nothing, and was ended.")
                    time.sleep(0.005)
            except BaseException:  # an interruption, too: nobody else could end it
                self.stop()
                raise

    def join(self) -> None:
        """Connect to the server that plays in the folder.

        Raises:
            DeviceError: none plays there.
        """
        with self._lock:
            address = read_address(self._folder)
            self.settings = read_settings(self._folder)
            self._connect(address)

    def ask(self, request: Request) -> dict[str, Any]:
        """Send a request and return the answer; where the server was restarted, ask the new one.

        Raises:
            InnerearError: the server refuses; in its own words.
            DeviceError: there is none, or it does not answer in time.
        """
        client = self._client
        if client is None:
            raise DeviceError("Nothing plays: start it first.")
        try:
            if self._watch.has_hung():  # to wait for it would only put off its restart
                raise DeviceError("The audio engine does not answer any more.")
            return client.request(request.as_dict(), request.answer_seconds)
        except DeviceError:
            followed = self._followed(client, request.answer_seconds)
            if followed is None:
                raise
            return followed.request(request.as_dict(), request.answer_seconds)

    def supervise(self) -> None:
        """Start the server again where it is lost; connect to it where another client has.

        A client that has only joined a server that ends with the client that started it leaves the
        restart to that one. Where the restart fails, there is no server any more.

        Raises:
            InnerearError: it cannot be started again, or was ended by another client.
        """
        if not self.is_lost:
            return
        with self._lock:
            if not self.is_lost or self._follow():
                return
            if not has_address(self._folder):
                self._forget()
                raise DeviceError("The audio engine was ended by another client.")
            if self.process is None and not self.settings.keep_alive:
                return
            with restart_right(self._folder) as is_ours:
                if is_ours and not self._follow():  # meanwhile another may have done it
                    self._restart()

    def stop(self) -> None:
        """End the server, if there is one: also one that another client has started since."""
        with self._lock:
            if self._client is None and has_server(self._folder):
                self._follow()
            if self._client is not None:
                with suppress(InnerearError):
                    self.ask(Quit())  # also one that has restarted itself meanwhile
                remove_address(self._folder)  # no client restarts one that hung and is killed
                if self.process is None and not self._waited_for_end():
                    kill_process(self._address.pid, self._address.birth)
                    self._waited_for_end()
            process = self.process
            self._forget()
            if process is not None:
                process.end()

    def detach(self) -> None:
        """Disconnect; a server that was started with `keep_alive` keeps playing."""
        with self._lock:
            self._forget()

    def _waited_for_end(self) -> bool:
        """Wait until a joined server has ended, `END_SECONDS` at most; return whether it has."""
        deadline = time.monotonic() + END_SECONDS
        while has_server(self._folder) and time.monotonic() < deadline:
            time.sleep(0.005)
        return not has_server(self._folder)

    def _launch(self, settings: ServerSettings) -> None:
        save_settings(self._folder, settings)
        self.settings = settings
        process = ServerProcess(self._folder, self._shared_state, settings.keep_alive)
        try:
            self._connect(process.address)
        except DeviceError:
            process.kill()
            raise
        self.process = process

    def _connect(self, address: ServerAddress) -> None:
        if self._client is not None:
            self._client.close()
        self._client = RequestClient(address.port, address.secret)
        self._address = address
        self._watch = HeartbeatWatch(self._shared_state)

    def _follow(self) -> bool:
        """Connect to a server that has started meanwhile; False where there is none.

        Another client has started it, or it has restarted itself in place, as the same process.
        """
        with suppress(DeviceError):
            address, before = read_address(self._folder), self._address
            if address != before:
                self._connect(address)
                if address.pid != before.pid and self.process is not None:
                    self.process.kill()  # it was replaced; only who has started it can wait for it
                    self.process = None
                return True
        return False

    def _followed(self, failed: RequestClient, seconds: float) -> RequestClient | None:
        """Return the connection to the server that was started after one failed, if one was.

        Args:
            failed: the connection that failed; another thread of this client may have made a new
                one since.
            seconds: to wait for such a thread.
        """
        if not self._lock.acquire(timeout=seconds):
            return None
        try:
            return self._client if self._client is not failed or self._follow() else None
        finally:
            self._lock.release()

    def _restart(self) -> None:
        activity = self._shared_state.activity()
        status = LiveStatus.from_json(self._shared_state.status())
        if self.process is not None:
            hung = self.process.alive
            self.process.kill()
        else:
            hung = kill_process(self._address.pid, self._address.birth)
        _continue(status.network_pids)
        what = f"hung while {activity or 'playing'}" if hung else "had ended"
        news = next_message(status.messages, f"The audio engine {what}; it was started again.")
        settings = replace(
            read_settings(self._folder).at(status.file),
            resumed=True,
            lost_device=status.lost_device,
            messages=(*status.messages, news),
        )
        try:
            self._launch(settings)
        except InnerearError:
            self._forget()
            raise
        self.restarts += 1

    def _forget(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self.process = None


def _continue(pids: Sequence[int]) -> None:
    """Let networks whose server is gone go on, where they were stopped: they notice, and end."""
    for pid in pids:
        with suppress(OSError, AttributeError):  # it has ended; a system without such a signal
            os.kill(pid, signal.SIGCONT)
