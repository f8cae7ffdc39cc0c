"""`innerear bench transfer`: who hears a dream besides the network that dreams it."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ...engine.errors import ParameterError, nearest
from ...engine.parameter_values import ParameterSet
from ..shared.options import AsJson
from ..shared.output import print_json, print_table, progress_bar
from ..shared.parameters import with_parameters
from .machine import machine

if TYPE_CHECKING:
    from ...engine.analysis.judging.judges import Summary
    from .measure_transfer import Sound, Transfer, TransferRow

EXAMPLES = """
innerear bench transfer
innerear bench transfer --alignment aligned --target Brass,Flute --sounds musical
innerear bench transfer song.wav --model stftcnn-instruments --target "Singing voice" --json
innerear bench transfer --preset brass-halo --plot transfer.png
"""

TARGETS = ("Brass", "Singing voice", "Flute", "Strings", "Bell", "Speech")
FIGURES = (
    *("score before", "after", "median before", "after"),
    *("log-odds gain", "rank before", "after"),
)
MEASURES = (
    *("change_db", "flatness", "correlation", "level_db", "onset_db", "tail_db", "own_tail_db"),
)
_DECIMALS = {"flatness": 3, "correlation": 2}


@with_parameters()
def transfer(
    parameters: ParameterSet,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="SOUNDS",
            help="Sound files; by default sounds that Innerear computes.",
        ),
    ] = None,
    sounds: Annotated[
        Literal["musical", "changing", "both"],
        typer.Option(help="Which computed sounds, where no files are given."),
    ] = "both",
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<class,...>",
            help=f"Classes to dream, one or several; may be given again.  [default: the preset's,"
            f" or {', '.join(TARGETS)}]",
        ),
    ] = None,
    judge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<name>",
            help="A pack that judges; may be given again.  [default: all that have the class]",
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(min=0.5, metavar="<seconds>", help="Take only the beginning of each sound."),
    ] = None,
    yardstick: Annotated[
        bool, typer.Option(help="Compare with real examples mixed in, and other dreams.")
    ] = True,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="<file>", help="Draw the judges' scores (.png, .svg, .pdf)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure who hears a dream: its own networks, and judges that took no part.

    Each target is dreamed into each sound, as it is when playing live. A judge is an installed
    pack that has the class and does not dream, YAMNet by the corresponding AudioSet class. Beside
    it stand real examples of the class, mixed in as loud as the dream's change and at -6 dB, and
    how the dreamed sounds differ from the sounds.
    """
    from ...engine.analysis.judging.judges import Judge, find_judges
    from ...engine.packs.resolve import load, members_of
    from .measure_transfer import Listener, measure_transfer

    if plot is not None:
        from ...engine.plots.style import check_figure_output

        check_figure_output(plot)
    started = time.perf_counter()
    network = load(parameters.text("model"))
    dreaming = members_of(network)
    targets = _targets(target, parameters.text("target"), network.classes)
    listeners = [Listener(Judge(pack), True) for pack in dreaming]
    listeners += [Listener(each, False) for each in find_judges(targets, dreaming, judge or ())]
    heard = _sounds(files or [], sounds, seconds)
    with progress_bar("dreaming", len(heard) * len(targets)) as advance:
        found = measure_transfer(
            heard,
            targets,
            parameters,
            listeners,
            pack=network,
            yardstick=yardstick,
            progress=advance,
        )
    if plot is not None:
        from ...engine.plots.transfer_plots import transfer_figure

        title = f"{parameters.text('model')}, {parameters.text('alignment')}: who hears the dream"
        transfer_figure(plot, title, _bars(found.rows))
    took = time.perf_counter() - started
    if as_json:
        print_json(
            {
                "machine": machine(),
                "parameters": parameters.as_dict(),
                "sounds": [each.name for each in heard],
                "targets": targets,
                "rows": [row.as_dict() for row in found.rows],
                "how_it_sounds": [row.as_dict() for row in found.sound_rows],
                "left_out": found.left_out,
                "seconds": took,
            }
        )
        return
    _print(found)
    for line in found.left_out:
        print(line)
    print(f"\nsounds: {len(heard)}; targets: {', '.join(targets)}; {took:.0f} s")
    if plot is not None:
        print(f"wrote {plot}")


