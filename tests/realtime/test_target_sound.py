"""The target sound on real JACK audio: a sidechain, and a file that is set while it plays."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.errors import AudioFileError
from innerear.engine.io.audio_files import SoundWriter
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet

from ..thinning import thinned
from .conftest import RATE, JackServer, Probe, running, start_server
from .test_live import COMMAND, noise, started, tone_level
from .test_recovery import wait_for
from .test_replay import same


@pytest.fixture(scope="module")
def four_channels(
    require: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JackServer]:
    """Run a JACK server with four inputs."""
    require("jackd", "libjack", "portaudio")
    log = tmp_path_factory.mktemp("jack") / "jackd.log"
    with start_server(f"innerear-four-{os.getpid()}", log, 4) as server:
        yield server


@pytest.fixture
def server(
    four_channels: JackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> JackServer:
    """Let this process use the JACK server, with settings of its own."""
    for name, value in four_channels.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return four_channels


def _tone(hertz: float, samples: int) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE)).astype(np.float32)


def test_a_tone_in_the_sidechain_is_dreamed_into_the_sound(
    four_channels: JackServer, toy_pack: Path, tmp_path: Path
) -> None:
    """The network hears tones of 240, 1000 and 4000 Hz; the sidechain has one, then another.

    On a busy machine few dreams arrive in a second, so the other one is played as long as it needs.
    """
    probe = Probe(four_channels, 4, recorded=2)
    options = ["live", "--model", str(toy_pack), "--layer", "tones", "--colour", "0"]
    sound = 0.2 * noise(2 * RATE)

    def lead(wanted: float) -> float:
        """Return how far 4000 Hz has risen above the other two, beside a tone of `wanted` hertz.

        A band whose tone is no longer wanted may stay where it is, so they are compared together.
        """
        beside = np.stack((_tone(wanted, 2 * RATE), _tone(3000, 2 * RATE)))
        recorded = probe.play_and_record(np.concatenate((sound, beside)), freewheel=False)
        high, *others, beyond = (
            tone_level(recorded, hertz) / tone_level(sound, hertz)
            for hertz in (4000, 1000, 240, 3000)
        )
        # The sidechain itself is not in the sound: its tone would rise a hundred times.
        assert beyond < 10
        return high / max(others)

    with running([*COMMAND, *options, "--target-input", "3,4"], four_channels, tmp_path / "log"):
        started(tmp_path / "log")
        probe.connect()
        before = [lead(1000) for _ in range(2)][-1]
        assert any(lead(4000) > 2 * before for _ in range(20))
    probe.close()


def test_a_performance_with_a_sidechain_is_replayed_bit_for_bit(
    server: JackServer, toy_pack: Path, tmp_path: Path
) -> None:
    probe = Probe(server, 4, recorded=2)
    values = ParameterSet(model=str(toy_pack), layer="tones", target="sound")
    with Session(parameters=values) as session:
        session.start(log=tmp_path / "log", sidechain=(3, 4))
        wait_for(session, lambda status: status.dreams.count > 5)
        session.start_recording(tmp_path / "out.wav", with_input=True)
        probe.connect()
        beside = np.stack((_tone(1000, 3 * RATE), _tone(240, 3 * RATE)))
        both = np.concatenate((0.4 * noise(3 * RATE), beside))
        probe.play_and_record(both, freewheel=False)
        status = wait_for(session, lambda status: status.dreams.count > 20)
        assert status.target == "what the sidechain sounds like"
        assert status.problem == ""
        assert status.channels == 2
        session.stop_recording()
        session.stop()
    probe.close()
    assert same(tmp_path / "log", tmp_path / "out.wav", tmp_path) > RATE


def test_a_file_is_set_while_it_plays(server: JackServer, toy_pack: Path, tmp_path: Path) -> None:
    with SoundWriter(tmp_path / "tone.wav", RATE, 1) as writer:
        writer.write(_tone(1000, RATE)[np.newaxis])
    with Session(parameters=ParameterSet(model=str(toy_pack))) as session:
        session.start()
        session.set("target", "sound")
        missing = wait_for(session, lambda status: bool(status.problem))
        assert "needs a target sound" in missing.problem
        with pytest.raises(AudioFileError, match="no such file"):
            session.set("target_sound", str(tmp_path / "missing.wav"))
        session.set("target_sound", str(tmp_path / "tone.wav"))
        playing = wait_for(session, lambda status: not status.problem and "tone" in status.target)
        assert playing.target == "what tone.wav sounds like"
        # Another client, such as a controller, sets what the server itself has to refuse.
        session.parameters.set("target_sound", str(tmp_path / "missing.wav"))
        refused = wait_for(session, lambda status: "missing.wav" in status.problem)
        assert refused.target == "what tone.wav sounds like"
        dreams = refused.dreams.count
        time.sleep(0.2)
        wait_for(session, lambda status: status.dreams.count > dreams)


REFUSED = [
    (["--target-input", "5"], "no channel 5 for the sidechain"),
    (["--target-input", "1,2,3,4"], "no channel besides the sidechain"),
    (["--target-input", "3", "--channels", "4"], "3 channels besides the sidechain, not 4"),
    (["--target-input", "three"], "write channels, such as 3,4"),
    (["--target-input", "3", "--file", "x.wav"], "leave --file out"),
    (["--target", "sound"], "needs a target sound"),
]


@pytest.mark.parametrize(("options", "words"), thinned(REFUSED, [REFUSED[0], REFUSED[5]]))
def test_a_sidechain_that_cannot_be_is_one_line(
    four_channels: JackServer, toy_pack: Path, tmp_path: Path, options: list[str], words: str
) -> None:
    log = tmp_path / "log"
    with running(
        [*COMMAND, "live", "--model", str(toy_pack), *options], four_channels, log
    ) as process:
        assert process.wait(60) == 2
    text = log.read_text()
    assert text.count("\n") == 1
    assert words in text
