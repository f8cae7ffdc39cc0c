"""A MIDI controller of software: knobs that send, lights that receive, plugged into JACK."""

import os
import time
from collections.abc import Callable
from types import TracebackType

from .conftest import JackServer


class MidiDevice:
    """Sends what it is told to, and keeps what it receives; unplugged at the end of the block.

    rtmidi queues what is sent, so that on a busy machine a message may be late but is never lost.
    """

    def __init__(self, server: JackServer, name: str = "knobs") -> None:
        """Plug it in.

        Args:
            server: to join.
            name: of the device; its output is called as hardware's are.
        """
        import rtmidi

        before = os.environ.get("JACK_DEFAULT_SERVER")
        os.environ["JACK_DEFAULT_SERVER"] = server.name
        try:
            self._output = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=name)
            self._input = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=name)
        finally:
            del os.environ["JACK_DEFAULT_SERVER"]
            if before is not None:
                os.environ["JACK_DEFAULT_SERVER"] = before
        self.received: list[bytes] = []
        self._input.set_callback(lambda event, data=None: self.received.append(bytes(event[0])))
        self._input.open_virtual_port("midi_playback_1")
        self._output.open_virtual_port("midi_capture_1")

    def __enter__(self) -> "MidiDevice":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._output.delete()
        self._input.delete()

    def change(self, number: int, *values: int) -> None:
        """Move a control on channel 1."""
        for value in values:
            self._output.send_message([0xB0, number, value])
            time.sleep(0.002)

    def play_clock(self, tempo_bpm: float, seconds: float) -> None:
        """Send a start, and a clock for a while."""
        self._output.send_message([0xFA])
        begin = time.monotonic()
        for pulse in range(round(seconds * tempo_bpm / 60 * 24)):
            time.sleep(max(0, begin + pulse * 60 / tempo_bpm / 24 - time.monotonic()))
            self._output.send_message([0xF8])


def wait(done: Callable[[], object], seconds: float = 30) -> None:
    """Wait until something is true; fail after a while."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
