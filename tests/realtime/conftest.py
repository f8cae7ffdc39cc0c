"""A sound card of software: JACK's dummy server, and a client that plays and records."""

import ctypes
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PERIOD = 128
RATE = 48_000
# What a client hands on reaches one that it has itself heard in the next cycle: JACK's own delay
# in a loop from the probe through the program and back.
LOOP_SAMPLES = PERIOD

# Loaded here: nothing may be loaded between fork and exec.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_SET_PARENT_DEATH_SIGNAL = 1


@dataclass(frozen=True)
class JackServer:
    """A running JACK server without hardware.

    Attributes:
        name: of the server.
        environment: for processes that are to use it.
        pid: of its process.
    """

    name: str
    environment: dict[str, str]
    pid: int


@pytest.fixture(scope="session")
def jack_server(
    require: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JackServer]:
    """Run a JACK server with two inputs and two outputs, at 48 kHz in periods of 128."""
    require("jackd", "libjack", "portaudio")
    log = tmp_path_factory.mktemp("jack") / "jackd.log"
    with start_server(f"innerear-{os.getpid()}", log) as server:
        yield server


@contextmanager
def start_server(
    name: str, log: Path, channels: int = 2, outputs: int | None = None
) -> Iterator[JackServer]:
    """Run a JACK server without hardware; end it at the end.

    Args:
        name: of the server.
        log: where its output goes.
        channels: of the card, in and out.
        outputs: of the card; by default as many.

    Yields:
        The server, ready for clients.
    """
    # Without a session bus the reservation of a sound card would fail, and there is no card.
    environment = {**os.environ, "JACK_NO_AUDIO_RESERVATION": "1", "JACK_DEFAULT_SERVER": name}
    ports = ["-C", str(channels), "-P", str(channels if outputs is None else outputs)]
    driver = ["-d", "dummy", "-r", str(RATE), "-p", str(PERIOD), *ports]
    with log.open("w") as file, _starting_alone():
        server = subprocess.Popen(
            ["jackd", "-R", "--name", name, *driver],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
            preexec_fn=_end_with_the_tests,  # noqa: PLW1509 - no thread of ours holds a lock here
        )
    try:
        waited = subprocess.run(
            ["jack_wait", "-s", name, "-w", "-t", "10"],
            env=environment,
            capture_output=True,
            check=False,
        )
        if waited.returncode != 0 or server.poll() is not None:
            pytest.fail(f"jackd did not start:\n{log.read_text()}", pytrace=False)
        yield JackServer(name, environment, server.pid)
    finally:
        _end(server)


@contextmanager
def _starting_alone() -> Iterator[None]:
    """Let one process at a time start a server, and remove first what killed servers left behind.

    JACK counts the servers of the whole machine in shared memory, eight at most, and a server that
    was killed stays counted.
    """
    lock = Path(tempfile.gettempdir(), f"innerear-tests-{os.getuid()}.lock")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not any(map(_is_jack_server, Path("/proc").glob("[0-9]*/stat"))):
            for path in Path("/dev/shm").glob("jack*"):
                if path.stat().st_uid == os.getuid():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield


def _is_jack_server(stat: Path) -> bool:
    try:
        _, name, state = re.split(r"[()]", stat.read_text())[:3]
    except OSError:  # it ended meanwhile
        return False
    return name in ("jackd", "jackdbus") and not state.startswith(" Z")


