"""An independent JACK client that plays into the audio server, sends MIDI, and hears every sample.

`python -m tests.soak.ear` takes lines on standard input: `source NAME` chooses what is played, and
`midi HEX ...` sends messages, one a cycle. Twice a second it prints what it heard as JSON. It ends
with status 3 when the JACK server goes.
"""

import json
import os
import sys
import threading
import time
from collections import deque
from typing import Any

import jack
import numpy as np

from .hearing import Hearing
from .sources import RATE, sources

REPORT_SECONDS = 0.5
JACK_IS_GONE = 3


class Ear:
    """The client."""

    def __init__(self) -> None:
        self.client = jack.Client("ear", no_start_server=True)
        self.gone = threading.Event()
        block = self.client.blocksize
        self._sounds = {
            name: np.concatenate((sound, sound[:block])) for name, sound in sources().items()
        }
        self.playing = "noise"
        self.midi: deque[bytes] = deque()
        self._at = 0
        self._hearing = Hearing()
        self.xruns = 0
        self._out = [self.client.outports.register(f"out_{n}") for n in (1, 2)]
        self._in = [self.client.inports.register(f"in_{n}") for n in (1, 2)]
        self._midi_out = self.client.midi_outports.register("knobs")
        self.client.set_process_callback(self._process)
        self.client.set_xrun_callback(self._xrun)
        self.client.set_shutdown_callback(lambda status, reason: self.gone.set())
        self.client.activate()

    def connect(self) -> bool:
        """Join the ports of the audio server where they are not; return whether they are there."""
        theirs_in = self.client.get_ports("^innerear:", is_audio=True, is_input=True)
        theirs_out = self.client.get_ports("^innerear:", is_audio=True, is_output=True)
        for our, their in zip(self._out, theirs_in, strict=False):
            others = {port.name for port in self.client.get_all_connections(their)}
            for other in others - {our.name}:
                self.client.disconnect(other, their)
            if our.name not in others:
                self.client.connect(our, their)
        for our, their in zip(self._in, theirs_out, strict=False):
            if our.name not in {port.name for port in self.client.get_all_connections(their)}:
                self.client.connect(their, our)
        return bool(theirs_in and theirs_out)

    def report(self) -> dict[str, Any]:
        """Return what was heard since the last report."""
        return {
            **self._hearing.take(),
            "xruns": self.xruns,
            "time": time.time(),
            "source": self.playing,
        }

    def _xrun(self, delayed_usecs: float) -> None:
        self.xruns += 1

    def _process(self, frames: int) -> None:
        self._midi_out.clear_buffer()
        for number in range(min(len(self.midi), 4)):
            self._midi_out.write_midi_event(number, self.midi.popleft())
        sound = self._sounds[self.playing]
        for output in self._out:
            output.get_array()[:] = sound[self._at : self._at + frames]
        self._at = (self._at + frames) % RATE
        self._hearing.hear([input_.get_array() for input_ in self._in])


def _listen_to_orders(ear: Ear) -> None:
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "source":
            ear.playing = rest
        elif word == "midi":
            ear.midi.extend(bytes.fromhex(part) for part in rest.split())
    os._exit(0)  # whoever gave the orders is gone


def main() -> None:
    """Hear until the JACK server or whoever gives the orders goes."""
    ear = Ear()
    threading.Thread(target=_listen_to_orders, args=(ear,), daemon=True).start()
    while not ear.gone.is_set():
        try:
            connected = ear.connect()
        except jack.JackError:  # a port went while it was being joined
            connected = False
        time.sleep(REPORT_SECONDS)
        print(json.dumps({**ear.report(), "connected": connected}), flush=True)
    os._exit(JACK_IS_GONE)  # the library cannot leave a server that is gone


if __name__ == "__main__":
    main()
