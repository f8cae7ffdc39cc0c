"""`innerear live --record`, with real JACK audio: the file holds what was heard, to the sample."""

import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from .conftest import PERIOD, RATE, JackServer, Probe, running
from .test_live import COMMAND, noise, started
from .test_live_terminal import Terminal, terminal

__all__ = ["terminal"]


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def place(whole: np.ndarray, part: np.ndarray) -> int:
    """Return where in `whole` the beginning of `part` stands, exactly."""
    first = part[0, :64]
    views = np.lib.stride_tricks.sliding_window_view(whole[0], len(first))
    (at, *_) = np.flatnonzero((views == first).all(axis=1))
    return int(at)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_what_is_heard_is_recorded(
    jack_server: JackServer,
    probe: Probe,
    toy_pack: Path,
    tmp_path: Path,
    how: signal.Signals,
) -> None:
    path, log = tmp_path / "out.wav", tmp_path / "log"
    options = ["live", "--model", str(toy_pack), "--feedback", "0.4", "--record", str(path)]
    with running([*COMMAND, *options, "--record-input"], jack_server, log) as live:
        started(log)
        while "recording to" not in log.read_text():
            time.sleep(0.05)
        probe.connect()
        sound = 0.3 * noise(4 * RATE)
        heard = probe.play_and_record(sound)  # faster than it is heard, but less than is kept
        ended = time.monotonic()
        if how == signal.SIGKILL:
            time.sleep(max(0.0, ended + 1.0 - time.monotonic()))
        os.kill(live.pid, how)
        assert live.wait(20) == (0 if how == signal.SIGINT else -signal.SIGKILL)
    output, dry = read(path), read(tmp_path / "out-input.wav")
    at = place(dry, sound)
    np.testing.assert_array_equal(dry[:, at : at + sound.shape[1]], sound)
    # What the program gives, the probe hears in the next cycle.
    came = heard[:, PERIOD:]
    np.testing.assert_array_equal(output[:, at : at + came.shape[1]], came)
    assert np.abs(came).max() > 0.01


def test_nothing_is_recorded_over(jack_server: JackServer, toy_pack: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.flac"
    path.write_bytes(b"mine")
    done = subprocess.run(
        [*COMMAND, "live", "--model", str(toy_pack), "--record", str(path)],
        env=jack_server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == f"innerear: error: {path} is there already; name another file\n"
    assert path.read_bytes() == b"mine"


def test_a_key_begins_and_ends_a_recording(terminal: Terminal) -> None:
    terminal.wait_for("r record")  # it takes single keys from then on
    terminal.type("r")
    terminal.wait_for(r"recording to \S+innerear-\S+\.flac")
    time.sleep(0.5)
    terminal.type("r")
    said = terminal.wait_for(r"recorded [\d.]+ s to \S+\.flac")
    path = Path(said.split(" to ")[1])
    try:
        assert soundfile.info(path).frames > 0.3 * RATE
    finally:
        path.unlink()
    terminal.type("q")
    assert terminal.process.wait(20) == 0
