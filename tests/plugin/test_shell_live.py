"""The plug-in in a host that plays in real time: the tests' own, with the CLAP."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.ipc.shared_parameters import SharedParameterSet
from innerear.engine.ipc.shared_state import STATE_FILE, SharedState
from innerear.engine.live.live_status import LiveStatus
from innerear.engine.live.registry import running_servers
from innerear.engine.live.server_address import read_address
from innerear.plugin.formats import FORMATS, FormatName

from .clap_host import ClapHost

RATE, BLOCK = 48_000, 512
SOUND = np.random.default_rng(0).uniform(-0.5, 0.5, (2, RATE // 2)).astype(np.float32)
LONGEST_SECONDS = 60.0
PLAYING, MISSING = 1.0, 2.0


@pytest.fixture(scope="module")
def library(
    plugins: Mapping[FormatName, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Return the CLAP's library; its engines are listed apart from others of this user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        yield plugins[FormatName.CLAP] / FORMATS[FormatName.CLAP].binary


@pytest.fixture(scope="module")
def host(library: Path) -> Iterator[ClapHost]:
    with ClapHost(library, RATE, BLOCK) as host:
        await_engine(host)
        yield host


def play_until(host: ClapHost, is_so: Callable[[], bool]) -> None:
    """Play in real time until something is so."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        host.play(SOUND[:, : 8 * BLOCK], BLOCK, pace=1)


def await_engine(host: ClapHost) -> None:
    play_until(host, lambda: host.value("Engine") == PLAYING)


def is_delayed(out: np.ndarray, sound: np.ndarray, latency: int) -> bool:
    """Whether `out` is the sound, delayed, bit for bit, from where its delay is over."""
    return np.array_equal(out[:, latency:], sound[:, : sound.shape[1] - latency])


def newest_parameters() -> SharedParameterSet:
    """Return the parameters of the newest engine, as a client shares them."""
    return SharedParameterSet(SharedState(running_servers()[0] / STATE_FILE).block)


def messages(folder: Path) -> str:
    status = LiveStatus.from_json(SharedState(folder / STATE_FILE).status())
    return " ".join(message.text for message in status.messages)


@pytest.mark.parametrize("sizes", [BLOCK, (1, 32, 63, BLOCK, 100)])
def test_at_a_mix_of_0_nothing_changes(host: ClapHost, sizes: int | tuple[int, ...]) -> None:
    host.set(Mix=0.0)
    host.play(SOUND, BLOCK, pace=1)
    assert is_delayed(host.play(SOUND, sizes, pace=1), SOUND, host.latency)


def test_a_dream_is_heard_in_real_time(host: ClapHost) -> None:
    host.set(Mix=1.0)
    play_until(
        host,
        lambda: not is_delayed(host.play(SOUND, BLOCK, pace=1), SOUND, host.latency),
    )


def test_what_the_host_sets_arrives_and_what_a_client_sets_reaches_the_host(
    host: ClapHost,
) -> None:
    parameters = newest_parameters()
    host.set(Feedback=0.3, Amount=1.7)
    play_until(host, lambda: parameters["feedback"] == 0.3)
    assert parameters["step"] == 1.7
    parameters.set("feedback", 0.45)
    parameters.set("freeze", True)
    play_until(host, lambda: {"Feedback", "Freeze"} <= host.told.keys())
    assert host.told["Feedback"] == pytest.approx(0.45)
    assert host.value("Freeze") == 1.0
    host.set(Feedback=0.0, Freeze=0.0)


def test_while_the_engine_is_gone_the_dry_sound_plays_and_then_it_is_back(
    host: ClapHost,
) -> None:
    host.set(Mix=1.0, Amount=1.7)
    host.play(SOUND, BLOCK, pace=1)
    latency = host.latency
    os.kill(read_address(running_servers()[0]).pid, signal.SIGKILL)
    played = np.concatenate([SOUND, SOUND], axis=1)
    out = host.play(played, BLOCK, pace=1)
    begun = 2 * BLOCK + RATE // 20  # a block that was on its way, and the fade
    assert is_delayed(out[:, begun:], played[:, begun:], latency)
    await_engine(host)
    assert host.latency == latency
    assert newest_parameters()["step"] == 1.7
    test_a_dream_is_heard_in_real_time(host)


def test_muted_sound_stays_muted_without_an_engine(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INNEREAR_PYTHON", "/nowhere/python")
    with ClapHost(library, RATE, BLOCK) as host:
        out = host.play(SOUND, BLOCK)
        assert host.value("Engine") == MISSING
        assert is_delayed(out, SOUND, host.latency)
        host.set(Mute=1.0)
        assert not host.play(SOUND, BLOCK)[:, BLOCK:].any()


def test_a_state_is_recalled_by_other_instances(host: ClapHost, library: Path) -> None:
    host.set(Amount=0.8, Colour=0.25)
    play_until(host, lambda: b'"step": 0.8' in host.save())
    with ClapHost(library, RATE, BLOCK) as second, ClapHost(library, RATE, BLOCK) as third:
        for other in (second, third):
            other.load(host.save())
            await_engine(other)
            assert newest_parameters()["step"] == 0.8
            assert newest_parameters()["colour"] == 0.25
            assert other.value("Amount") == pytest.approx(0.8)
        assert len(running_servers()) == 3, "each has an engine of its own"
        second.set(Amount=1.1)
        second.play(SOUND, BLOCK, pace=1)
        assert newest_parameters()["step"] == 0.8


def test_a_missing_pack_is_named_and_the_rest_recalled(host: ClapHost, library: Path) -> None:
    host.set(Amount=0.6)
    play_until(host, lambda: b'"step": 0.6' in host.save())
    state = host.save().replace(b"crnn-robust", b"crnn-absent")
    with ClapHost(library, RATE, BLOCK) as other:
        other.load(state)
        await_engine(other)
        play_until(other, lambda: newest_parameters()["step"] == 0.6)
        play_until(other, lambda: "crnn-absent" in messages(running_servers()[0]))
        assert "crnn-absent" not in newest_parameters().text("model")
        assert b"crnn-absent" in other.save(), "the project keeps what it was made with"
