"""Measures live play on a JACK server of software: the callback, the dreams' age, knob to ear."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.errors import DeviceError
from ...engine.live.live_status import LiveStatus
from ...engine.live.session import Session
from ...engine.parameter_values import ParameterSet
from ...engine.python_process import module_command
from .jack_probe import KNOB

SAMPLE_RATE = 48_000
WARM_UP_SECONDS = 2.0
BUSY = "while True: pass"


def benchmark_stream(
    parameters: ParameterSet,
    block: int,
    seconds: float,
    beside: tuple[str, ...] = ("window", "busy"),
    progress: Callable[[float], None] = lambda share: None,
) -> dict[str, Any]:
    """Play for a while and return what was measured.

    Args:
        parameters: of the dream.
        block: samples in each block, a power of 2.
        seconds: of music to measure.
        beside: what else runs: `window` (Innerear's own, offscreen), `busy` (a Python process that
            never rests).
        progress: called with the share that is done.

    Returns:
        The fields of a render's report, of the very callback that plays live; `xruns`;
        `knob_to_ear_ms`, from a control change at the MIDI port to the first sample that differs.

    Raises:
        DeviceError: JACK or its Python package is not installed.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="innerear-bench-")))
        environment = stack.enter_context(jack_server(block))
        environment |= {"XDG_RUNTIME_DIR": str(folder), "QT_QPA_PLATFORM": "offscreen"}
        environment |= {"INNEREAR_MIDI_API": "jack", "XDG_CONFIG_HOME": str(folder)}
        stack.enter_context(_set_environment(environment))
        session = stack.enter_context(Session(parameters=parameters))
        session.start(keep_alive=True)
        for what in beside:
            stack.enter_context(_beside(what))
        time.sleep(WARM_UP_SECONDS)
        session.reset_measurements()  # from here on
        probe = stack.enter_context(_probe("phrase", seconds))
        begun = time.monotonic()
        while probe.poll() is None:
            session.supervise()
            time.sleep(0.1)
            progress(min(1.0, (time.monotonic() - begun) / seconds))
        played = _result(probe)
        time.sleep(1.0)  # for the last percentiles
        status = session.status()
        assert status is not None
        knob = _knob_to_ear(stack, session)
        return {**_row(status, parameters), "peak": played["peak"], **knob, "beside": list(beside)}


def _row(status: LiveStatus, parameters: ParameterSet) -> dict[str, Any]:
    return {
        "model": parameters.text("model"),
        "channels": status.channels,
        "parameters": parameters.as_dict(),
        **status.measurements,
    }


def _knob_to_ear(stack: ExitStack, session: Session, seconds: float = 20.0) -> dict[str, Any]:
    """Turn the output level by MIDI, of a constant that nothing else changes."""
    binding = {
        "control": {"kind": "cc", "number": KNOB},
        "parameter": "output_db",
        "values": [-12.0, 0.0],
        "takeover": "jump",
    }
    session.midi_bind(binding, keep=False)
    for id, value in (("mix", 0.0), ("feedback", 0.0)):
        session.set(id, value)
    found = _result(stack.enter_context(_probe("knob", seconds)))
    times = np.array(found["knob_to_ear_ms"])
    if not len(times):
        raise DeviceError("No control change reached the sound.")
    p50, p99 = np.percentile(times, (50, 99))
    return {
        "knob_to_ear_ms": {"p50": round(p50, 3), "p99": round(p99, 3), "max": round(times.max(), 3)}
    }


@contextmanager
def _probe(what: str, seconds: float) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        module_command(f"{__package__}.jack_probe", what, str(seconds)),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _result(probe: subprocess.Popen[str]) -> dict[str, Any]:
    assert probe.stdout is not None
    lines = probe.stdout.read().splitlines()
    if probe.wait() != 0 or not lines:
        raise DeviceError("The measuring JACK client has failed; its own words are above.")
    found: dict[str, Any] = json.loads(lines[-1])
    return found


BESIDE: Mapping[str, list[str]] = {
    "window": module_command("innerear.cli", "gui"),
    "busy": [sys.executable, "-c", BUSY],
}
"""What may run beside the measurement: name -> command."""


@contextmanager
def _beside(what: str) -> Iterator[None]:
    process = subprocess.Popen(BESIDE[what], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    time.sleep(1.0)
    if process.poll() is not None:
        raise DeviceError(f"{what} did not start.")
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def jack_server(block: int) -> Iterator[dict[str, str]]:
    """Run a server without hardware; give what clients need in their environment."""
    if shutil.which("jackd") is None:
        raise DeviceError("jackd is missing; on Debian and Ubuntu: apt install jackd2")
    try:
        import jack  # noqa: F401
    except (ImportError, OSError) as problem:
        raise DeviceError("JACK-Client is missing: pip install JACK-Client") from problem
    name = f"innerear-bench-{os.getpid()}"
    names = {"JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1"}
    driver = ["-d", "dummy", "-r", str(SAMPLE_RATE), "-p", str(block), "-C", "2", "-P", "2"]
    server = subprocess.Popen(
        ["jackd", "-R", "--name", name, *driver],
        env={**os.environ, **names},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        waited = subprocess.run(
            ["jack_wait", "-s", name, "-w", "-t", "10"], capture_output=True, check=False
        )
        if waited.returncode != 0 or server.poll() is not None:
            raise DeviceError("The JACK server did not start.")
        yield names
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _set_environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
