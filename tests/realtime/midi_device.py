"""A MIDI controller of software: a JACK client with one MIDI output and one input."""

import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

from .conftest import RATE, JackServer


class MidiDevice:
    """Sends what it is told to, and keeps what it receives; unplugged at the end of the block."""

    def __init__(self, server: JackServer, name: str = "knobs") -> None:
        """Plug it in.

        Args:
            server: to join.
            name: of the device; its ports are called as hardware's are.
        """
        import jack

        self._client = jack.Client(name, servername=server.name, no_start_server=True)
        self._output = self._client.midi_outports.register("midi_capture_1")
        self._input = self._client.midi_inports.register("midi_playback_1")
        self._waiting: deque[bytes] = deque()
        self._clock_hertz = 0.0
        self._frames = 0
        self._pulses = 0
        self.received: list[bytes] = []
        self._client.set_process_callback(self._process)
        self._client.activate()

    def __enter__(self) -> "MidiDevice":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.deactivate()
        self._client.close()

    def wait_until_connected(self, lights: bool = False, seconds: float = 20) -> None:
        """Wait until a program listens, and where `lights`, sends, too."""
        ports: list[Any] = [self._output, *([self._input] if lights else [])]
        wait(lambda: all(port.number_of_connections for port in ports), seconds)

    def send(self, *messages: str) -> None:
        """Send messages, in hexadecimal, one in each period."""
        self._waiting.extend(bytes.fromhex(message) for message in messages)

    def change(self, number: int, *values: int) -> None:
        """Move a control on channel 1."""
        self.send(*(f"b0 {number:02x} {value:02x}" for value in values))

    def start_clock(self, tempo_bpm: float) -> None:
        """Send a start, and a clock from now on."""
        self._waiting.append(b"\xfa")
        self._frames = self._pulses = 0
        self._clock_hertz = tempo_bpm / 60 * 24

    def _process(self, frames: int) -> None:
        self._output.clear_buffer()
        if self._waiting:
            self._output.write_midi_event(0, self._waiting.popleft())
        if self._clock_hertz:
            while (at := int(self._pulses * RATE / self._clock_hertz)) < self._frames + frames:
                self._output.write_midi_event(max(0, at - self._frames), b"\xf8")
                self._pulses += 1
            self._frames += frames
        for _, data in self._input.incoming_midi_events():
            self.received.append(bytes(data))


def wait(done: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is true; fail after a while."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
