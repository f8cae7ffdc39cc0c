"""A good citizen of a JACK server: names, connections, latency and transport, seen by others."""

import ctypes
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from innerear.engine.errors import DeviceError
from innerear.engine.io.jack.library import load_library
from innerear.engine.live.session import Session
from innerear.engine.parameter_values import ParameterSet

from .conftest import PERIOD, RATE, JackServer
from .test_recovery import wait_for

OWN = ("in_1", "in_2", "out_1", "out_2")
CARD = {
    "innerear:in_1": ["system:capture_1"],
    "innerear:in_2": ["system:capture_2"],
    "innerear:out_1": ["system:playback_1"],
    "innerear:out_2": ["system:playback_2"],
}


@pytest.fixture(scope="module")
def environment(jack_server: JackServer) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in jack_server.environment.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def session(environment: None, toy_pack: Path) -> Iterator[Session]:
    """Play the toy network on the server, in all tests of this file."""
    with Session(parameters=ParameterSet(model=str(toy_pack), mix=0.0)) as made:
        made.start()
        yield made


@pytest.fixture
def observer(jack_server: JackServer) -> Iterator[Any]:
    """Give a second client of the server."""
    import jack

    client = jack.Client("observer", servername=jack_server.name, no_start_server=True)
    client.inports.register("in")
    client.outports.register("out")
    client.set_process_callback(lambda frames: None)  # without one, JACK 2 stops those behind it
    client.activate()
    yield client
    client.deactivate()
    client.close()


def wiring(observer: Any, client: str = "innerear") -> dict[str, list[str]]:
    """Return what each port of a client is connected to."""
    return {
        port.name: sorted(other.name for other in observer.get_all_connections(port))
        for port in observer.get_ports(f"^{client}:", is_audio=True)
    }


def wait_for_wiring(session: Session, observer: Any, wanted: dict[str, list[str]]) -> None:
    deadline = time.monotonic() + 10
    while wiring(observer) != wanted and time.monotonic() < deadline:
        session.supervise()
        time.sleep(0.02)
    assert wiring(observer) == wanted


