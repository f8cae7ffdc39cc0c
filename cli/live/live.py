"""`innerear live`: from a sound input through a dream to a sound output, without a window."""

import math
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...engine.actions import ACTIONS
from ...engine.errors import InnerearError, ParameterError
from ...engine.parameter_values import ParameterSet
from ...engine.parameters import find_parameter
from ..shared.device import Device
from ..shared.parameters import with_parameters
from .keys import Keys
from .recording import RecordButton
from .screen import KEYS, Display, level_db, screen

if TYPE_CHECKING:
    from ...engine.live.live_status import LiveStatus
    from ...engine.live.session import Session

EXAMPLES = """
innerear live
innerear live --target Brass --step 1.2 --feedback 0.4
innerear live --file song.wav
innerear live --preset tunnel-drone
innerear live --input 3 --output "USB Audio" --alignment echo --delay-ms 500
innerear live --no-connect
innerear live --target-sound bells.wav
innerear live --target-input 3,4 --target "sound*0.7 + Brass*0.3"
innerear live --osc 9000
innerear live --record concert.flac --record-input
innerear live --log concert
innerear live --seconds 60 --json
"""

_POLL_SECONDS = 0.25
_DRAW_SECONDS = 0.05


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
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="<sound>",
            help="Play this file in a loop instead of an input; needs no sound device.",
        ),
    ] = None,
    sample_rate: Annotated[
        int | None,
        typer.Option(
            "--rate", min=8000, max=192_000, metavar="<Hz>", help="By default the output's own."
        ),
    ] = None,
    channels: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, metavar="<1..64>", help="By default what the input has, up to 2."
        ),
    ] = None,
    target_input: Annotated[
        str | None,
        typer.Option(
            metavar="<channels>",
            help="Channels of the input, from 1, such as 3,4, that are the target sound and are not"
            " played (a sidechain).",
        ),
    ] = None,
    connect: Annotated[
        bool,
        typer.Option(
            "--connect/--no-connect",
            help="Connect our ports of a JACK server to the devices, or leave them to a patch bay.",
        ),
    ] = True,
    seconds: Annotated[
        float | None,
        typer.Option(min=0, metavar="<seconds>", help="Stop after as long; by default never."),
    ] = None,
    osc: Annotated[
        int | None,
        typer.Option(
            min=0, max=65_535, metavar="<port>", help="Listen for OSC there; 0 for any free port."
        ),
    ] = None,
    osc_host: Annotated[
        str | None,
        typer.Option(
            metavar="<address>",
            help="Of this machine, for OSC; 0.0.0.0 lets the whole network in.  [default:"
            " 127.0.0.1]",
        ),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="<sound>", help="Record to a new .flac (24 bit) or .wav (float)."),
    ] = None,
    record_input: Annotated[
        bool, typer.Option("--record-input", help="Record the dry input too, in a second file.")
    ] = False,
    log: Annotated[
        Path | None,
        typer.Option(metavar="<folder>", help="Log the performance there, for innerear replay."),
    ] = None,
    device: Device = "cpu",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print how it went, as JSON on stdout, at the end.")
    ] = False,
) -> None:
    """Play live: from a sound input through a dream to a sound output.

    Ctrl-C ends it. On a terminal single keys act at once (p panic, b bypass, n next preset, and so
    on); after a colon a line such as `step 1.5`, `target Brass` or `preset brass-halo`, ended with
    Enter, turns knobs. Lines on standard input do the same without the colon. MIDI controllers
    play along: see innerear midi.
    """
    from ...engine.live.session import Session
    from ...engine.plugin.sources import check_target_sound

    if record is not None:
        from ...engine.io.crash_safe_writer import check_growing

        check_growing(record)
    sidechain = _channels(target_input)
    if sidechain and file is not None:
        raise ParameterError("--target-input names channels of an input: leave --file out.")
    if file is not None and (source, channels) != (None, None):
        raise ParameterError("--file plays in place of an input: leave --input and --channels out.")
    if osc is None and osc_host is not None:
        raise ParameterError("--osc-host is for OSC: give its port with --osc, 0 for any.")
    if not connect and (file, source, sink) != (None, None, None):
        raise ParameterError(
            "--no-connect leaves connections to others: leave --input, --output and --file out."
        )
    check_target_sound(parameters, bool(sidechain))
    with Session(parameters=parameters, device=device) as session:
        if file is not None:
            session.start_file(file, sink, sample_rate, log=log)
        else:
            devices = source, sink, sample_rate, channels
            session.start(*devices, log=log, sidechain=sidechain, connect=connect)
        display = Display()
        with _listening(session, osc_host, osc, display):
            _introduce(session, display)
            recording = RecordButton(session, display.say, record_input)
            if record is not None:
                recording.start(record)
            try:
                _watch(session, seconds, display, recording)
            except KeyboardInterrupt:
                pass
            finally:
                display.clear()
                recording.stop()
        status = session.status()
    if as_json and status is not None:
        from ..shared.schemas import LiveReport, print_report

        print_report(LiveReport, _as_data(status, session.parameters))


