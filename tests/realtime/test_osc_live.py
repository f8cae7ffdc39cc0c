"""OSC sets the parameters of an audio server that plays, and sends telemetry."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from innerear.engine.control.presets import Preset, save_preset
from innerear.engine.errors import DeviceError
from innerear.engine.live.osc_client import OscClient
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS

from ..engine.control.test_osc_server import Client
from .conftest import JackServer
from .test_recovery import wait_for


@pytest.fixture
def session(
    jack_server: JackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, toy_pack: Path
) -> Iterator[Session]:
    folders = ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    for name, value in {**jack_server.environment, **dict.fromkeys(folders, str(tmp_path))}.items():
        monkeypatch.setenv(name, value)
    shutil.copytree(toy_pack, tmp_path / "innerear" / "models" / toy_pack.name)
    with Session(parameters=ParameterSet(model=toy_pack.name)) as made:
        made.start()
        yield made


def test_knobs_buttons_presets_and_telemetry(session: Session) -> None:
    with OscClient(session.folder, port=0) as osc:
        client = Client(osc.server.port)
        client.send("step", 0.25)
        assert client.ask("step") == ("step", 0.25)
        assert session.parameters["step"] == 0.25
        assert "no target 'Lo'" in str(client.ask("target", "Lo")[1])
        save_preset(Preset("high", {"model": "toy-tones", "step": 1.5, "target": "High tone"}))
        client.send("preset", "high")
        assert client.ask("step") == ("step", 1.5)
        assert session.parameters["target"] == "High tone"
        before = session.parameters.number("tempo_bpm")
        client.send("panic")
        assert client.ask("tempo_bpm") == ("tempo_bpm", before)
        client.send("subscribe")
        client.receive_until(lambda message: message == ("telemetry/playing", True))
        output = client.receive_until(lambda message: message[0] == "telemetry/output")
        assert all(0.0 <= float(str(level)) <= 1.0 for level in output[1:])
        session.set("mix", 0.5)  # turned by another hand
        client.receive_until(lambda message: message == ("mix", 0.5))
        assert osc.query is not None
        with urlopen(f"http://127.0.0.1:{osc.query.port}/innerear") as answer:
            nodes = json.load(answer)["CONTENTS"]
        assert {id: nodes[id]["VALUE"] for id in PARAMETERS} == {
            id: [value] for id, value in session.parameters.as_dict().items()
        }
        assert nodes["panic"]["ACCESS"] == 2
    wait_for(session, lambda status: status.playing)


def test_a_port_that_is_taken_leaves_the_server_alone(session: Session) -> None:
    with OscClient(session.folder, port=0) as osc:
        with pytest.raises(DeviceError, match="is taken"):
            OscClient(session.folder, port=osc.server.port)
        assert Client(osc.server.port).ask("step")[0] == "step"
    blocks = wait_for(session, lambda status: status.playing).blocks
    wait_for(session, lambda status: status.blocks > blocks)


def test_without_the_extra_one_line_says_so(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innerear.engine.optional.find_spec", lambda name: None)
    with OscClient(session.folder, port=0) as osc:
        assert "pip install 'innerear[sync]'" in osc.note
        assert osc.query is not None
        assert Client(osc.server.port).ask("step")[0] == "step"


def test_from_the_command_line(jack_server: JackServer, tmp_path: Path, toy_pack: Path) -> None:
    command = [sys.executable, "-m", "innerear.cli", "live", "--model", str(toy_pack)]
    playing = subprocess.Popen(
        [*command, "--osc", "0", "--step", "0.75", "--seconds", "60"],
        env={**jack_server.environment, "XDG_RUNTIME_DIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert playing.stderr is not None
        said = playing.stderr.readline()
        assert said.startswith("listening for OSC at 127.0.0.1, port ")
        client = Client(int(said.split()[-1]))
        assert client.ask("step") == ("step", 0.75)
        playing.terminate()
        playing.communicate(timeout=30)
    finally:
        playing.kill()
        playing.wait()
