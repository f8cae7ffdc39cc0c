"""The CLAP plug-in in a host: sound, latency, parameters and state, with a toy network."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from innerear.engine.control.host_state import HostState
from innerear.engine.parameter_values import ParameterSet
from innerear.plugin.formats import FORMATS, FormatName

from ..thinning import thinned
from .clap_host import ClapHost

CHECKOUT = Path(__file__).resolve().parents[2]
LONGEST = 4096
SIZES = (1, 32, 63, 512, LONGEST)
NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 48_000)).astype(np.float32)
AS_AT_FIRST = {"Mix": 0, "Blend mode": 0, "Output level": 0, "Freeze": 0, "Bypass": 0}
_BEGIN, _END, _LAST = b"__dpf_state_begin__", b"__dpf_state_end__", b"\xfe"


def packed(text: str) -> bytes:
    """Return a state as DPF writes it for hosts, with no parameters beside it."""
    return b"\0".join((_BEGIN, b"preset", text.encode(), _END, _LAST, b""))


def unpacked(state: bytes) -> dict:
    """Return what the plug-in's state holds."""
    fields = state.split(b"\0")
    return dict(json.loads(fields[fields.index(b"preset") + 1]))


@pytest.fixture(scope="module")
def library(plugins: Mapping[FormatName, Path]) -> Path:
    return plugins[FormatName.CLAP] / FORMATS[FormatName.CLAP].binary


