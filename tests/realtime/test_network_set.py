"""Several networks dream together on real JACK audio: swapped to while it plays, and replayed."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet
from innerear.engine.replay.replay import replay

from .conftest import RATE, JackServer, Probe
from .test_recovery import wait_for
from .test_replay import performing, read, same, server

__all__ = ["server"]

SET = "samplecnn-instruments,crnn-instruments:0.5"


@pytest.mark.soak
def test_from_one_network_to_several_and_back_and_the_same_again(
    server: JackServer, probe: Probe, tmp_path: Path
) -> None:
    values = ParameterSet(model="samplecnn-instruments", target="Brass", step=0.5)
    with Session(parameters=values) as session, performing(session, probe, tmp_path):
        for model in (SET, "crnn-instruments"):
            session.set("model", model)
            wait_for(session, lambda s: s.model == model and not s.changing, 60)  # noqa: B023
            heard = wait_for(session, lambda s: bool(session.activations()))
            assert "Brass" in session.pack.classes
            assert not heard.problem
            time.sleep(1.0)
    assert same(tmp_path / "log", tmp_path / "out.wav", tmp_path) > 2 * RATE
    # With other settings the networks that the log names compute the dreams again.
    done = replay(tmp_path / "log", tmp_path / "again.wav", settings={"drive": "gradient"})
    assert (done["exact"], done["swaps"]) == (False, 2)
    assert np.abs(read(tmp_path / "again.wav")).max() > 0.1


def test_a_swap_to_several_networks_is_no_click(
    server: JackServer, probe: Probe, tmp_path: Path
) -> None:
    """A steady tone changes by no more from sample to sample where the networks are exchanged."""
    seconds = 6
    tone = 0.2 * np.sin(2 * np.pi * 220 * np.arange(seconds * RATE) / RATE)
    sound = np.tile(tone, (2, 1)).astype(np.float32)
    # What a plain network adds to a tone is steep in itself, so only the filter is played.
    values = ParameterSet(
        model="samplecnn-instruments", target="Brass", step=0.3, parameterisation="filter"
    )
    with Session(parameters=values) as session:
        session.start(log=tmp_path / "log")
        probe.connect()
        player = threading.Thread(target=probe.play_and_record, args=(sound, False))
        player.start()
        time.sleep(1.0)
        session.set("model", SET)
        wait_for(session, lambda s: s.model == SET and not s.changing, 60)
        player.join()
    # What the program played, block by block: a period that JACK loses is a step of the input.
    replay(tmp_path / "log", tmp_path / "out.wav")
    came, played = (
        read(path)[0] for path in (tmp_path / "log/part-001/input.wav", tmp_path / "out.wav")
    )
    jump = np.abs(np.diff(played)).max()
    assert jump < 1.5 * np.abs(np.diff(came)).max() + 0.02
    assert np.abs(played).max() > 0.1
