"""`innerear replay`: play a logged performance again."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ..engine.errors import ParameterError
from .shared.device import Device
from .shared.options import AsJson, Report
from .shared.output import print_json, progress_bar
from .shared.outputs import Force, claim_outputs

EXAMPLES = """
innerear live --log concert
innerear replay concert concert.wav
innerear replay concert louder.flac --set step=1.5 --set feedback=0.6
innerear replay concert after-the-crash.wav --part 2
"""


def replay(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A log that innerear live --log wrote.")
    ],
    destination: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="The file to write; .wav holds the very bits."),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="<id=value>",
            help="Hold a parameter at a value; then dreams are computed anew, on schedule.",
        ),
    ] = None,
    part: Annotated[
        int,
        typer.Option(
            min=1, metavar="<number>", help="Of the log: a restart or another device begins one."
        ),
    ] = 1,
    device: Device = "cpu",
    report: Report = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Play a logged performance again, bit for bit as it was heard.

    No network is needed for that: the dreams are in the log, and each arrives when it had arrived.
    With --set the performance is played with other settings, and its dreams are computed anew.
    """
    from ..engine.replay.replay import replay as play

    claim_outputs((destination, report), folder.rglob("*"), force)
    with progress_bar("replaying", 1) as advance:
        done = play(
            folder,
            destination,
            part=part,
            settings=dict(_pair(text) for text in settings or ()),
            device=device,
            report=report,
            progress=lambda samples, total: advance(samples / total),
        )
    if as_json:
        print_json(done)
        return
    _print(destination, done)
    if report is not None:
        print(f"wrote {report}")


def _pair(text: str) -> tuple[str, str]:
    id, equals, value = text.partition("=")
    if not equals:
        raise ParameterError(f"--set takes id=value, as in --set step=0.5, not {text!r}.")
    return id.strip().replace("-", "_"), value.strip()


def _print(destination: Path, done: dict[str, Any]) -> None:
    seconds = done["samples"] / done["sample_rate"]
    kind = "as it was played" if done["exact"] else "with other settings"
    print(f"wrote {destination}: {seconds:.2f} s at {done['sample_rate']} Hz, {kind}")
    print(
        f"{done['changes']} changes of parameters, {done['swaps']} of the model or the window,"
        f" {done['dreams']} dreams"
    )
    if done["exact"] and not done["same_machine"]:
        print("It was logged on another machine or by another version: the last bits may differ.")
    if done["parts"] > 1:
        print(f"This is part {done['part']} of {done['parts']}; --part names another.")
