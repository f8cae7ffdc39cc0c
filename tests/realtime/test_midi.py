"""Real MIDI between processes, through JACK: `innerear midi monitor` listens to our device."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .conftest import JackServer, running
from .midi_device import MidiDevice, wait

COMMAND = [sys.executable, "-m", "innerear.cli", "midi"]
PORT = "knobs:midi_capture_1"


class Monitor:
    """The lines that a running `innerear midi monitor --json` has written."""

    def __init__(self, log: Path) -> None:
        self._log = log

    @property
    def lines(self) -> list[dict[str, Any]]:
        complete = self._log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in complete.splitlines() if line.startswith("{")]

    def values(self, id: str) -> list[Any]:
        return [line["value"] for line in self.lines if line.get("parameter") == id]

    def news(self) -> str:
        return " ".join(line["news"] for line in self.lines if "news" in line)


@contextmanager
def monitor(server: JackServer, folder: Path, *bindings: dict, **fields: Any) -> Iterator[Monitor]:
    """Run the monitor with a mapping; the jump takeover unless said otherwise."""
    mapping = {"schema_version": 1, "takeover": "jump", **fields, "bindings": bindings}
    file = folder / "mapping.json"
    file.write_text(json.dumps(mapping))
    command = [*COMMAND, "monitor", "--json", "--mapping", str(file), "--api", "jack"]
    with running(command, server, folder / "log"):
        yield Monitor(folder / "log")


def cc(number: int) -> dict:
    return {"kind": "cc", "number": number}


def test_control_changes_arrive_in_order_and_turn_the_parameter(
    jack_server: JackServer, tmp_path: Path
) -> None:
    with (
        MidiDevice(jack_server) as device,
        monitor(jack_server, tmp_path, {"control": cc(1), "parameter": "mix"}) as heard,
    ):
        device.wait_until_connected()
        values = [*range(126, -1, -1), *range(1, 128)]
        device.change(1, *values)
        wait(lambda: len(heard.values("mix")) == len(values))
        sent = [line["value"] for line in heard.lines if line.get("message") == "control-change"]
        assert sent == values
        assert heard.values("mix") == pytest.approx([value / 127 for value in values])


def test_a_port_that_is_unplugged_comes_back(jack_server: JackServer, tmp_path: Path) -> None:
    with monitor(jack_server, tmp_path, {"control": cc(1), "parameter": "mix"}) as heard:
        with MidiDevice(jack_server) as device:
            device.wait_until_connected()
            device.change(1, 0)
            wait(lambda: heard.values("mix") == [0.0])
        wait(lambda: f"The MIDI port {PORT} was unplugged." in heard.news())
        with MidiDevice(jack_server) as device:
            device.wait_until_connected()
            device.change(1, 127)
            wait(lambda: heard.values("mix") == [0.0, 1.0])
        assert f"The MIDI port {PORT} is back." in heard.news()


def test_lights_show_what_another_control_changed(jack_server: JackServer, tmp_path: Path) -> None:
    bindings = [{"control": cc(number), "parameter": "mix"} for number in (1, 2)]
    with (
        MidiDevice(jack_server) as device,
        monitor(jack_server, tmp_path, *bindings, port="knobs", feedback=True),
    ):
        device.wait_until_connected(lights=True)
        # Both are shown where the parameter stands.
        wait(lambda: {bytes((0xB0, 1, 127)), bytes((0xB0, 2, 127))} <= set(device.received))
        device.received.clear()
        device.change(1, *range(126, 19, -1))
        wait(lambda: bytes((0xB0, 2, 20)) in device.received)
        # Control 1 is not told what it said itself.
        assert all(message[1] == 2 for message in device.received)


def test_a_clock_gives_the_tempo(jack_server: JackServer, tmp_path: Path) -> None:
    with MidiDevice(jack_server) as device, monitor(jack_server, tmp_path) as heard:
        device.wait_until_connected()
        device.start_clock(93.0)
        wait(lambda: heard.values("tempo_bpm"))
        time.sleep(3)
        # Within 1 %: pulses come at the edges of periods, on a machine that others use as well.
        assert heard.values("tempo_bpm")[-1] == pytest.approx(93.0, rel=0.01)
        actions = [line["action"] for line in heard.lines if "action" in line]
        assert actions == ["transport-start"]


def test_learn_writes_a_mapping(jack_server: JackServer, tmp_path: Path) -> None:
    environment = {**jack_server.environment, "XDG_CONFIG_HOME": str(tmp_path)}
    command = [*COMMAND, "learn", "feedback", "--to", "mine", "--values", "0.1", "0.8"]
    with (
        MidiDevice(jack_server) as device,
        subprocess.Popen(
            [*command, "--takeover", "scale", "--api", "jack"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as learning,
    ):
        device.wait_until_connected()
        device.change(7, 60, 61, 62, 63, 64)
        out, err = learning.communicate(timeout=30)
    assert learning.returncode == 0, err
    path = tmp_path / "innerear" / "midi" / "mine.json"
    assert out == f"cc 7, channel 1, {PORT} turns feedback; wrote {path}\n"
    (binding,) = json.loads(path.read_text())["bindings"]
    assert binding == {
        "control": {"kind": "cc", "number": 7, "channel": 1, "port": PORT},
        "parameter": "feedback",
        "values": [0.1, 0.8],
        "takeover": "scale",
    }


def test_ports_are_listed(jack_server: JackServer) -> None:
    with MidiDevice(jack_server):
        done = subprocess.run(
            [*COMMAND, "ports", "--json", "--api", "jack"],
            env=jack_server.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert json.loads(done.stdout) == {
        "system": "jack",
        "inputs": [PORT],
        "outputs": ["knobs:midi_playback_1"],
    }


def test_without_a_midi_system_it_goes_on_and_says_so_once(require: Callable[..., None]) -> None:
    environment = {**os.environ, "JACK_DEFAULT_SERVER": "nobody", "JACK_NO_START_SERVER": "1"}
    done = subprocess.run(
        [*COMMAND, "monitor", "--api", "jack", "--seconds", "2.5"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == ""
    assert done.stderr == "There is no MIDI system here; playing goes on without controllers.\n"
