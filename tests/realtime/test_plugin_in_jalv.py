"""The LV2 plug-in in a host of other people's: `jalv`, which runs it as a client of JACK."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from innerear.plugin.formats import FormatName

from .conftest import LOOP_SAMPLES, RATE, JackServer, Probe

URI = "urn:innerear:plugin"
NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 2 * RATE)).astype(np.float32)


class Jalv:
    """A running `jalv`, and its prompt."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process, self._log = process, log

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def await_value(self, symbol: str, value: float, command: str = "controls") -> None:
        """Wait until a port that `controls` or `monitors` lists has a value."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            asked = len(self._log.read_text())
            self.tell(command)
            time.sleep(0.1)
            found = re.search(rf"^(?:> )*{symbol} = (\S+)$", self._log.read_text()[asked:], re.M)
            if found is not None and float(found[1]) == value:
                return
        raise AssertionError(f"{symbol} does not become {value}:\n{self._log.read_text()}")


@contextmanager
def running_jalv(server: JackServer, bundle: Path, log: Path, *options: str) -> Iterator[Jalv]:
    environment = {**os.environ, **server.environment, "LV2_PATH": str(bundle.parent)}
    with log.open("w") as file:
        process = subprocess.Popen(
            ["stdbuf", "-oL", "jalv", "-n", "jalv", *options, URI],
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
        )
    try:
        yield Jalv(process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def reported_latency(server: JackServer) -> int:
    """Return the plug-in's latency in samples, as jalv tells JACK: at its inputs."""
    ports = ["jack_lsp", "-s", server.name, "-l", "jalv:lv2_audio_in_1"]
    listed = subprocess.run(ports, env=server.environment, capture_output=True, check=True).stdout
    (latency,) = re.findall(rb"port capture latency = \[ \d+ (\d+) \]", listed)
    return int(latency)


@pytest.fixture
def bundle(
    plugins: Mapping[FormatName, Path],
    require: Callable[..., None],
    toy_pack: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Return the plug-in's bundle; the user has the toy network."""
    require("jalv")
    shutil.copytree(toy_pack, tmp_path / "data/innerear/models" / toy_pack.name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return plugins[FormatName.LV2]


def test_it_plays_in_jalv(
    bundle: Path, jack_server: JackServer, probe: Probe, tmp_path: Path
) -> None:
    with running_jalv(jack_server, bundle, tmp_path / "jalv.log", "-c", "mix=0") as host:
        host.await_value("engine", 1, "monitors")
        probe.connect("jalv")
        probe.play_and_record(NOISE[:, :RATE], freewheel=False)
        latency = reported_latency(jack_server)
        delay = latency + LOOP_SAMPLES
        out = probe.play_and_record(NOISE, freewheel=False)
        # In real time the probe itself, a Python program, loses a block now and then.
        assert np.mean(out[:, delay:] == NOISE[:, :-delay]) > 0.8

        host.tell("set output_db -20")
        out = probe.play_and_record(NOISE, freewheel=False)
        heard, given = (np.median(np.abs(each[:, -RATE // 2 :])) for each in (out, NOISE))
        assert heard == pytest.approx(0.1 * given, rel=0.05)

        host.tell("set output_db 0")
        host.tell("set mix 1")
        out = probe.play_and_record(NOISE, freewheel=False)
        change = (out[:, delay:] - NOISE[:, :-delay])[:, -RATE // 2 :]
        assert np.sqrt(np.mean(change**2)) > 0.01
        assert np.abs(out).max() <= 1.0
        assert reported_latency(jack_server) == latency
