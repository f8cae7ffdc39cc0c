"""A performance on real JACK audio, played again from its log: not a bit may differ."""

import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.parameters import PARAMETERS
from innerear.engine.replay.replay import replay

from .conftest import RATE, JackServer, Probe, running
from .test_live import COMMAND, noise, started
from .test_recovery import wait_for

SECONDS = 6
TURNED = [
    id
    for id, parameter in PARAMETERS.items()
    if parameter.kind != "text"
    and not parameter.structural
    and id not in ("morph", "input_db")  # the morph would turn all others back
]


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def place(whole: np.ndarray, part: np.ndarray) -> int:
    """Return where in `whole` the sound `part` begins, exactly."""
    loud = int(np.flatnonzero(part[0])[0])
    wanted = part[0, loud : loud + 64]
    views = np.lib.stride_tricks.sliding_window_view(whole[0], len(wanted))
    (at, *_) = np.flatnonzero((views == wanted).all(axis=1))
    return int(at) - loud


def same(log: Path, recording: Path, tmp_path: Path) -> int:
    """Replay a log, compare it with what was recorded, and return how many samples were compared.

    The recording begins and ends somewhere inside of the log; its dry input says where.
    """
    done = replay(log, tmp_path / "again.wav")
    assert done["exact"]
    assert done["same_machine"]
    again, dry = read(tmp_path / "again.wav"), read(log / "part-001" / "input.wav")
    assert done["samples"] == again.shape[1] <= dry.shape[1]
    output = read(recording)
    came = read(recording.with_name(f"{recording.stem}-input.wav"))
    at = place(dry, came)
    count = min(output.shape[1], again.shape[1] - at)
    np.testing.assert_array_equal(dry[:, at : at + count], came[:, :count])
    np.testing.assert_array_equal(again[:, at : at + count], output[:, :count])
    assert np.abs(output).max() > 0.1
    return count


@pytest.fixture
def server(jack_server: JackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> JackServer:
    """Let this process use the JACK server, with settings of its own."""
    for name, value in jack_server.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return jack_server


@contextmanager
def performing(session: Session, probe: Probe, tmp_path: Path) -> Iterator[None]:
    """Play, log and record, with knobs turned a hundred times a second."""
    session.start(log=tmp_path / "log")
    wait_for(session, lambda status: status.dreams.count > 5)
    session.start_recording(tmp_path / "out.wav", with_input=True)
    probe.connect()
    ended = threading.Event()

    def play() -> None:
        while not ended.is_set():
            probe.play_and_record(0.4 * noise(RATE), freewheel=False)

    def turn() -> None:
        chance = random.Random(0)
        while not ended.wait(0.01):
            id, position = chance.choice(TURNED), chance.random()
            if id == "feedback":
                position = max(position, 0.3)
            if id in ("bypass", "freeze"):  # most of the time off, or little would be heard
                position *= 0.6
            session.parameters.set_position(id, position)

    threads = [threading.Thread(target=work) for work in (play, turn)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    status, done = session.status(), session.stop_recording()
    assert status is not None
    assert not [text for _, text in status.messages if "logged" in text]
    assert done is not None
    assert done.problem == ""
    session.stop()


@pytest.mark.soak
def test_knobs_at_random_with_feedback(
    server: JackServer, probe: Probe, toy_pack: Path, tmp_path: Path
) -> None:
    with (
        Session(parameters=ParameterSet(model=str(toy_pack), feedback=0.5)) as session,
        performing(session, probe, tmp_path),
    ):
        time.sleep(SECONDS)
    assert same(tmp_path / "log", tmp_path / "out.wav", tmp_path) > SECONDS * RATE / 2


def test_another_model_another_window_a_clear_and_a_killed_network(
    server: JackServer, probe: Probe, toy_pack: Path, tmp_path: Path
) -> None:
    values = ParameterSet(
        model=str(toy_pack), feedback=0.6, alignment="aligned", channel_mode="each"
    )
    with Session(parameters=values) as session, performing(session, probe, tmp_path):
        for id, value in (
            ("n_fft", 512),
            ("alignment", "live"),
            ("channel_mode", "mix"),
            ("model", "samplecnn-digits"),
        ):
            before = wait_for(session, lambda status: not status.changing).network_pids
            session.set(id, value)
            wait_for(session, lambda s: not s.changing and s.network_pids != before, 60)  # noqa: B023
            time.sleep(2.0)  # for the fade, at the longest
            session.action("clear")
        victim = wait_for(session, lambda status: not status.changing).network_pids[0]
        os.kill(victim, signal.SIGKILL)
        wait_for(session, lambda s: s.network_restarts > 0 and not s.changing, 60)
        time.sleep(1.0)
    assert same(tmp_path / "log", tmp_path / "out.wav", tmp_path) > SECONDS * RATE / 2
    lines = (tmp_path / "log" / "part-001" / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert sum(event["event"] == "swap" for event in events) >= 5
    assert {event["beats"] for event in events if event["event"] == "cue"} == {None}
    assert any(event["event"] == "state" and event["connection"] == 1 for event in events)


def test_after_a_killed_client_the_log_is_whole(
    server: JackServer, probe: Probe, toy_pack: Path, tmp_path: Path
) -> None:
    log, recording = tmp_path / "log", tmp_path / "out.wav"
    options = ["--model", str(toy_pack), "--feedback", "0.5", "--log", str(log)]
    options += ["--record", str(recording), "--record-input"]
    with running([*COMMAND, "live", *options], server, tmp_path / "said") as live:
        started(tmp_path / "said")
        probe.connect()
        player = threading.Thread(target=probe.play_and_record, args=(0.4 * noise(4 * RATE), False))
        player.start()
        time.sleep(2.5)
        live.kill()
        live.wait()
        player.join()
        time.sleep(1.0)
    assert same(log, recording, tmp_path) > RATE


def test_a_server_that_was_killed_begins_another_part(
    server: JackServer, probe: Probe, toy_pack: Path, tmp_path: Path
) -> None:
    with Session(parameters=ParameterSet(model=str(toy_pack))) as session:
        session.start(log=tmp_path / "log")
        begun = wait_for(session, lambda status: status.playing)  # blocks count before that too
        second = RATE / begun.block_size
        before = wait_for(session, lambda status: status.blocks > begun.blocks + second)
        os.kill(before.pid, signal.SIGKILL)
        wait_for(session, lambda s: s.pid != before.pid and s.dreams.count > 20)
    for part in (1, 2):
        done = replay(tmp_path / "log", tmp_path / f"{part}.wav", part=part)
        assert (done["part"], done["parts"]) == (part, 2)
        assert done["samples"] > RATE / 4
