"""Real MIDI between processes, through JACK: `innerear midi monitor` listens to our device."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from innerear.engine.control.midi import MidiController, MidiPorts
from innerear.engine.control.midi.systems import PlainSystem
from innerear.engine.errors import DeviceError
from innerear.engine.parameter_values import ParameterSet

from .conftest import JackServer, running, start_server
from .midi_device import MidiDevice, wait

COMMAND = [sys.executable, "-m", "innerear.cli", "midi"]
PORT = "knobs:midi_capture_1"
OPEN = f"The MIDI port {PORT} is open."


@pytest.fixture(autouse=True)
def _rtmidi(require: Callable[..., None]) -> None:
    require("rtmidi")


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
        wait(lambda: OPEN in heard.news())
        values = [*range(126, -1, -1), *range(1, 128)]
        device.change(1, *values)
        wait(lambda: len(heard.values("mix")) == len(values))
        sent = [line["value"] for line in heard.lines if line.get("message") == "control-change"]
        assert sent == values
        assert heard.values("mix") == pytest.approx([value / 127 for value in values])


def test_a_port_that_is_unplugged_comes_back(jack_server: JackServer, tmp_path: Path) -> None:
    with monitor(jack_server, tmp_path, {"control": cc(1), "parameter": "mix"}) as heard:
        for value in (0, 127, 0):
            with MidiDevice(jack_server) as device:
                wait(lambda: heard.news().endswith((OPEN, f"The MIDI port {PORT} is back.")))
                device.change(1, value)
                wait(lambda value=value: heard.values("mix")[-1:] == [value / 127])
            wait(lambda: heard.news().endswith(f"The MIDI port {PORT} was unplugged."))
        assert heard.values("mix") == [0.0, 1.0, 0.0]


def test_a_server_that_ends_comes_back(
    require: Callable[..., None], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    require("jackd", "libjack")
    name = f"innerear-midi-{os.getpid()}"
    log = tmp_path_factory.mktemp("jack") / "jackd.log"
    with ExitStack() as stack:
        with start_server(name, log) as server, MidiDevice(server) as device:
            binding = {"control": cc(1), "parameter": "mix"}
            heard = stack.enter_context(monitor(server, tmp_path, binding))
            wait(lambda: OPEN in heard.news())
            device.change(1, 0)
            wait(lambda: heard.values("mix") == [0.0])
        wait(lambda: "There is no MIDI system here" in heard.news())
        with start_server(name, log) as server, MidiDevice(server) as device:
            wait(lambda: f"The MIDI port {PORT} is back." in heard.news())
            device.change(1, 127)
            wait(lambda: heard.values("mix") == [0.0, 1.0])


def test_lights_show_what_another_control_changed(jack_server: JackServer, tmp_path: Path) -> None:
    bindings = [{"control": cc(number), "parameter": "mix"} for number in (1, 2)]
    with (
        MidiDevice(jack_server) as device,
        monitor(jack_server, tmp_path, *bindings, port="knobs", feedback=True),
    ):
        # Both are shown where the parameter stands.
        wait(lambda: {bytes((0xB0, 1, 127)), bytes((0xB0, 2, 127))} <= set(device.received))
        device.received.clear()
        device.change(1, *range(126, 19, -1))
        wait(lambda: bytes((0xB0, 2, 20)) in device.received)
        # Control 1 is not told what it said itself.
        assert all(message[1] == 2 for message in device.received)


def test_a_clock_gives_the_tempo(jack_server: JackServer, tmp_path: Path) -> None:
    with MidiDevice(jack_server) as device, monitor(jack_server, tmp_path) as heard:
        wait(lambda: OPEN in heard.news())
        device.play_clock(93.0, seconds=5)
        wait(lambda: heard.values("tempo_bpm"))
        # Within 2 %: our clock is late now and then on a machine that others use as well.
        assert heard.values("tempo_bpm")[-1] == pytest.approx(93.0, rel=0.02)
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
        assert learning.stderr is not None
        while OPEN not in learning.stderr.readline():
            assert learning.poll() is None
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


def test_rtmidi_alone_opens_ports_as_it_does_on_other_systems(
    jack_server: JackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rtmidi

    monkeypatch.setenv("JACK_DEFAULT_SERVER", jack_server.name)
    system = PlainSystem(rtmidi.API_UNIX_JACK, "plain")
    heard: list[tuple[str, list[int]]] = []
    with MidiDevice(jack_server) as device:
        assert PORT in system.inputs()
        lights = next(name for name in system.outputs() if name.startswith("knobs"))
        source = system.open_input(PORT, lambda name, message: heard.append((name, message)))
        sink = system.open_output(lights)
        device.change(1, 64, 65)
        sink.send(b"\xb0\x01\x40")
        wait(lambda: len(heard) == 2 and device.received)
        assert heard == [(PORT, [0xB0, 1, 64]), (PORT, [0xB0, 1, 65])]
        assert device.received == [b"\xb0\x01\x40"]
        source.close()
        sink.close()
    with pytest.raises(OSError, match="gone"):
        system.open_input(PORT, lambda name, message: None)
    system.close()


def test_a_port_that_is_asked_for_is_waited_for(
    jack_server: JackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", jack_server.name)
    seconds = iter(range(1000))
    controller = MidiController(ParameterSet())
    ports = MidiPorts(controller, ["KNOBS"], api="jack", now=lambda: float(next(seconds)))
    try:
        with MidiDevice(jack_server, "drums"):
            (line,) = ports.open()
            assert line == ports.problem == "There is no MIDI port 'KNOBS'; it is waited for."
            assert ports.poll() == []
        with MidiDevice(jack_server):
            assert ports.poll() == [OPEN]
            assert ports.names == (PORT,)
            assert ports.problem == ""
    finally:
        ports.close()
    assert ports.names == ()


def test_a_midi_system_that_does_not_exist_is_refused() -> None:
    with pytest.raises(DeviceError, match="Did you mean jack"):
        MidiPorts(MidiController(ParameterSet()), api="jac")


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
    found = json.loads(done.stdout)
    assert found["system"] == "jack"
    assert found["inputs"] == [PORT]
    assert len(found["outputs"]) == 1
    assert found["outputs"][0].startswith("knobs")


def test_without_a_midi_system_it_goes_on_and_says_so_once(require: Callable[..., None]) -> None:
    environment = {**os.environ, "JACK_DEFAULT_SERVER": "nobody", "JACK_NO_START_SERVER": "1"}
    done = subprocess.run(
        [*COMMAND, "monitor", "--api", "jack", "--seconds", "5"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == ""
    assert done.stderr == "There is no MIDI system here: controllers cannot be used.\n"
