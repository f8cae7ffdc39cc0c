"""A host's blocks go through the player, and come back with the latency that was announced."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.live.host.host_control import HostControl
from innerear.engine.live.host.host_stream import HostStream
from innerear.engine.parameter_values import ParameterSet

from .fake_shell import RATE, FakeShell

BLOCK = 64
NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 16 * BLOCK)).astype(np.float32)


class HalvingPlayer:
    """Plays the sound half as loud, at once, and says how late it would be."""

    latency_samples: int | None = 0

    def __init__(self) -> None:
        self.beats: list[float] = []
        self.closed = False

    def process(self, block: np.ndarray, sidechain: np.ndarray | None = None) -> np.ndarray:
        return 0.5 * block

    def align_beat(self, beats: float) -> None:
        self.beats.append(beats)

    def close(self) -> None:
        self.closed = True


class Host:
    """A stream and both its ends."""

    def __init__(self, folder: Path) -> None:
        self.shell = FakeShell(folder)
        self.shell.begin()
        self.player, self.offline = HalvingPlayer(), HalvingPlayer()
        self.parameters = ParameterSet()
        say: Callable[[str], None] = lambda text: None  # noqa: E731
        control = HostControl(
            self.shell.engine, self.parameters, lambda port, message, time: None, say
        )
        self.stream = HostStream(
            self.player, self.shell.engine, control, lambda rate, channels: self.offline, say
        )

    def play(self, sound: np.ndarray, **block: object) -> None:
        for at in range(0, sound.shape[1], BLOCK):
            self.shell.send(sound[:, at : at + BLOCK], **block)
        self.wait()

    def wait(self) -> None:
        while self.shell.engine.waiting:
            time.sleep(0.001)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path)
    yield made
    made.stream.close()


def test_sound_comes_back_at_the_place_where_it_was_sent(host: Host) -> None:
    host.stream.announce(0, settled=True)
    host.play(NOISE)
    np.testing.assert_array_equal(host.shell.output(0, NOISE.shape[1]), 0.5 * NOISE)
    assert host.stream.blocks == 16


def test_a_shorter_latency_than_announced_is_made_up(host: Host) -> None:
    host.stream.announce(100, settled=True)
    host.play(NOISE)
    out = host.shell.output(0, NOISE.shape[1])
    np.testing.assert_array_equal(out[:, 100:], 0.5 * NOISE[:, :-100])
    assert host.shell.header["valid_from"][0] == 100


def test_the_latency_grows_and_does_not_fall_within_a_stream(host: Host) -> None:
    for needed, settled in ((100, False), (100, True), (50, True), (300, False)):
        host.stream.announce(needed, settled)
    assert (host.shell.engine.latency, host.shell.engine.ready) == (300, 1)
    host.shell.begin()
    host.stream.announce(50, settled=True)
    assert (host.shell.engine.latency, host.shell.engine.ready) == (50, 2)


def test_without_a_player_nothing_comes_back_and_after_that_from_then_on(host: Host) -> None:
    host.player.latency_samples = None
    host.stream.announce(10, settled=True)
    host.play(NOISE)
    assert host.shell.header["processed"][0] == 0
    host.player.latency_samples = 10
    host.play(NOISE)
    assert host.shell.header["processed"][0] == 32 * BLOCK
    assert host.shell.header["valid_from"][0] == 16 * BLOCK + 10


def test_while_the_host_waits_another_processor_plays(host: Host) -> None:
    host.offline.process = lambda block, sidechain=None: -block  # type: ignore[method-assign]
    host.play(NOISE, offline=True, tempo_bpm=120.0, beats=4.0, changed={"mix": 0.25})
    np.testing.assert_array_equal(host.shell.output(0, NOISE.shape[1]), -NOISE)
    assert host.offline.beats[0] == 4.0
    assert host.parameters["mix"] == 0.25
    host.play(NOISE)
    assert host.offline.closed


def test_a_host_is_not_left_waiting_where_its_sound_cannot_be_made(host: Host) -> None:
    def fail(block: np.ndarray, sidechain: np.ndarray | None = None) -> np.ndarray:
        raise RuntimeError("broken")

    host.offline.process = fail  # type: ignore[method-assign]
    host.play(NOISE, offline=True)
    assert "broken" in host.stream.failure
    assert host.shell.header["processed"][0] == 0


def test_a_host_is_not_left_waiting_where_what_comes_with_a_block_fails(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(block: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(host.stream._control, "begin_block", fail)
        host.play(NOISE, offline=True)
        assert "broken" in host.stream.failure
    assert host.stream.active
    host.stream.announce(0, settled=True)
    host.play(NOISE)
    np.testing.assert_array_equal(host.shell.output(NOISE.shape[1], NOISE.shape[1]), 0.5 * NOISE)


def test_another_rate_needs_another_stream(host: Host) -> None:
    assert not host.stream.has_changed
    host.shell.header["sample_rate"] = 2 * RATE
    assert host.stream.has_changed
    host.shell.send(NOISE[:, :BLOCK])
    time.sleep(0.05)
    assert host.shell.engine.waiting == 1, "the block waits for it"
