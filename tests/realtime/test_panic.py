"""Panic through a real JACK: at once, and for as long as it lasts."""

import time
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet

from .conftest import PERIOD, RATE, JackServer, Probe


def test_a_panic_is_silent_within_a_block_and_10_ms(
    jack_server: JackServer,
    probe: Probe,
    toy_pack: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name, value in jack_server.environment.items():
        monkeypatch.setenv(name, value)
    with Session(parameters=ParameterSet(model=str(toy_pack), feedback=0.8)) as session:
        session.start()
        probe.connect()
        tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(6 * RATE) / RATE)
        sound = np.stack((tone, tone)).astype(np.float32)
        before: list[int] = []

        def press() -> None:
            while probe.position < 2 * RATE:
                time.sleep(0.001)
            session.parameters.set("silenced", True)
            before.append(probe.position)
            while probe.position < 4 * RATE:
                time.sleep(0.001)
            session.parameters.set("silenced", False)

        recorded = probe.play_and_record(sound, freewheel=False, meanwhile=press)
        heard = np.abs(recorded).max(axis=0) > 0.0
        silent = before[0] + 2 * PERIOD + RATE // 100  # JACK's own period, our block, the fade
        assert heard[: 2 * RATE].any()
        assert not heard[silent : 4 * RATE].any()
        assert heard[5 * RATE :].any()
