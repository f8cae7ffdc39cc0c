"""A JACK client that plays into the audio server and records it, sample by sample.

`python -m innerear.cli.bench.jack_probe phrase|noise|knob SECONDS` prints what it found as JSON. It
is a process of its own, so that it takes no time from the one that starts it.
"""

import errno
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ...engine.arrays import Float
from ...engine.dsp.demo_phrase import short_phrase
from ...engine.io.jack.connections import CLIENT_NAME

PORTS = f"^{CLIENT_NAME}:"
"""The audio server's."""
KNOB = 20
"""The MIDI control change that is sent."""
KNOB_SECONDS = 0.2
"""Between two turns of the knob."""
STEADY = np.float32(0.1)
CONNECTING_SECONDS = 3.0
"""By then the audio server has seen our MIDI port."""
PORT_SECONDS = 20.0
CHANGED = 1e-6


class JackProbe:
    """Plays a sound in a loop, turns a MIDI knob now and then, and records."""

    def __init__(self, sound: Float, seconds: float, knob: bool) -> None:
        """Join the server.

        Args:
            sound: (samples,), repeated.
            seconds: to record.
            knob: whether to send control changes.
        """
        import jack

        self._refusal = jack.JackErrorCode
        self._client = jack.Client("measuring", no_start_server=True)
        self.rate = self._client.samplerate
        self.block = self._client.blocksize
        self._sound = np.concatenate((sound, sound[: self.block]))
        self._length = len(sound)
        self.recorded = np.zeros(round(seconds * self.rate), np.float32)
        self.turned: list[int] = []
        self._every = max(self.block, round(KNOB_SECONDS * self.rate)) if knob else 0
        self._next = self._every
        self._position = -1
        self._outputs = [self._client.outports.register(f"out_{n}") for n in (1, 2)]
        self._inputs = [self._client.inports.register(f"in_{n}") for n in (1, 2)]
        self._midi = self._client.midi_outports.register("knob")
        self._client.set_process_callback(self._process)
        self._client.activate()

    def connect(self) -> None:
        """Take the place of the sound card."""
        theirs_in = self._wait_for(is_audio=True, is_input=True, name_pattern=PORTS)
        theirs_out = self._wait_for(is_audio=True, is_output=True, name_pattern=PORTS)
        for our, their in zip(self._outputs, theirs_in, strict=False):
            for other in self._client.get_all_connections(their):
                self._client.disconnect(other, their)
            self._join(our, their)
        self._join(theirs_out[0], self._inputs[0])

    def _join(self, source: Any, sink: Any) -> None:
        """Connect two ports; the instrument may have been faster, which knows them from before."""
        try:
            self._client.connect(source, sink)
        except self._refusal as problem:
            if problem.code != errno.EEXIST:
                raise

    def run(self) -> None:
        """Play and record to the end."""
        self._position = 0
        while self._position < len(self.recorded):
            time.sleep(0.05)
        self._client.deactivate()
        self._client.close()

    def _wait_for(self, name_pattern: str, **kind: Any) -> list[Any]:
        deadline = time.monotonic() + PORT_SECONDS
        while time.monotonic() < deadline:
            ports = self._client.get_ports(name_pattern, **kind)
            if len(ports) > 1:
                return list(ports)
            time.sleep(0.05)
        raise TimeoutError(f"no ports of {name_pattern}")

    def _process(self, frames: int) -> None:
        self._midi.clear_buffer()
        start = self._position
        at = max(start, 0) % self._length
        for output in self._outputs:
            output.get_array()[:] = self._sound[at : at + frames]
        if start < 0:
            return
        count = min(frames, len(self.recorded) - start)
        if count > 0:
            self.recorded[start : start + count] = self._inputs[0].get_array()[:count]
        if self._every and start >= self._next and start + self._every < len(self.recorded):
            self._next = start + self._every
            value = 127 if len(self.turned) % 2 else 0
            self._midi.write_midi_event(0, (0xB0, KNOB, value))
            self.turned.append(start)
        self._position = start + frames


def knob_to_ear_ms(recorded: Float, turned: list[int], block: int, rate: int) -> list[float]:
    """Return the time from each control change to the first sample that it changed.

    Without the one block that JACK itself takes from the probe through a client and back.
    """
    found = []
    for at in turned:
        before = recorded[at - 1]
        later = np.flatnonzero(np.abs(recorded[at:] - before) > CHANGED)
        if len(later):
            found.append(1000.0 * (int(later[0]) - block) / rate)
    return found


def main(what: str, seconds: float) -> None:
    """Play a phrase, noise, or a constant with a knob turned, and print what was found."""
    sounds: dict[str, Callable[[], Float]] = {
        "phrase": lambda: np.asarray(short_phrase(), np.float32).reshape(-1),
        "noise": lambda: np.random.default_rng(0).uniform(-0.3, 0.3, 48_000).astype(np.float32),
        "knob": lambda: np.full(4096, STEADY, np.float32),
    }
    knob, sound = what == "knob", sounds[what]()
    probe = JackProbe(sound, seconds, knob)
    probe.connect()
    time.sleep(CONNECTING_SECONDS)
    print("playing", flush=True)
    probe.run()
    times = knob_to_ear_ms(probe.recorded, probe.turned, probe.block, probe.rate)
    peak = float(np.abs(probe.recorded).max())
    print(json.dumps({"knob_to_ear_ms": times, "turned": len(probe.turned), "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
