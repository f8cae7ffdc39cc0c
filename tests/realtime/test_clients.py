"""One audio server with several clients: attach and detach, MIDI, actions, presets."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from innerear.engine.errors import DeviceError, ParameterError
from innerear.engine.live.registry import running_servers
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet

from .conftest import JackServer
from .test_recovery import messages, wait_for

CLIENT = """
import sys
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.live.session import Session
session = Session(parameters=ParameterSet(model=sys.argv[1], step=0.75))
session.start(keep_alive=True)
print(session.folder, flush=True)
import time
time.sleep(60)
"""

TURN = """
import sys, time, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="knobs")
out.open_virtual_port("out")
print("ready", flush=True)
for line in sys.stdin:
    out.send_message([int(word) for word in line.split()])
"""


@pytest.fixture
def environment(
    jack_server: JackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> dict[str, str]:
    """Use the server, and folders of our own."""
    folders = {
        name: str(tmp_path) for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    }
    values = {**jack_server.environment, **folders}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


@pytest.fixture
def session(environment: dict[str, str], toy_pack: Path) -> Iterator[Session]:
    with Session(parameters=ParameterSet(model=str(toy_pack))) as made:
        made.start()
        yield made


def test_a_client_that_is_killed_leaves_the_sound_to_another(
    environment: dict[str, str], toy_pack: Path
) -> None:
    with pytest.raises(DeviceError, match="No audio engine plays"):
        Session.attach()
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(toy_pack)], env=environment, stdout=subprocess.PIPE
    )
    assert client.stdout is not None
    folder = Path(client.stdout.readline().decode().strip())
    client.kill()
    client.wait()
    client.stdout.close()
    assert running_servers() == [folder]
    first = Session.attach()
    try:
        assert first.parameters["step"] == 0.75
        blocks = wait_for(first, lambda status: status.playing).blocks
        wait_for(first, lambda status: status.blocks > blocks)
        first.set("step", 1.25)
        first.detach()
        first.close()  # as a window does: the sound goes on
        second = Session.attach(folder)
        assert second.parameters["step"] == 1.25
        assert second.pack.name == "toy-tones"
        second.close()
        assert running_servers() == []
        assert not folder.exists()
    finally:
        first.close()


def test_a_server_that_no_client_can_join_any_more_ends(
    environment: dict[str, str], toy_pack: Path
) -> None:
    session = Session(parameters=ParameterSet(model=str(toy_pack)))
    session.start(keep_alive=True)
    process = session._server.process
    assert process is not None
    shutil.rmtree(session.folder)
    assert process.wait(20) == 0
    assert running_servers() == []
    session.close()


def test_a_midi_knob_is_learned_and_turns(session: Session, environment: dict[str, str]) -> None:
    knobs = subprocess.Popen(
        [sys.executable, "-c", TURN],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert knobs.stdin is not None
    assert knobs.stdout is not None
    try:
        assert knobs.stdout.readline() == "ready\n"
        wait_for(session, lambda status: bool(status.midi.ports))
        session.midi_learn("mix")
        wait_for(session, lambda status: status.midi.learning == "mix")
        for value in (60, 61, 62, 63, 64, 64, 64):
            print(0xB0, 7, value, file=knobs.stdin, flush=True)
            time.sleep(0.02)
        wait_for(session, lambda status: "mix" in status.midi.bound)
        # From where the knob is up to where the parameter is, 1, then down: faster than a hand, but
        # not in one burst, of which JACK's ports lose a part.
        for value in (*range(64, 128), *range(127, 31, -1)):
            print(0xB0, 7, value, file=knobs.stdin, flush=True)
            time.sleep(0.004)
        wait_for(session, lambda status: abs(session.parameters.number("mix") - 32 / 127) < 0.01)
        assert (Path(environment["XDG_CONFIG_HOME"]) / "innerear/midi/learned.json").exists()
    finally:
        knobs.stdin.close()
        knobs.wait(10)
        knobs.stdout.close()


def test_buttons_and_presets(session: Session) -> None:
    wait_for(session, lambda status: status.playing)
    session.action("bypass")
    wait_for(session, lambda status: session.parameters.switch("bypass"))
    session.action("record")
    wait_for(session, lambda status: status.requested["record"] == 1)
    with pytest.raises(ParameterError, match="panic"):
        session.action("panik")
    session.action("preset", 999)
    wait_for(session, lambda status: "There is no preset 999" in messages(status))
    session.set_slot("b", "wet", {"feedback": 1.0})
    session.set("morph", 0.5)
    wait_for(session, lambda status: session.parameters.number("feedback") == pytest.approx(0.5))
    session.action("panic")
    wait_for(session, lambda status: status.playing and not status.problem)


def test_another_model_is_loaded_while_it_plays(session: Session) -> None:
    wait_for(session, lambda status: status.model == "toy-tones")
    session.set("model", "samplecnn-digits")
    wait_for(session, lambda status: status.model == "samplecnn-digits")
    assert "seven" in session.parameters.options["target"]
    session.parameters.set("model", "no-such-model")
    told = wait_for(session, lambda status: "no-such-model" in messages(status))
    assert told.model == "samplecnn-digits"
    assert session.parameters["model"] == "samplecnn-digits"
    assert messages(told).count("no-such-model") == 1


def test_a_request_without_the_secret_is_refused(
    session: Session, require: Callable[..., None]
) -> None:
    import json
    import socket

    port = session._server.address.port
    for line in (b'{"do": "quit"}\n', b"[1]\n", b"\xff\n"):
        with socket.create_connection(("127.0.0.1", port)) as stranger:
            stranger.sendall(line)
            answer = stranger.makefile()
            assert "error" in json.loads(answer.readline())
            assert answer.read() == "", "and dropped"
    assert wait_for(session, lambda status: status.playing).pid