def latencies() -> dict[str, dict[str, tuple[int, int]]]:
    """Return for each port its ranges in both directions, as another client reads them."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    port = ""
    listed = subprocess.run(["jack_lsp", "-l"], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        match = re.match(r"\s+port (\w+) latency = \[ (\d+) (\d+) \]", line)
        if match:
            found[port][match[1]] = int(match[2]), int(match[3])
        elif not line.startswith((" ", "\t")):
            port = line
            found[port] = {}
    return found


def jack_pointer(client: Any) -> int:
    """Return the address of a client in C."""
    import jack

    return int(jack._ffi.cast("uintptr_t", client._ptr))


def wait_for_latency(session: Session, samples: int) -> None:
    """Wait until others see our latency between our ports, and beyond them."""
    deadline = time.monotonic() + 10
    while True:
        session.supervise()
        seen = latencies()
        before, after = (seen[f"innerear:{port}"] for port in ("in_1", "out_1"))
        captured = before["capture"][1] + samples
        played = after["playback"][1] + samples
        wanted = [(captured, captured), (played, played)] * 2
        heard = [
            after["capture"],
            before["playback"],
            seen["system:playback_1"]["capture"],
            seen["system:capture_1"]["playback"],
        ]
        if heard == wanted:
            return
        assert time.monotonic() < deadline, f"{heard} is not {wanted}"
        time.sleep(0.05)


def test_the_ports_have_names_and_are_connected_to_the_card(
    session: Session, observer: Any
) -> None:
    assert wiring(observer) == CARD


def test_others_see_the_latency_and_its_changes(session: Session, observer: Any) -> None:
    wait_for_latency(session, 896)
    session.set("alignment", "echo")
    wait_for(session, lambda status: status.latency_samples == 0, 60)
    wait_for_latency(session, 0)


def test_a_loop_through_another_program_does_not_add_up(session: Session, observer: Any) -> None:
    library = load_library()
    library.jack_port_by_name.restype = ctypes.c_void_p
    client = ctypes.c_void_p(jack_pointer(observer))
    port = ctypes.c_void_p(library.jack_port_by_name(client, b"innerear:in_1"))

    def latency() -> list[int]:
        """Read it without another client: each that comes lets JACK begin again."""
        found = (ctypes.c_uint32 * 2)()
        library.jack_port_get_latency_range(port, 0, ctypes.byref(found))
        return list(found)

    pairs = ("innerear:out_1", "observer:in"), ("observer:out", "innerear:in_1")
    session.set("alignment", "live")
    wait_for(session, lambda status: status.latency_samples == 896, 60)
    for pair in pairs:
        observer.connect(*pair)
    time.sleep(2.0)
    before = latency()
    time.sleep(2.0)
    assert latency() == before
    for pair in pairs:
        observer.disconnect(*pair)
    wait_for_latency(session, 896)


def test_what_was_rewired_stays_so_when_the_device_is_opened_again(
    session: Session, observer: Any
) -> None:
    observer.disconnect("system:capture_1", "innerear:in_1")
    observer.connect("observer:out", "innerear:in_1")
    observer.disconnect("innerear:out_2", "system:playback_2")
    rewired = {**CARD, "innerear:in_1": ["observer:out"], "innerear:out_2": []}
    session.open_devices()
    wait_for_wiring(session, observer, rewired)

    status = session.status()
    assert status is not None
    os.kill(status.pid, signal.SIGKILL)
    wait_for(session, lambda after: after.pid != status.pid and after.playing)
    wait_for_wiring(session, observer, rewired)
    assert not observer.get_ports("^innerear-01:")

    session.open_devices("system", "system")  # named: it is connected to that device
    wait_for_wiring(session, observer, CARD)


def test_a_second_instance_has_a_number(session: Session, observer: Any, toy_pack: Path) -> None:
    with Session(parameters=ParameterSet(model=str(toy_pack))) as second:
        second.start(connect=False)
        assert wiring(observer, "innerear-01") == {f"innerear-01:{port}": [] for port in OWN}
        assert wiring(observer) == CARD
        second.open_devices(connect=False, channels=1, sidechain=(2,))
        ports = {"in_1", "sidechain_1", "out_1", "out_2"}
        assert set(wiring(observer, "innerear-01")) == {f"innerear-01:{port}" for port in ports}


def test_another_block_size_just_comes_with_other_blocks(session: Session, observer: Any) -> None:
    try:
        observer.blocksize = 2 * PERIOD
        wait_for(session, lambda status: status.block_size == 2 * PERIOD, 20)
    finally:
        observer.blocksize = PERIOD
    after = wait_for(session, lambda status: status.block_size == PERIOD, 20)
    assert (after.problem, after.lost_device) == ("", "")


def test_lost_blocks_are_counted(session: Session) -> None:
    session.reset_measurements()
    status = wait_for(session, lambda status: status.playing, 20)
    os.kill(status.pid, signal.SIGSTOP)
    time.sleep(0.2)
    os.kill(status.pid, signal.SIGCONT)
    wait_for(session, lambda status: status.xruns > 0, 20)


def test_another_rate_than_the_servers_is_refused(session: Session) -> None:
    with pytest.raises(DeviceError, match=f"at 44100 Hz: its server runs at {RATE} Hz"):
        session.open_devices(sample_rate=44_100)
    wait_for(session, lambda status: status.playing, 20)


def test_the_transport_gives_tempo_and_beat(session: Session, observer: Any) -> None:
    import jack

    def be_master(state: int, frames: int, position: Any, is_new: bool) -> None:
        beats = position.frame / RATE * 93.0 / 60.0
        position.valid = jack.POSITION_BBT
        position.beats_per_minute, position.ticks_per_beat = 93.0, 960.0
        position.beats_per_bar = position.beat_type = 4.0
        position.bar, position.beat = 1 + int(beats // 4), 1 + int(beats % 4)
        position.tick = int(beats % 1 * 960)

    before = session.parameters.number("tempo_bpm")
    session.set("sync", "none")
    assert observer.set_timebase_callback(be_master)
    observer.transport_start()
    try:
        time.sleep(0.3)
        status = wait_for(session, lambda status: status.playing, 20)
        assert (status.sync, session.parameters.number("tempo_bpm")) == ("", before)
        session.set("sync", "auto")
        wait_for(session, lambda status: status.sync == "jack", 20)
        session.parameters.poll()
        assert session.parameters.number("tempo_bpm") == pytest.approx(93.0)
    finally:
        observer.transport_stop()
    wait_for(session, lambda status: status.sync == "", 20)
    # No release_timebase: JACK 2 would then leave a thread of this client running, which crashes.
