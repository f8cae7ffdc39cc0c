"""`innerear hear`: show what a network hears in a sound file over time."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..engine.defaults import PACK
from ..engine.errors import InnerearError
from .shared.device import Device
from .shared.options import SOUND_HELP, models_option
from .shared.output import print_table, progress_bar
from .shared.outputs import claim_outputs

if TYPE_CHECKING:
    from ..engine.analysis.classify import Heard

EXAMPLES = """
innerear hear song.wav
innerear hear song.flac --figure heard.png
innerear hear song.ogg --layer conv5 --csv heard.csv
innerear hear song.wav --json | python -m json.tool
"""

_BLOCK = 65_536
_ROWS = 24
_NAMES_A_ROW = 3
_DECIMALS = 6
_TABLE = ".csv"


def hear(
    sound: Annotated[Path, typer.Argument(metavar="IN", help=SOUND_HELP)],
    model: Annotated[str, models_option()] = PACK,
    layer: Annotated[
        str | None,
        typer.Option(metavar="<name>", help="Give this layer's activations too."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON on stdout; `times` are windows' starts.")
    ] = False,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="<file>", help="Draw waveform, spectrogram and scores (.png, .svg, .pdf)."
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            "--csv", metavar="<file>", help="Write the scores as a table, a row a window."
        ),
    ] = None,
    device: Device = "cpu",
) -> None:
    """Show what a network hears in a sound file over time.

    The channels are mixed and resampled for the network, which takes one window after another. The
    last window, and a sound shorter than one, are filled up with silence.
    """
    from ..engine.analysis.classify import hear_stream
    from ..engine.files import check_output
    from ..engine.io.audio_files import SoundReader
    from ..engine.packs.onnx_runners import check_layers
    from ..engine.packs.resolve import load

    claim_outputs((table, figure), (sound,), force=True)
    if figure is not None:
        from ..engine.plots.style import check_figure_output

        check_figure_output(figure)
    if table is not None:
        is_file = table.is_file() or not table.exists()  # and no device
        if is_file and table.suffix.lower() != _TABLE:
            raise InnerearError(f"{table}: a table's name ends in {_TABLE}")
        check_output(table)
    with SoundReader(sound) as reader:
        pack = load(model, device=device)
        if layer is not None:
            check_layers({layer: None}, pack.layers)
        overview: Any = None
        if figure is not None:
            from ..engine.dsp.overview import Overview

            overview = Overview(reader.sample_rate, reader.samples)
        with progress_bar("listening", reader.samples) as advance:

            def watched() -> Any:
                done = 0
                for block in reader.blocks(_BLOCK):
                    if overview is not None:
                        overview.add(block)
                    yield block
                    done += block.shape[1]
                    advance(done)

            heard = hear_stream(watched(), reader.sample_rate, pack, layer=layer)
    if table is not None:
        _write_csv(table, heard)
    if figure is not None:
        from ..engine.plots.hearing_plots import heard_figure

        overview.finish()
        heard_figure(figure, sound.name, overview, heard)
    if as_json:
        from .shared.schemas import HearReport, print_report

        print_report(HearReport, _as_data(heard))
        return
    _print(sound, heard)
    for path in (table, figure):
        if path is not None:
            print(f"wrote {path}")


def _as_data(heard: "Heard") -> dict[str, Any]:
    data: dict[str, Any] = {
        "model": heard.model,
        "sample_rate": heard.sample_rate,
        "window_seconds": heard.window_seconds,
        "hop_seconds": heard.hop_seconds,
        "duration_seconds": heard.duration_seconds,
        "times": [round(float(time), _DECIMALS) for time in heard.times],
        "classes": list(heard.classes),
        "scores": _rounded(heard.scores),
    }
    if heard.layer is not None:
        data["layer"] = heard.layer
        data["activations"] = _rounded(heard.activations)
    return data


def _rounded(rows: Any) -> list[list[float]]:
    return [[round(float(value), _DECIMALS) for value in row] for row in rows]


def _write_csv(path: Path, heard: "Heard") -> None:
    from ..engine.files import write_beside

    units = [f"{heard.layer}[{unit}]" for unit in range(heard.activations.shape[1])]
    with write_beside(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time_seconds", *heard.classes, *units])
        for row, time in enumerate(heard.times):
            values = [*heard.scores[row], *(heard.activations[row] if units else ())]
            writer.writerow([f"{time:.6f}", *(f"{value:.6f}" for value in values)])


def _print(sound: Path, heard: "Heard") -> None:
    """Print the strongest classes over time, a row for one or several windows."""
    print(
        f"{sound}: {heard.duration_seconds:.2f} s, heard by {heard.model} in windows of"
        f" {heard.window_seconds:.2f} s every {heard.hop_seconds:.2f} s"
    )
    print()
    windows = len(heard.times)
    together = -(-windows // _ROWS)
    rows = []
    for first in range(0, windows, together):
        last = min(first + together, windows) - 1
        # The last window may extend into the silence after the end.
        end = min(heard.times[last] + heard.window_seconds, heard.duration_seconds)
        span = f"{heard.times[first]:.2f} - {end:.2f}"
        rows.append([span, *_strongest(heard, heard.scores[first : last + 1].mean(axis=0))])
    rows.append(["overall", *_strongest(heard, heard.scores.mean(axis=0))])
    named = min(_NAMES_A_ROW, len(heard.classes))
    heads = ["seconds", "strongest", "second", "third"][: 1 + named]
    print_table(heads, rows, numbers=set())
    if heard.layer is not None:
        means = heard.activations.mean(axis=0)
        strongest = sorted(range(len(means)), key=lambda unit: -means[unit])[:8]
        units = ", ".join(f"{unit} ({means[unit]:.3g})" for unit in strongest)
        print(f"\nstrongest units of {heard.layer}: {units}")


def _strongest(heard: "Heard", scores: Any) -> list[str]:
    order = sorted(range(len(scores)), key=lambda index: -scores[index])[:_NAMES_A_ROW]
    return [f"{heard.classes[index]} {scores[index]:.2f}" for index in order]
