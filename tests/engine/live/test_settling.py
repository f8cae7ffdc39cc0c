"""What is lost while everything starts up does not count."""

import numpy as np
import pytest

from innerear.engine.io.devices import Timing
from innerear.engine.live import stream_supervisor
from innerear.engine.live.stream_supervisor import SETTLING_SECONDS, StreamSupervisor


class _Processor:
    dreams_count = 0

    def reset_age_counts(self) -> None:
        """Count nothing."""


class _Callback:
    crossfader = None


class _Crossfader:
    processor = _Processor()


def test_load_and_dropouts_count_from_the_first_dreams_on(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(stream_supervisor.time, "monotonic", lambda: now)
    supervisor = StreamSupervisor.__new__(StreamSupervisor)
    callback, stream = _Callback(), Timing(lambda block, sidechain: block)
    supervisor._callback, supervisor._counts_from = callback, float("inf")  # type: ignore[assignment]
    supervisor.stream = stream  # type: ignore[assignment]
    stream.counting = False

    def play() -> None:
        supervisor.settle()
        sound = np.zeros((1, 64), np.float32)
        stream.play(sound, np.zeros((64, 1), np.float32), np.zeros(1, np.int64), lost=True)

    play()  # the network is being loaded
    callback.crossfader = _Crossfader()  # type: ignore[assignment]
    now += 10.0
    play()  # it has not dreamed yet
    callback.crossfader.processor.dreams_count = 1  # type: ignore[attr-defined]
    play()
    assert stream.xruns == 0
    assert stream.durations.summary_ms()["max"] == 0.0
    now += 2 * SETTLING_SECONDS
    play()
    assert stream.xruns == 1
    assert stream.durations.summary_ms()["max"] > 0.0