def _targets(given: list[str] | None, preset: str, classes: tuple[str, ...]) -> list[str]:
    """Return the classes to dream, as the dreaming networks call them.

    Raises:
        ParameterError: one of them is no class of theirs.
    """
    from ...engine.analysis.judging.audioset_classes import corresponding_class

    if not given:
        given = list(TARGETS) if preset == "auto" else [preset]
    names: list[str] = []
    for text in given:
        names += [text] if text in classes else [part.strip() for part in text.split(",")]
    found = []
    for name in names:
        own = corresponding_class(name, classes)
        if own is None:
            raise ParameterError(f"There is no class {name!r} to dream. {nearest(name, classes)}")
        found.append(own)
    return list(dict.fromkeys(found))


def _sounds(files: list[Path], computed: str, seconds: float | None) -> "list[Sound]":
    from ...engine.dsp.computed_tones import SAMPLE_RATE
    from ...engine.dsp.judged_sounds import changing_sounds, musical_sounds
    from ...engine.io.audio_files import read_sound
    from .measure_transfer import Sound

    if files:
        found = [Sound(path.name, *read_sound(path)) for path in files]
    else:
        made = musical_sounds() if computed != "changing" else {}
        made |= changing_sounds() if computed != "musical" else {}
        found = [Sound(name, samples, SAMPLE_RATE) for name, samples in made.items()]
    if seconds is None:
        return found
    return [
        Sound(each.name, each.samples[:, : round(seconds * each.sample_rate)], each.sample_rate)
        for each in found
    ]


def _print(found: "Transfer") -> None:
    from ...engine.packs.adding.addable import PUBLISHED

    rows = [
        [row.way, row.listener, "dreams" if row.took_part else "", *_figures(row.heard)]
        for row in found.rows
        if row.target is None
    ]
    _print_figures("", rows)
    # Others' networks know some of the classes well and some hardly: one by one.
    published = [
        [row.way, row.listener, row.target, *_figures(row.heard)]
        for row in found.rows
        if row.target and row.listener in PUBLISHED
    ]
    if published:
        print()
        _print_figures("target", published)
    print()
    heads = ["way", "", *(name.replace("_db", " (dB)") for name in MEASURES)]
    lines = [
        [row.way, which, *(_cell(name, getattr(row, which)[name]) for name in MEASURES)]
        for row in found.sound_rows
        for which in ("median", "worst")
    ]
    print_table(heads, lines, numbers=set(range(2, len(heads))))


def _print_figures(third: str, rows: list[list[str]]) -> None:
    heads = ("way", "listener", third, *FIGURES)
    print_table(heads, rows, numbers=set(range(3, len(heads))))


def _figures(heard: "Summary") -> list[str]:
    return [
        f"{heard.mean_before:.3f}",
        f"{heard.mean_after:.3f}",
        f"{heard.median_before:.4f}",
        f"{heard.median_after:.4f}",
        f"{heard.log_odds_gain:+.2f}",
        f"{heard.rank_before:.0f}",
        f"{heard.rank_after:.0f}",
    ]


def _cell(name: str, value: float | None) -> str:
    return "-" if value is None else f"{value:.{_DECIMALS.get(name, 1)}f}"


def _bars(rows: "list[TransferRow]") -> dict[str, dict[str, tuple[float, float]]]:
    """Return way -> listener -> mean score before and after, over all targets."""
    bars: dict[str, dict[str, tuple[float, float]]] = {}
    for row in rows:
        if row.target is None:
            ways = bars.setdefault(row.way, {})
            name = f"{row.listener} (dreams)" if row.took_part else row.listener
            ways[name] = (row.heard.mean_before, row.heard.mean_after)
    return bars
