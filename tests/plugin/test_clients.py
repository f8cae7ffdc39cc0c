"""Clients join the engine of a plug-in as any other audio server, and it says what is wrong."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.control.presets import available_presets
from innerear.engine.errors import DeviceError
from innerear.engine.live.registry import running_servers
from innerear.engine.live.session import Session
from innerear.plugin.formats import FORMATS, FormatName

from .clap_host import ClapHost

RATE, BLOCK = 48_000, 512
SOUND = np.random.default_rng(0).uniform(-0.5, 0.5, (2, RATE // 4)).astype(np.float32)
LONGEST_SECONDS = 180.0
PLAYING, MISSING = 1.0, 2.0


@pytest.fixture(scope="module")
def library(plugins: Mapping[FormatName, Path]) -> Path:
    return plugins[FormatName.CLAP] / FORMATS[FormatName.CLAP].binary


@pytest.fixture(scope="module")
def host(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClapHost]:
    """Give a host whose engine plays, listed apart from others of this user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        with ClapHost(library, rate=RATE, block_size=BLOCK) as host:
            play_until(host, lambda: host.value("Engine") == PLAYING)
            play_until(host, lambda: bool(running_servers()))
            yield host


@pytest.fixture
def session(host: ClapHost) -> Iterator[Session]:
    joined = Session.attach()
    yield joined
    joined.detach()


def play_until(host: ClapHost, is_so: Callable[[], bool]) -> None:
    """Play in real time until something is so."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        host.play(SOUND[:, : 8 * BLOCK], BLOCK, pace=1)


def test_host_and_client_hear_of_each_other(host: ClapHost, session: Session) -> None:
    host.set(Feedback=0.3, Amount=1.7)
    play_until(host, lambda: session.parameters["feedback"] == 0.3)
    assert session.parameters["step"] == 1.7
    session.set("feedback", 0.45)
    session.set("freeze", True)
    play_until(host, lambda: {"Feedback", "Freeze"} <= host.told.keys())
    assert host.told["Feedback"] == pytest.approx(0.45)
    assert host.value("Freeze") == 1.0


def test_a_client_sees_the_hosts_stream_and_opens_no_device(
    host: ClapHost, session: Session
) -> None:
    play_until(host, lambda: session.status() is not None and session.status().blocks > 0)
    status = session.status()
    assert status is not None
    assert (status.sample_rate, status.channels) == (RATE, 2)
    with pytest.raises(DeviceError, match="host brings the sound"):
        session.open_devices()


def test_a_larger_latency_is_told_to_the_host_at_once(host: ClapHost, session: Session) -> None:
    before = host.latency
    session.set("n_fft", 2048)
    play_until(host, lambda: host.latency == before + 1024)
    session.set("n_fft", 1024)
    session.set("mix", 0.0)
    play_until(host, lambda: session.status().latency_samples == 1023)
    host.play(SOUND, BLOCK, pace=1)
    out = host.play(SOUND, BLOCK, pace=1)
    assert host.latency == before + 1024, "and does not fall while it plays"
    np.testing.assert_array_equal(out[:, host.latency :], SOUND[:, : -host.latency])


def test_a_preset_that_a_client_plays_reaches_the_host(host: ClapHost, session: Session) -> None:
    session.play_preset("brass-halo")
    expected = session.parameters.number("step")
    play_until(host, lambda: host.value("Amount") == pytest.approx(expected))


def test_the_hosts_tempo_and_midi_arrive(host: ClapHost, session: Session) -> None:
    host.run_transport(93.5, beats=6.0, beats_per_bar=6, unit=8)
    play_until(host, lambda: session.parameters["tempo_bpm"] == 93.5)
    names = list(available_presets())
    host.send_midi(0xC0, names.index("brass-halo"))
    play_until(host, lambda: session.status().preset == "brass-halo")


def test_sound_is_as_loud_as_set_and_muted_as_set_without_an_engine(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INNEREAR_PYTHON", "/nowhere/python")
    with ClapHost(library, rate=RATE, block_size=BLOCK) as host:
        out = host.play(SOUND, BLOCK)
        assert host.value("Engine") == MISSING
        np.testing.assert_array_equal(out[:, host.latency :], SOUND[:, : -host.latency])
        host.set(**{"Output level": -20.0})
        faint = host.play(SOUND, BLOCK)[:, -BLOCK:]
        assert np.abs(faint).max() == pytest.approx(0.05, rel=0.05)
        host.set(Mute=1.0)
        assert not host.play(SOUND, BLOCK)[:, BLOCK:].any()