def _channels(text: str | None) -> tuple[int, ...]:
    """Return the channels that a list such as `3,4` names.

    Raises:
        ParameterError: it is no such list.
    """
    parts = [part.strip() for part in (text or "").split(",")]
    if text is None:
        return ()
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise ParameterError(f"--target-input cannot be {text!r}: write channels, such as 3,4.")
    return tuple(int(part) for part in parts)


def _introduce(session: "Session", display: Display) -> None:
    status = session.status()
    if status is None:
        return
    display.say(
        f"{status.input} -> {session.pack.name} -> {status.output}: {status.sample_rate} Hz,"
        f" blocks of {status.block_size}, latency {status.latency_samples} samples"
        f" ({status.latency_ms:.1f} ms); Ctrl-C ends"
    )
    if status.file is None:
        display.say(
            "The sound input is heard now. A microphone that hears its own sound from loudspeakers"
            " howls: use headphones, or turn the loudspeakers down."
        )
    if not status.realtime:
        display.say("The system gives the sound no real-time priority: it may stutter.")


@contextmanager
def _listening(
    session: "Session", host: str | None, port: int | None, display: Display
) -> Iterator[None]:
    """Listen for OSC meanwhile, where a port is given."""
    if port is None:
        yield
        return
    from ...engine.control.osc_server import DEFAULT_HOST
    from ...engine.live.osc_client import OscClient

    with OscClient(session.folder, host or DEFAULT_HOST, port) as osc:
        display.say(f"listening for OSC at {osc.server.host}, port {osc.server.port}")
        if osc.query is not None:
            display.say(f"OSCQuery answers at http://{osc.query.host}:{osc.query.port}")
        if osc.note:
            display.say(osc.note)
        yield


def _watch(
    session: "Session", seconds: float | None, display: Display, recording: RecordButton
) -> None:
    """Show the status and do what is typed, until the time is over or the user quits."""
    end = math.inf if seconds is None else time.monotonic() + seconds
    problem, newest = "", 0
    with Keys() as keys:
        while (left := end - time.monotonic()) > 0:
            wait = _DRAW_SECONDS if display.shown else _POLL_SECONDS
            pressed, lines = keys.wait(min(left, wait))
            if "q" in pressed:
                return
            for work in (
                *(partial(_press, session, key) for key in pressed),
                *(partial(_do_line, session, line) for line in lines),
            ):
                try:
                    line = work()
                except InnerearError as error:
                    line = str(error)
                if line:
                    display.say(line)
            session.supervise()
            status = session.status()
            if status is None:
                return
            for number, message in status.messages:
                if number > newest:
                    newest = number
                    display.say(message)
            if status.problem and status.problem != problem:
                display.say(status.problem)
            problem = status.problem
            recording.follow(status)
            if display.shown:
                levels = level_db(session.sound, "input"), level_db(session.sound, "output")
                width = shutil.get_terminal_size().columns
                display.draw(screen(status, session.parameters, levels, keys.line, width))


def _press(session: "Session", key: str) -> str:
    """Do the action of a key; return the line to show."""
    if key in KEYS:
        session.action(KEYS[key][0])
    return ""


def _do_line(session: "Session", line: str) -> str:
    """Set the parameter, play the preset or do the action that a line names."""
    word, _, value = line.replace("=", " ", 1).partition(" ")
    word, value = word.strip(), value.strip()
    if word == "preset" and value:
        session.play_preset(value)
        return f"preset is {value}"
    if word in ACTIONS:
        session.action(word)
        return word
    parameter = find_parameter(word.replace("-", "_"))
    if not value:
        return f"{parameter.id} is {session.parameters[parameter.id]}: {parameter.meaning}"
    session.set(parameter.id, value)
    return f"{parameter.id} is {session.parameters[parameter.id]}"


def _as_data(status: "LiveStatus", parameters: ParameterSet) -> dict[str, Any]:
    return {
        "parameters": parameters.as_dict(),
        **status.measurements,
        "heard": status.target,
        "problem": status.problem,
    }
