"""A MIDI controller of software: knobs that send, lights that receive, plugged into JACK."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

from .conftest import JackServer

PROGRAM = """
import sys
import rtmidi
made = dict(rtapi=rtmidi.API_UNIX_JACK, name=sys.argv[1])
output, input_ = rtmidi.MidiOut(**made), rtmidi.MidiIn(**made)
input_.set_callback(lambda event, data=None: print(bytes(event[0]).hex(), flush=True))
input_.open_virtual_port("midi_playback_1")
output.open_virtual_port("midi_capture_1")
print(flush=True)
for line in sys.stdin:
    output.send_message(list(bytes.fromhex(line)))
"""


class MidiDevice:
    """Sends what it is told to, and keeps what it receives; unplugged at the end of the block.

    It is a process of its own, and killed at the end: rtmidi takes a port from under JACK's own
    thread where it closes it, and crashes now and then. rtmidi queues what is sent, so that on a
    busy machine a message may be late but is never lost.
    """

    def __init__(self, server: JackServer, name: str = "knobs") -> None:
        """Plug it in.

        Args:
            server: to join.
            name: of the device; its output is called as hardware's are.
        """
        self.received: list[bytes] = []
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=server.environment,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders, self._lines = self._process.stdin, self._process.stdout
        assert self._lines.readline() == "\n"  # it is there
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> "MidiDevice":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        self._orders.close()
        self._lines.close()

    def change(self, number: int, *values: int) -> None:
        """Move a control on channel 1."""
        for value in values:
            self._send(bytes([0xB0, number, value]))
            time.sleep(0.002)

    def play_clock(self, tempo_bpm: float, seconds: float) -> None:
        """Send a start, and a clock for a while."""
        self._send(b"\xfa")
        begin = time.monotonic()
        for pulse in range(round(seconds * tempo_bpm / 60 * 24)):
            time.sleep(max(0, begin + pulse * 60 / tempo_bpm / 24 - time.monotonic()))
            self._send(b"\xf8")

    def _send(self, message: bytes) -> None:
        self._orders.write(message.hex() + "\n")
        self._orders.flush()

    def _listen(self) -> None:
        for line in self._lines:
            self.received.append(bytes.fromhex(line))


def wait(done: Callable[[], object], seconds: float = 30) -> None:
    """Wait until something is true; fail after a while."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
