"""The probe itself adds nothing: through a plain wire, the sound comes back as it was."""

import sys
from pathlib import Path

import numpy as np

from .conftest import LOOP_SAMPLES, JackServer, Probe, running

WIRE = """
import sounddevice, time
def callback(indata, outdata, frames, time, status):
    outdata[:] = indata
with sounddevice.Stream(samplerate=48000, blocksize=0, channels=2, dtype="float32",
                        callback=callback):
    time.sleep(600)
"""


def test_a_wire_gives_back_what_it_gets(
    jack_server: JackServer, probe: Probe, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (2, 480_000)).astype(np.float32)
    with running([sys.executable, "-c", WIRE], jack_server, tmp_path / "log"):
        probe.connect("PortAudio")
        recorded = probe.play_and_record(noise)
    np.testing.assert_array_equal(recorded[:, LOOP_SAMPLES:], noise[:, :-LOOP_SAMPLES])
