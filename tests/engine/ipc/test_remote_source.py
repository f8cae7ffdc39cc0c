"""What the audio side sees of a network in another process, on the real shared memory."""

import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from innerear.engine.ipc.inference_channel import ChannelShape, InferenceChannel
from innerear.engine.ipc.remote_source import RemoteSource


def test_after_a_reset_nothing_is_left_of_the_tape_before(tmp_path: Path) -> None:
    classes = ["a", "b", "c"]
    shape = ChannelShape("toy", 16_000, 1600, {"output": 3}, classes, 16_000, 512, 1000, 400)
    channel = InferenceChannel(tmp_path / "channel", shape, create=True)
    worker: Any = SimpleNamespace(wake=lambda: None)
    source = RemoteSource(worker, channel)
    source.feed(np.zeros((1, 3000), np.float32))
    channel.tape.write(np.ones((1, 2000), np.float32))
    source.reset()
    assert source.tape.end == -1000
    channel.tape.write(np.full((1, 1500), 2.0, np.float32))
    source.feed(np.zeros((1, 0), np.float32))  # it looks
    assert source.tape.end == 500
    np.testing.assert_array_equal(
        source.tape.read_at(-100, 400)[0], np.repeat([0.0, 2.0], [100, 300])
    )


def test_a_closed_source_holds_no_process_and_takes_none(tmp_path: Path) -> None:
    shape = ChannelShape("toy", 16_000, 1600, {"output": 1}, ["a"], 16_000, 512, 1000, 400)
    channel = InferenceChannel(tmp_path / "channel", shape, create=True)
    worker = Network()
    left, source = weakref.ref(worker), RemoteSource(worker, channel)
    del worker
    source.close()
    assert left() is None
    assert (source.worker.pid, source.worker.alive) == (0, False)
    source.feed(np.zeros((1, 16), np.float32))
    late = Network()
    assert source.replace(late, channel) is late
    assert not source.worker.alive


class Network:
    """A process that only says that it runs."""

    pid, alive = 1, True

    def wake(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
