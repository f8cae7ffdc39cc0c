"""`innerear library build`: dream many sounds with many settings."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.cores import cores
from ...engine.errors import ParameterError
from ..shared.completion import complete_model
from ..shared.device import Device
from ..shared.options import AsJson
from ..shared.output import print_json, progress_bar

if TYPE_CHECKING:
    from ...library.building import Estimate, Planned
    from ...library.plan import Grid

EXAMPLES = """
innerear library build loops/ -o dreams --target Brass,Flute --set step=0.5,1
innerear library build song.wav -o dreams --model stftcnn-instruments,crnn-instruments --dry-run
innerear library build loops/ -o dreams --grid grid.toml --workers 2
innerear library build loops/ -o s3://bucket/dreams --grid grid.toml --scheduler tcp://host:8786
innerear library build -o units --method maximise --model samplecnn-digits --target one,two
"""

_FAILED = 1
NO_JUDGE = "none"


def build(
    address: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="<library>",
            help="The library: a folder, or a URL such as s3://bucket/dreams; made where it is"
            " missing, extended where it is there.",
        ),
    ],
    sounds: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SOUNDS", help="Sound files, and folders of them."),
    ] = None,
    grid: Annotated[
        Path | None,
        typer.Option(
            metavar="<file>",
            help="What is varied, as TOML: method, model, target, judge, and [settings]; the"
            " options below go before it.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="<id=values>",
            help="A parameter and the values that it takes, such as step=0.5,1; may be given"
            " again.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<name,...>",
            help="Networks that dream, each by itself; a set that dreams together is named in a"
            " grid.  [default: the one that plays live]",
            autocompletion=complete_model,
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<name,...>",
            help="Classes, units or mixes to excite; may be given again.  [default: each method's]",
        ),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<name,...>",
            help="render (as it plays live), dream, maximise or auralise.  [default: render]",
        ),
    ] = None,
    judge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<name,...>",
            help="Packs that take no part and say how strongly they hear the target; none for none."
            "  [default: all that have the class]",
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="<seconds>", help="Take only the beginning of each sound."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="<address>", help="Of a Dask scheduler, whose workers make the items."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="<number>",
            help="Processes on this machine; 0: in this one, without Dask.  [default: as many as"
            " cores]",
        ),
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Make failed items again.")] = False,
    device: Device = "cpu",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Count what is missing, make one item of each network and method to reckon what"
            " the rest would take, and keep none.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Dream every sound with every combination of settings, and keep what is not there yet.

    An item is named by the hash of all that it depends on, so a build that was interrupted or
    extended makes only what is missing. An item that fails is kept with its reason.
    """
    from ...library import building

    if scheduler is not None and workers is not None:
        raise ParameterError("--workers are processes of this machine: leave out --scheduler.")
    asked = _grid(grid, settings, model, target, method, judge)
    files = list(sounds or ())
    if dry_run:
        planned = building.preview(
            address, files, asked, seconds=seconds, retry=retry, device=device
        )
        _print_plan(*planned, as_json)
        return
    with progress_bar("dreaming", 1.0) as advance:
        built = building.build(
            address,
            files,
            asked,
            scheduler=scheduler,
            workers=workers,
            seconds=seconds,
            retry=retry,
            device=device,
            progress=lambda done, total: advance(done / total),
        )
    if as_json:
        print_json(
            {
                "library": address,
                "made": built.made,
                "failed": built.failed,
                "there": built.there,
                "unreadable": built.unreadable,
            }
        )
    else:
        for line in built.unreadable:
            print(f"left out: {line}")
        print(f"{address}: {built.made} made, {built.there} were there before")
        if built.failed:
            print(
                f"{built.failed} of them failed:"
                f" innerear library find {address} \"state = 'failed'\" shows why"
            )
    if built.failed or built.unreadable:
        raise typer.Exit(_FAILED)


def _grid(
    file: Path | None,
    settings: list[str] | None,
    model: list[str] | None,
    target: list[str] | None,
    method: list[str] | None,
    judge: list[str] | None,
) -> "Grid":
    """Return what is varied: the file's, and over it what the options say."""
    from ...library.plan import Grid, class_lists, read_grid, read_settings

    grid = read_grid(file) if file is not None else Grid()
    if settings:
        grid = replace(grid, settings={**grid.settings, **read_settings(settings)})
    if model:
        grid = replace(grid, models=_split(model))
    if method:
        grid = replace(grid, methods=_split(method))
    if target:
        grid = replace(grid, targets=class_lists(target, grid.models))
    if judge:
        grid = replace(grid, judges=_split(judge))
    if grid.judges is not None and tuple(grid.judges) == (NO_JUDGE,):
        grid = replace(grid, judges=())
    return grid


def _split(texts: list[str]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _print_plan(planned: "Planned", estimate: "Estimate", as_json: bool) -> None:
    count = cores()
    if as_json:
        print_json(
            {
                "items": len(planned.items),
                "missing": len(planned.missing),
                "seconds_of_work": estimate.seconds,
                "bytes": estimate.bytes,
                "unreadable": planned.unreadable,
            }
        )
        return
    for line in planned.unreadable:
        print(f"would be left out: {line}")
    print(f"{len(planned.items)} items, {len(planned.missing)} to be made")
    if planned.missing:
        print(
            f"about {_duration(estimate.seconds)} of work, {_duration(estimate.seconds / count)} on"
            f" {count} cores; {estimate.bytes / 1e6:.0f} MB"
        )


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
