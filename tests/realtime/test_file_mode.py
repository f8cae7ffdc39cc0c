"""A sound file in the place of an input: with a device, and with none at all."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear.engine.control.control_state import ControlState
from innerear.engine.errors import AudioFileError, DeviceError
from innerear.engine.io.file_stream import NO_DEVICE
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet

from ..thinning import thinned
from .conftest import JackServer, start_server
from .test_recovery import wait_for

RATE = 22_050


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Two seconds of noise, in stereo."""
    path = tmp_path / "song.wav"
    sound = np.random.default_rng(0).uniform(-0.3, 0.3, (2 * RATE, 2))
    soundfile.write(path, sound, RATE)
    return path


@pytest.fixture
def session(toy_pack: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Session]:
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with Session(parameters=ParameterSet(model=str(toy_pack), target="Middle tone")) as made:
        yield made


def without_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")


def test_with_no_sound_device_it_plays_on_for_the_eye(
    session: Session, song: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_devices(monkeypatch)
    session.start_file(song)
    status = wait_for(session, lambda status: status.dreams.count > 10)
    if status.output != NO_DEVICE:
        pytest.skip("this machine has a sound card")
    assert (status.sample_rate, status.channels, status.input) == (RATE, 2, "song.wav")
    assert status.file.duration_seconds == pytest.approx(2.0)
    assert session.sound is not None
    assert np.abs(session.sound.output.read(RATE // 10)).max() > 0.05
    session.set_file_playback(playing=False)
    paused = wait_for(session, lambda status: not status.file.playing)
    wait_for(session, lambda s: np.abs(session.sound.input.read(RATE // 10)).max() == 0.0)
    session.set_file_playback(playing=True, seconds=1.5, looping=False)
    wait_for(session, lambda status: not status.file.playing and not status.file.looping)
    other = tmp_path / "other.wav"
    soundfile.write(other, np.full(RATE, 0.1), RATE)
    session.open_file(other)
    wait_for(session, lambda status: status.input == "other.wav" and status.channels == 1)
    with pytest.raises(AudioFileError, match="no-such"):
        session.open_file(tmp_path / "no-such.wav")
    back = wait_for(session, lambda status: status.input == "other.wav")
    assert back.pid == paused.pid


def test_no_network_is_left_where_a_file_of_another_shape_plays(
    session: Session, song: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also not where the network was being changed just then."""
    without_devices(monkeypatch)
    session.start_file(song)
    mono = tmp_path / "mono.wav"
    soundfile.write(mono, np.full(RATE, 0.1), RATE)
    for path, channels in ((mono, 1), (song, 2), (mono, 1)):
        before = wait_for(session, lambda status: status.dreams.count > 3 and not status.changing)
        session.set("n_fft", 512 if session.parameters["n_fft"] == 1024 else 1024)
        time.sleep(0.1)  # it is being loaded, or is there just now
        session.open_file(path)
        wait_for(session, lambda s, n=channels: s.channels == n and s.dreams.count > 3)
        for pid in before.network_pids:
            wait_for(session, lambda status, pid=pid: not Path("/proc", str(pid)).exists())
        assert session.sound is not None
        wait_for(session, lambda s: np.abs(session.sound.output.read(RATE // 10)).max() > 0.01)
    pids = wait_for(session, lambda status: not status.changing).network_pids
    wait_for(session, lambda status: len(networks_of(status.pid)) == len(pids) + 1)  # the reserve


def networks_of(pid: int) -> list[int]:
    """Return the children of an audio server that are networks' processes, ended or not."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            for child in map(int, (task / "children").read_text().split()):
                if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(child)
    return found


def test_the_transport_pauses_and_plays_the_file(
    session: Session, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a client through the dispatcher to the file: it plays on from where it stands."""
    without_devices(monkeypatch)
    session.start_file(song)
    wait_for(session, lambda status: status.file.position_seconds > 0.1)
    session.action("transport-stop")
    wait_for(session, lambda status: not status.file.playing and not status.midi.clock)
    wait_for(session, lambda s: np.abs(session.sound.input.read(RATE // 10)).max() == 0.0)
    stood = session.status().file.position_seconds
    assert 0.0 < stood < 2.0
    assert session.status().file.position_seconds == stood
    session.action("transport-start")
    wait_for(session, lambda status: status.file.playing and status.midi.clock)
    wait_for(session, lambda status: status.file.position_seconds > stood)
    wait_for(session, lambda s: np.abs(session.sound.input.read(RATE // 10)).max() > 0.05)


def test_a_file_plays_to_a_device(
    session: Session, song: Path, jack_server: JackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in jack_server.environment.items():
        monkeypatch.setenv(name, value)
    session.start_file(song)
    status = wait_for(session, lambda status: status.dreams.count > 10)
    assert (status.sample_rate, status.output, status.realtime) == (48_000, "system", True)
    begun = status.file.position_seconds
    time.sleep(0.5)
    later = wait_for(session, lambda status: status.blocks > 0).file.position_seconds
    assert later != begun


def test_what_cannot_be_played_is_one_line(
    require: Callable[..., None], tmp_path: Path, toy_pack: Path
) -> None:
    require("portaudio")
    (tmp_path / "text.wav").write_text("no sound")
    environment = {**os.environ, "JACK_DEFAULT_SERVER": "nobody", "JACK_NO_START_SERVER": "1"}
    for path in ("text.wav", "none.wav"):
        done = subprocess.run(
            [sys.executable, "-m", "innerear.cli", "live", "--file", str(tmp_path / path),
             "--model", str(toy_pack)],
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr.startswith("innerear: error: ")
        assert path in done.stderr
        assert done.stderr.count("\n") == 1


def test_live_plays_a_file_from_the_command_line(
    require: Callable[..., None], song: Path, toy_pack: Path
) -> None:
    require("portaudio")
    environment = {**os.environ, "JACK_DEFAULT_SERVER": "nobody", "JACK_NO_START_SERVER": "1"}
    done = subprocess.run(
        # Sound goes through before the network is loaded, which takes a while on a busy machine.
        [sys.executable, "-m", "innerear.cli", "live", "--file", str(song), "--seconds", "5",
         "--model", str(toy_pack), "--json"],
        env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["dreams"]["count"] > 5
    assert "song.wav -> toy-tones" in done.stderr


def test_without_an_input_a_file_still_plays(
    session: Session, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a window does first fails; it goes on with the same session."""
    without_devices(monkeypatch)
    for _ in range(2):
        with pytest.raises(DeviceError, match="No sound input"):
            session.start(keep_alive=True)
        assert session.status() is None
    session.start_file(song, keep_alive=True)
    wait_for(session, lambda status: status.dreams.count > 3)


def test_with_outputs_only_a_file_is_heard(
    require: Callable[..., None],
    session: Session,
    song: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    require("jackd", "libjack", "portaudio")
    name = f"innerear-outputs-{os.getpid()}"
    with start_server(name, tmp_path / "jackd.log", channels=0, outputs=2) as server:
        for key, value in server.environment.items():
            monkeypatch.setenv(key, value)
        with pytest.raises(DeviceError, match="No sound input"):
            session.start()
        session.start_file(song)
        status = wait_for(session, lambda status: status.dreams.count > 3)
        assert status.output == "system"
        with pytest.raises(DeviceError, match="No sound input"):
            session.open_devices()
        wait_for(session, lambda status: status.playing and status.input == "song.wav")
        session.stop()


def test_a_file_moves_to_a_device_that_comes(
    require: Callable[..., None],
    session: Session,
    song: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A server that is started later is found, for the file and for the input."""
    require("jackd", "libjack", "portaudio")
    name = f"innerear-late-{os.getpid()}"
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    session.start_file(song)
    if wait_for(session, lambda status: status.dreams.count > 3).output != NO_DEVICE:
        pytest.skip("this machine has a sound card")
    with start_server(name, tmp_path / "jackd.log"):
        status = wait_for(session, lambda status: status.playing and status.output == "system")
        assert status.input == "song.wav"
        session.open_devices()
        wait_for(session, lambda status: status.playing and status.input == "system")
        session.stop()


@pytest.mark.parametrize("paused", thinned([False, True], [True]))
def test_a_file_goes_on_when_the_server_is_back(
    require: Callable[..., None],
    session: Session,
    song: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    paused: bool,
) -> None:
    require("jackd", "libjack", "portaudio")
    name = f"innerear-file-{os.getpid()}"
    with start_server(name, tmp_path / "first.log") as server:
        for key, value in server.environment.items():
            monkeypatch.setenv(key, value)
        session.start_file(song)
        wait_for(session, lambda status: status.dreams.count > 3)
        if paused:
            session.set_file_playback(playing=False, seconds=1.25)
            wait_for(session, lambda status: status.file.position_seconds == 1.25)
        os.kill(server.pid, signal.SIGKILL)
        lost = wait_for(session, lambda status: status.lost_device != "")
        assert (lost.playing, lost.lost_device) == (False, "system")
        assert lost.file.path == str(song)
        time.sleep(2.5)  # at least two looks for the device: it waits, and plays to nobody
        assert not wait_for(session, lambda status: True).playing
    with start_server(name, tmp_path / "second.log"):
        back = wait_for(session, lambda status: status.playing and status.output == "system")
        assert (back.input, back.lost_device) == ("song.wav", "")
        assert back.file.playing is not paused
        if paused:
            assert back.file.position_seconds == 1.25
        else:
            wait_for(session, lambda s: np.abs(session.sound.output.read(RATE // 10)).max() > 0.05)
        session.stop()


def is_kept(state: ControlState) -> bool:
    """Return whether the folder holds what was chosen: both slots and the preset."""
    return (state.preset, state.b and state.b.name) == ("brass-halo", "unsaved")


def test_an_audio_server_that_is_killed_goes_on_with_the_file(
    session: Session, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_devices(monkeypatch)
    session.start_file(song)
    session.set_file_playback(playing=False, looping=False, seconds=1.5)
    session.play_preset("brass-halo")
    session.store_slot("b")
    session.set("morph", 0.25)
    before = wait_for(
        session,
        lambda s: s.file.position_seconds == 1.5 and s.slots.b.name != "empty" and not s.changing,
    )
    heard = session.parameters.as_dict()
    # What was chosen less than half a second before may be lost.
    wait_for(session, lambda s: is_kept(session.control_state))
    os.kill(before.pid, signal.SIGKILL)
    after = wait_for(session, lambda status: status.pid != before.pid and status.playing)
    assert after.file == before.file
    assert (after.preset, after.slots) == (before.preset, before.slots)
    assert session.parameters.as_dict() == heard