@pytest.fixture(scope="module", autouse=True)
def added_pack(toy_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the user the toy network, which a state names."""
    data = tmp_path_factory.mktemp("data")
    shutil.copytree(toy_pack, data / "innerear/models" / toy_pack.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(data))
        yield


def state(**values: float | str) -> bytes:
    """Return a state of the toy network with these parameters."""
    return packed(HostState(ParameterSet(model="toy-tones", **values)).text())


@pytest.fixture(scope="module")
def playing(library: Path) -> Iterator[ClapHost]:
    """Give a host that all tests of this file share: an engine takes seconds to start."""
    with ClapHost(library, state(mix=0), block_size=LONGEST) as host:
        yield host


@pytest.fixture
def host(playing: ClapHost) -> ClapHost:
    """Give the shared host as it was at first: rendering offline, at mix 0."""
    playing.render_offline(True)
    playing.set(**AS_AT_FIRST)
    playing.play(np.zeros((2, 24_000), np.float32))
    return playing


def assert_is_delayed(out: np.ndarray, sound: np.ndarray, latency: int) -> None:
    """Assert that a sound came back whole, and later by as much as was reported."""
    assert 0 < latency < sound.shape[1]
    np.testing.assert_array_equal(out[:, latency:], sound[:, : sound.shape[1] - latency])


def test_its_ports_and_parameters_are_declared(playing: ClapHost) -> None:
    assert (playing.inputs, playing.outputs) == (2, 2)
    assert playing.descriptor.name == b"Innerear"
    mix = playing.parameters["Mix"]
    assert (mix.min_value, mix.max_value, mix.default_value) == (0, 1, 1)
    assert playing.text("Blend mode", 2) == "filter"


@pytest.mark.parametrize("sizes", [*SIZES, SIZES], ids=str)
def test_mix_0_is_the_sound_itself(host: ClapHost, sizes: int | tuple[int, ...]) -> None:
    sound = NOISE[:, :2000] if sizes == 1 else NOISE[:, :24_000]
    sound = np.concatenate((sound, np.zeros((2, host.latency), np.float32)), axis=1)
    latency = host.latency
    out = host.play(sound, sizes)
    assert_is_delayed(out, sound, latency)
    assert host.latency == latency, "the latency moved while it played"


def test_in_real_time_mix_0_is_the_sound_itself(host: ClapHost) -> None:
    host.render_offline(False)
    await_engine(host)
    out = host.play(NOISE, (1, 32, 63, 512), pace=1)
    assert_is_delayed(out, NOISE, host.latency)


def test_faster_than_real_time_nothing_is_lost(host: ClapHost) -> None:
    host.render_offline(False)  # it does not wait, so the engine is late
    assert_is_delayed(host.play(NOISE), NOISE, host.latency)


def test_it_plays_at_every_rate(host: ClapHost) -> None:
    try:
        for rate in (44_100, 192_000):
            host.activate(rate, 512)
            assert_is_delayed(host.play(NOISE), NOISE, host.latency)
    finally:
        host.activate(48_000, LONGEST)


def test_at_mix_1_there_is_a_dream(host: ClapHost) -> None:
    host.set(Mix=1.0)
    out = host.play(NOISE)
    latency = host.latency
    change = out[:, latency:] - NOISE[:, :-latency]
    assert np.abs(out).max() <= 1.0
    assert np.sqrt(np.mean(change[:, 24_000:] ** 2)) > 0.01


def test_what_the_host_sets_arrives(host: ClapHost) -> None:
    host.set(**{"Output level": -20.0, "Blend mode": 1.0, "Freeze": 1.0})
    out = host.play(NOISE)
    latency = host.latency
    np.testing.assert_allclose(
        out[:, -4800:], 0.1 * NOISE[:, -4800 - latency : -latency], atol=1e-6
    )
    parameters = unpacked(host.save())["preset"]["parameters"]
    assert (parameters["output_db"], parameters["combine"]) == (-20.0, "gate")


def test_what_the_engine_sets_reaches_the_host(host: ClapHost) -> None:
    host.load(state(mix=0.25, combine="filter"))
    for _ in range(100):  # the engine reads a state between two blocks
        host.play(NOISE[:, :4800], pace=1)
        if host.value("Mix") == 0.25 and host.value("Blend mode") == 2:
            return
    pytest.fail("the host has heard of no change")


def test_what_is_set_after_a_state_was_recalled_holds(host: ClapHost) -> None:
    host.load(state(mix=0, output_db=-6.0, combine="filter"))
    host.set(**{"Output level": -20.0})
    out = host.play(NOISE)
    latency = host.latency
    np.testing.assert_allclose(out[:, 2 * latency :], 0.1 * NOISE[:, latency:-latency], atol=1e-6)
    parameters = unpacked(host.save())["preset"]["parameters"]
    assert (parameters["output_db"], parameters["combine"]) == (-20.0, "filter")


def test_bypass_is_the_sound_with_the_same_latency(host: ClapHost) -> None:
    host.set(**{"Mix": 1.0, "Output level": -20.0, "Bypass": 1.0})
    host.play(NOISE)
    out = host.play(NOISE)
    assert_is_delayed(out, NOISE, host.latency)


def test_a_state_is_recalled_in_a_new_process(library: Path, tmp_path: Path) -> None:
    whole, missing = tmp_path / "whole", tmp_path / "missing"
    whole.write_bytes(state(mix=0.375, combine="gate", target="Low tone"))
    text = json.loads(HostState(ParameterSet(mix=0.625)).text())
    text["preset"]["parameters"]["model"] = "a-pack-of-someone-else"
    text["packs"] = {"a-pack-of-someone-else": "checksum"}
    missing.write_bytes(packed(json.dumps(text)))
    values, others = run_hosts(library, whole, missing)

    assert (values["Mix"], values["Blend mode"]) == (0.375, 1)
    parameters = unpacked(whole.read_bytes())["preset"]["parameters"]
    assert parameters["model"] == "toy-tones"
    assert parameters["target"] == "Low tone"

    # Of a pack that is missing all else is recalled, and its name is kept.
    assert others["Mix"] == 0.625
    kept = unpacked(missing.read_bytes())
    assert kept["preset"]["parameters"]["model"] == "a-pack-of-someone-else"
    assert kept["packs"] == text["packs"]


def test_three_instances_play_each_its_own(library: Path) -> None:
    levels = (-6.0, -12.0, -20.0)
    hosts = [ClapHost(library, state(mix=0, output_db=level)) for level in levels]
    try:
        for each in hosts:
            each.render_offline(True)
        outs = [[], [], []]
        for at in range(0, NOISE.shape[1], 480):
            for each, out in zip(hosts, outs, strict=True):
                out.append(each.process(np.ascontiguousarray(NOISE[:, at : at + 480])))
        for each, out, level in zip(hosts, outs, levels, strict=True):
            heard = np.concatenate(out, axis=1)[:, -9600:]
            sent = NOISE[:, -9600 - each.latency : -each.latency]
            np.testing.assert_allclose(heard, 10 ** (level / 20) * sent, atol=1e-6)
    finally:
        for each in hosts:
            each.close()


@pytest.mark.parametrize("number", thinned([signal.SIGKILL, signal.SIGTERM], [signal.SIGTERM]))
def test_without_its_engine_it_plays_the_sound_and_the_engine_comes_back(
    host: ClapHost, number: signal.Signals
) -> None:
    host.set(**{"Output level": -20.0})
    host.render_offline(False)
    host.play(NOISE, 480, pace=1)
    latency = host.latency
    (engine,) = engines_of_this_process()
    os.kill(engine, number)
    while engine in engines_of_this_process():
        time.sleep(0.01)
    out = host.play(NOISE, 480, pace=1)
    settled = 9600  # by then what the engine had made is played, and the step has faded
    given = 0.1 * NOISE[:, settled - latency : -latency]
    np.testing.assert_allclose(out[:, settled:], given, atol=1e-6)
    await_engine(host)
    out = host.play(NOISE, 480, pace=1)
    assert host.latency == latency
    np.testing.assert_allclose(
        out[:, -4800:], 0.1 * NOISE[:, -4800 - latency : -latency], atol=1e-6
    )


def await_engine(host: ClapHost) -> None:
    """Play in real time until the engine does, too."""
    for _ in range(600):
        host.play(NOISE[:, :4800], 480, pace=1)
        if host.value("Engine") == 1:
            return
    pytest.fail("the engine does not play")


def engines_of_this_process() -> list[int]:
    """Return the processes of engines that plug-ins in this process have started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:  # it ended meanwhile
            continue
        if parent == os.getpid() and b"plugin_server" in command:
            found.append(int(stat.parent.name))
    return found


def run_hosts(library: Path, *state_files: Path) -> list[dict[str, float]]:
    """Recall each state in a process of its own; return the values of all parameters in each."""
    command = [sys.executable, "-m", "tests.plugin.clap_host", str(library)]
    hosts = [
        subprocess.Popen([*command, str(file)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
        for file in state_files
    ]
    printed = [host.communicate(timeout=120)[0] for host in hosts]
    assert [host.returncode for host in hosts] == [0] * len(hosts)
    return [json.loads(text.splitlines()[-1]) for text in printed]
