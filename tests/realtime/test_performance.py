"""A wild performance: random MIDI, presets, models; the sound never stops or bursts.

`python -m tests.soak` plays for hours, and kills what plays meanwhile; here nothing may stop it.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.control.midi.mapping import Binding
from innerear.engine.control.presets import available_presets, load_preset
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet, structural_values
from innerear.engine.parameters import PARAMETERS

from .conftest import JackServer
from .test_clients import TURN
from .test_recovery import wait_for

MODELS = ("samplecnn-instruments", "samplecnn-digits", "cqtcnn-instruments", "wavelet-instruments")
MESSAGES_A_SECOND = 200
SECONDS = 10
GAP_SAMPLES = 64
"""As many samples of exactly nothing in a row are a gap: noise goes in all the time."""


class Listener:
    """Reads the whole output of the audio server, from its sound memory."""

    def __init__(self, session: Session) -> None:
        self._session, self._at = session, 0
        self.samples, self.peak, self.longest_gap, self._silent = 0, 0.0, 0, 0

    def listen(self) -> None:
        sound = self._session.sound
        assert sound is not None
        output = sound.output
        if not self._at:
            self._at = output.end
        count = output.end - self._at
        assert count < output.capacity, "the test itself was too slow to listen"
        heard = output.read_at(self._at, count).copy()
        self._at += count
        assert np.isfinite(heard).all()
        self.samples += count
        self.peak = max(self.peak, float(np.abs(heard).max(initial=0.0)))
        for sample in np.split(np.abs(heard).max(axis=0) > 0.0, 1):
            edges = np.flatnonzero(np.concatenate(([True], sample, [True])))
            runs = np.diff(edges) - 1
            if len(runs):
                runs[0] += self._silent
                self.longest_gap = max(self.longest_gap, int(runs.max(initial=0)))
                self._silent = int(runs[-1]) if len(runs) > 1 or not sample.any() else 0


@pytest.fixture
def session(
    jack_server: JackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Session]:
    folders = {
        name: str(tmp_path) for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    }
    for name, value in {**jack_server.environment, **folders}.items():
        monkeypatch.setenv(name, value)
    with Session(parameters=ParameterSet()) as made:
        made.start()
        yield made


@pytest.mark.soak
def test_a_wild_performance(session: Session) -> None:
    chance = random.Random(1)
    before = wait_for(session, lambda status: status.dreams.count > 0)
    sounding = [sys.executable, "-m", "innerear.cli.bench.jack_probe", "noise", str(SECONDS + 30)]
    environment = dict(os.environ)
    source = subprocess.Popen(sounding, env=environment, stdout=subprocess.PIPE, text=True)
    knobs = subprocess.Popen(
        [sys.executable, "-c", TURN],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert source.stdout is not None
        assert source.stdout.readline() == "playing\n"
        wait_for(session, lambda status: any("knobs" in port for port in status.midi.ports))
        turned = bind_all_knobs(session)
        listener = Listener(session)
        presets = [name for name in available_presets() if playable(name)]
        next_preset = next_model = time.monotonic()
        end = next_preset + SECONDS
        while (now := time.monotonic()) < end:
            if now >= next_preset:
                next_preset = now + 1.0
                session.play_preset(chance.choice(presets))
            if now >= next_model:
                next_model = now + 5.0
                session.parameters.set("model", chance.choice(MODELS))
            for _ in range(MESSAGES_A_SECOND // 20):
                number = chance.choice(turned)
                assert knobs.stdin is not None
                print(0xB0, number, chance.randrange(128), file=knobs.stdin, flush=True)
            listener.listen()
            session.supervise()
            time.sleep(0.05)
        listener.listen()
        after = wait_for(session, lambda status: not status.changing)
        assert after.pid == before.pid
        assert session.restarts == 0
        assert listener.samples > 0.8 * SECONDS * before.sample_rate
        assert listener.peak <= 1.0
        assert listener.longest_gap < GAP_SAMPLES
        assert after.problem == ""
        for id in structural_values(session.parameters):
            assert PARAMETERS[id].check(session.parameters[id]) == session.parameters[id]
    finally:
        for process in (source, knobs):
            process.kill()
            process.wait()


def playable(name: str) -> bool:
    try:
        load_preset(name).check_words()
    except Exception:
        return False
    return True


def bind_all_knobs(session: Session) -> list[int]:
    """Give each number a controller; those that would silence the sound keep some of it."""
    ids = [id for id, parameter in PARAMETERS.items() if parameter.kind in ("number", "duration")]
    for number, id in enumerate(ids):
        binding = {
            "control": {"kind": "cc", "number": number},
            "parameter": id,
            "takeover": "jump",
            "range": [0.3, 1.0] if id in ("input_db", "output_db") else [0.0, 1.0],
        }
        Binding(**binding)
        session.midi_bind(binding, keep=False)
    return list(range(len(ids)))
