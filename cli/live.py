"""`innerear live`: from a sound input through a dream to a sound output, without a window."""

import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..engine.errors import InnerearError
from ..engine.parameters import ParameterSet, find_parameter
from .device import Device
from .output import print_json
from .parameters import with_parameters
from .typed import TypedLines

if TYPE_CHECKING:
    from ..engine.session import LiveStatus, Session

EXAMPLES = """
innerear live
innerear live --target Brass --step 1.2 --feedback 0.4
innerear live --preset tunnel-drone
innerear live --input 3 --output "USB Audio" --alignment echo --delay-ms 500
innerear live --seconds 60 --json
innerear live --osc 9000
"""

_LOOK_EVERY_SECONDS = 0.25
_WIDTH = 78


@with_parameters()
def live(
    parameters: ParameterSet,
    source: Annotated[
        str | None,
        typer.Option(
            "--input", metavar="<device>", help="Index, name or part of one; see devices."
        ),
    ] = None,
    sink: Annotated[
        str | None, typer.Option("--output", metavar="<device>", help="Likewise.")
    ] = None,
    sample_rate: Annotated[
        int | None,
        typer.Option(
            "--rate", min=8000, max=192_000, metavar="<Hz>", help="By default the output's own."
        ),
    ] = None,
    channels: Annotated[
        int | None,
        typer.Option(min=1, max=2, metavar="<1..2>", help="By default what the input has."),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(min=0, metavar="<seconds>", help="Stop after as long; by default never."),
    ] = None,
    osc: Annotated[
        int | None,
        typer.Option(
            min=0, max=65_535, metavar="<port>", help="Listen for OSC; 0 takes any free port."
        ),
    ] = None,
    osc_host: Annotated[
        str,
        typer.Option(metavar="<address>", help="Of this machine; 0.0.0.0 lets the network in."),
    ] = "127.0.0.1",
    device: Device = "cpu",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print how it went, as JSON on stdout, at the end.")
    ] = False,
) -> None:
    """Play live: from a sound input through a dream to a sound output.

    Ctrl-C ends it. While it plays, a line such as `step 1.5` or `target Brass`, ended with Enter,
    turns a knob.
    """
    from ..engine.session import Session

    with Session(parameters=parameters, device=device) as session:
        session.start(source, sink, sample_rate, channels)
        with _listening(session, osc_host, osc):
            _introduce(session)
            try:
                _watch(session, seconds)
            except KeyboardInterrupt:
                pass
            finally:
                _end_line()
            status = session.status()
    if as_json and status is not None:
        print_json(_as_data(status, session.parameters))


@contextmanager
def _listening(session: "Session", host: str, port: int | None) -> Iterator[None]:
    """Listen for OSC meanwhile, where a port is given."""
    if port is None:
        yield
        return
    from ..engine.osc_front import OscFront

    with OscFront(session.folder, host, port) as front:
        _say(f"listening for OSC at {front.server.host}, port {front.server.port}")
        yield


def _introduce(session: "Session") -> None:
    status = session.status()
    if status is None:
        return
    _say(
        f"{status.input} -> {session.pack.name} -> {status.output}: {status.sample_rate} Hz,"
        f" blocks of {status.block_size}, latency {status.latency_samples} samples"
        f" ({status.latency_ms:.1f} ms); Ctrl-C ends"
    )
    if not status.realtime:
        _say("The system gives the sound no real-time priority: it may stutter on a busy machine.")


def _watch(session: "Session", seconds: float | None) -> None:
    """Show how it goes and turn knobs until the time is over."""
    end = math.inf if seconds is None else time.monotonic() + seconds
    typed = TypedLines()
    problem, told = "", 0
    while (left := end - time.monotonic()) > 0:
        for line in typed.wait(min(left, _LOOK_EVERY_SECONDS)):
            try:
                _say(_turn(session, line))
            except InnerearError as error:
                _say(str(error))
        status = session.status()
        if status is None:
            return
        for number, message in status.messages:
            if number > told:
                told = number
                _say(message)
        if status.problem and status.problem != problem:
            _say(status.problem)
        problem = status.problem
        if sys.stderr.isatty():
            print(f"\r{_line(status)[:_WIDTH]:{_WIDTH}}", end="", file=sys.stderr, flush=True)


def _turn(session: "Session", line: str) -> str:
    """Set the parameter that a line names; return what to say about it."""
    id, _, value = line.replace("=", " ", 1).partition(" ")
    parameter = find_parameter(id.strip().replace("-", "_"))
    if not value.strip():
        return f"{parameter.id} is {session.parameters[parameter.id]}: {parameter.meaning}"
    session.set(parameter.id, value.strip())
    return f"{parameter.id} is {session.parameters[parameter.id]}"


def _line(status: "LiveStatus") -> str:
    return (
        f"dreams of {status.target or '...'} | {status.dreams['age_ms']['p50']:.0f} ms old"
        f" | load {100 * status.load:.0f} % | {status.xruns} lost blocks"
    )


def _as_data(status: "LiveStatus", parameters: ParameterSet) -> dict[str, Any]:
    return {
        "sample_rate": status.sample_rate,
        "block_size": status.block_size,
        "latency_samples": status.latency_samples,
        "nan_resets": status.nan_resets,
        "parameters": parameters.as_dict(),
        "dreams": status.dreams,
        "block_ms": dict(status.block_ms),
        "budget_ratio_p999": round(status.load, 4),
        "xruns": status.xruns,
        "realtime": status.realtime,
        "heard": status.target,
        "problem": status.problem,
    }


def _say(line: str) -> None:
    _end_line()
    print(line, file=sys.stderr, flush=True)


def _end_line() -> None:
    """Wipe the line that shows how it goes."""
    if sys.stderr.isatty():
        print(f"\r{'':{_WIDTH}}\r", end="", file=sys.stderr, flush=True)