@contextmanager
def running(command: list[str], server: JackServer, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program that uses the server; end it at the end, whatever happens.

    Args:
        command: the program and its arguments.
        server: the sound card.
        log: where its output goes.

    Yields:
        The process.
    """
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=server.environment,
            start_new_session=True,
            # A shell's background jobs, and what they start, would ignore Ctrl-C.
            preexec_fn=_hear_interrupts,  # noqa: PLW1509 - no thread of ours holds a lock here
        )
    try:
        yield process
    finally:
        _end(process)


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _end_with_the_tests()


def _end_with_the_tests() -> None:
    """Let the system end this process when the process that runs the tests is killed."""
    if _LIBC is not None:
        _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes]) -> None:
    for signal_number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        if process.poll() is None:
            os.killpg(process.pid, signal_number)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue


class Probe:
    """A JACK client between whose outputs and inputs the program under test is put."""

    def __init__(self, server: JackServer, channels: int = 2, recorded: int | None = None) -> None:
        """Join the server.

        Args:
            server: to join.
            channels: how many to play.
            recorded: how many to record; by default as many.
        """
        import jack

        self._client = jack.Client("probe", servername=server.name, no_start_server=True)
        self._outputs = [self._client.outports.register(f"out_{n}") for n in range(channels)]
        wanted = range(channels if recorded is None else recorded)
        self._inputs = [self._client.inports.register(f"in_{n}") for n in wanted]
        self._played = self._recorded = np.zeros((channels, 0), np.float32)
        self._position = 0
        self._done = threading.Event()
        self._done.set()
        self._client.set_process_callback(self._process)
        self._client.activate()

    def connect(self, client_name: str = "innerear", seconds: float = 30) -> None:
        """Wait for the program's ports and put it between our outputs and our inputs.

        Args:
            client_name: how the program's JACK client is called.
            seconds: to wait for it.
        """
        for ours, outgoing in ((self._outputs, False), (self._inputs, True)):
            theirs = self._wait_for_ports(client_name, len(ours), outgoing, seconds)
            for our, their in zip(ours, theirs, strict=True):
                pair = (their, our) if outgoing else (our, their)
                for other in self._client.get_all_connections(their):
                    # It has joined itself to the dummy card.
                    self._client.disconnect(*((their, other) if outgoing else (other, their)))
                self._client.connect(*pair)

    def play_and_record(
        self,
        sound: np.ndarray,
        freewheel: bool = True,
        seconds: float = 120,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> np.ndarray:
        """Play a sound into the program and record what it gives back, sample by sample.

        Args:
            sound: float32 (channels, samples).
            freewheel: as fast as the machine can, and with no sample lost.
            seconds: to wait for the end.
            meanwhile: called while it plays.

        Returns:
            float32 (recorded, samples): what the program gave in the very same cycles.
        """
        self._played = np.ascontiguousarray(sound, np.float32)
        self._recorded = np.zeros((len(self._inputs), sound.shape[1]), np.float32)
        self._position = 0
        self._done.clear()
        if freewheel:
            self._client.set_freewheel(True)
        try:
            meanwhile()
            assert self._done.wait(seconds), "the program took no sound"
        finally:
            if freewheel:
                self._client.set_freewheel(False)
        return self._recorded

    @property
    def position(self) -> int:
        """How many samples of the sound have been played."""
        return self._position

    def close(self) -> None:
        """Leave the server."""
        self._client.deactivate()
        self._client.close()

    def _process(self, frames: int) -> None:
        start = self._position
        count = 0 if self._done.is_set() else min(frames, self._played.shape[1] - start)
        for channel, output in enumerate(self._outputs):
            out = output.get_array()
            out[count:] = 0
            if count:
                out[:count] = self._played[channel, start : start + count]
        for channel, input_ in enumerate(self._inputs):
            if count:
                self._recorded[channel, start : start + count] = input_.get_array()[:count]
        self._position += count
        if count and self._position == self._played.shape[1]:
            self._done.set()

    def _wait_for_ports(
        self, client_name: str, count: int, outgoing: bool, seconds: float
    ) -> list[Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            kind = {"is_output": True} if outgoing else {"is_input": True}
            ports = self._client.get_ports(f"^{client_name}:", is_audio=True, **kind)
            if len(ports) >= count:
                return list(ports[:count])
            time.sleep(0.05)
        raise AssertionError(f"no client {client_name} with {count} ports appeared")


@pytest.fixture
def probe(jack_server: JackServer) -> Iterator[Probe]:
    """Give a client that plays and records."""
    made = Probe(jack_server)
    yield made
    made.close()
