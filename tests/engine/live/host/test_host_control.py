"""Values, tempo, MIDI and states between a plug-in's host and its audio server."""

from pathlib import Path

import numpy as np
import pytest

from innerear.engine.live.host.host_control import HostControl
from innerear.engine.parameter_values import ParameterSet

from .fake_shell import FakeShell

SILENCE = np.zeros((1, 64), np.float32)


class Server:
    """A host's control with all that it acts on."""

    def __init__(self, folder: Path) -> None:
        self.shell = FakeShell(folder)
        self.shell.begin()
        self.parameters = ParameterSet()
        self.midi: list[tuple[str, list[int]]] = []
        self.said: list[str] = []
        self.control = HostControl(
            self.shell.engine,
            self.parameters,
            lambda port, message, time: self.midi.append((port, message)),
            self.said.append,
        )

    def take(self) -> None:
        block = self.shell.engine.next()
        assert block is not None
        self.control.begin_block(block)
        self.shell.engine.done(block)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def test_the_hosts_values_are_the_numbers_that_were_meant(server: Server) -> None:
    changed = {"mix": 0.3, "range_db": 24 * np.float32(18.5 / 24), "combine": 2.0, "freeze": 1.0}
    server.shell.send(SILENCE, changed=changed)
    server.take()
    found = [server.parameters[id] for id in changed]
    assert found == [0.3, 18.5, "filter", True]


def test_the_host_hears_what_others_set_and_not_its_own(server: Server) -> None:
    server.shell.send(SILENCE, changed={"mix": 0.3})
    server.take()
    server.parameters.set("step", 1.5)
    server.parameters.set("delay_ms", "1/4")
    server.control.poll()
    assert server.shell.told() == {"step": 1.5, "delay_ms": 500.0}


def test_tempo_and_controllers_arrive(server: Server) -> None:
    server.shell.send(SILENCE, tempo_bpm=97.0, midi=((0xB0, 7, 64), (0xC0, 3)))
    server.take()
    assert server.parameters["tempo_bpm"] == 97.0
    assert server.midi == [("host", [0xB0, 7, 64]), ("host", [0xC0, 3])]
    server.parameters.set("tempo_bpm", 60.0)
    server.shell.send(SILENCE, tempo_bpm=97.0)
    server.take()
    assert server.parameters["tempo_bpm"] == 60.0, "the host's tempo has not changed"


def test_a_state_is_saved_and_taken(server: Server, tmp_path: Path) -> None:
    server.parameters.set("step", 0.7)
    server.control.poll()
    state = server.shell.state
    other = Server(_folder(tmp_path))
    other.shell.want(state)
    assert other.control.awaits_state
    other.control.poll()
    assert not other.control.awaits_state
    assert other.parameters["step"] == 0.7
    assert other.shell.told()["step"] == pytest.approx(0.7)
    assert other.shell.state == state


def test_a_state_is_even_after_a_server_that_was_killed_while_it_wrote(server: Server) -> None:
    """An odd version says that it is being written: a host would save what was there before."""
    present = server.shell._map["present"]
    present["version"] += 1
    for text in ("one", "two"):
        server.shell.engine.publish_state(text)
        assert present["version"][0] % 2 == 0
        assert server.shell.state == text


def test_what_is_no_state_is_said_and_changes_nothing(server: Server) -> None:
    server.shell.want("no JSON")
    before = server.parameters.as_dict()
    server.control.poll()
    assert "no state of Innerear" in server.said[0]
    assert server.parameters.as_dict() == before


def _folder(path: Path) -> Path:
    folder = path / "other"
    folder.mkdir()
    return folder


def test_what_no_shell_can_have_written_changes_nothing(server: Server) -> None:
    before = server.parameters.as_dict()
    server.shell.send(SILENCE)
    record = server.shell._map["blocks"][0][0]
    record["changed"] = 1 << 63
    record["samples"], record["tempo_bpm"], record["midi_count"] = 2**62, np.nan, -1
    server.take()
    assert server.parameters.as_dict() == before
    assert server.midi == []


def test_a_value_that_is_no_number_is_the_default(server: Server) -> None:
    for number in (np.nan, np.inf, -np.inf):
        server.shell.send(SILENCE, changed={"step": number, "combine": number})
        server.take()
        assert 0.0 <= server.parameters.number("step") <= 2.0
    server.shell.send(SILENCE, changed={"step": np.nan})
    server.take()
    assert server.parameters["step"] == ParameterSet()["step"]


def test_a_host_s_channel_is_cut_to_what_can_be(server: Server) -> None:
    header, engine = server.shell.header, server.shell.engine
    header["channels"], header["sample_rate"] = 10**9, np.nan
    assert engine.channels == 2
    assert engine.sample_rate > 0
    header["channels"], header["sample_rate"] = -1, np.inf
    assert engine.channels == 1
    assert engine.sample_rate > 0
    server.shell.send(SILENCE)
    server.shell._map["blocks"][0][0]["samples"] = 2**40
    block = engine.next()
    assert block is not None
    assert engine.sound(block, 1).shape[1] <= 1 << 17
