"""`innerear auralise`: hear what one unit of a network passes of a sound."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..engine.defaults import AURALISE_RULE, AURALISE_UNIT, PAPERS_PACK
from ..engine.errors import InnerearError, ParameterError
from .shared.device import Device
from .shared.options import SOUND_HELP, AsJson
from .shared.output import print_json, print_table, progress_bar
from .shared.outputs import Force, claim_outputs

if TYPE_CHECKING:
    from ..engine.analysis.auralise import Auralised
    from ..engine.analysis.onsets import OnsetScore, Seconds
    from ..engine.arrays import Float
    from ..engine.packs.auralise_runner import Auraliser
    from ..engine.packs.pack import Pack

EXAMPLES = """
innerear auralise song.wav -o strongest.wav
innerear auralise song.wav --layer conv1 --unit 3 -o edges.wav --figure edges.png
innerear auralise song.wav --layer conv5 --unit all -o conv5/
innerear auralise song.wav --model samplecnn-instruments --layer output --unit Brass -o brass.wav
innerear auralise song.wav --layer conv1 --unit 3 --onsets onsets.txt
innerear auralise song.wav --layer conv1 --onsets onsets.txt --rank-onsets --figure ranked.png
"""

ALL = "all"
_RANKED = 12


def auralise(
    sound: Annotated[Path, typer.Argument(metavar="IN", help=SOUND_HELP)],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="The sound to write, of the same length, rate and channels; with --unit all a"
            " folder for one sound a unit.",
        ),
    ] = None,
    model: Annotated[
        str, typer.Option(metavar="<name>", help="A model pack's name or folder.")
    ] = PAPERS_PACK,
    layer: Annotated[
        str | None,
        typer.Option(
            metavar="<name>", help="The unit's layer.  [default: the one before `output`]"
        ),
    ] = None,
    unit: Annotated[
        str,
        typer.Option(
            metavar="<unit>",
            help="Its number; auto: the most active one; all; for `output` also a class.",
        ),
    ] = AURALISE_UNIT,
    rule: Annotated[
        str,
        typer.Option(
            metavar="<name>", help="How ReLUs pass backwards: deconv, gradient or guided."
        ),
    ] = AURALISE_RULE,
    onsets: Annotated[
        Path | None,
        typer.Option(
            metavar="<file>", help="Onset times in seconds, one a line: score the unit by them."
        ),
    ] = None,
    rank_onsets: Annotated[
        bool,
        typer.Option("--rank-onsets", help="With --onsets: rank all units of the layer instead."),
    ] = False,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="<file>",
            help="Draw it: spectrograms and mask, or the ranking (.png, .svg, .pdf).",
        ),
    ] = None,
    device: Device = "cpu",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Hear what one unit of a network passes of a sound.

    Keeps one feature map, passes it backwards through the network with the switches of its
    poolings (Zeiler and Fergus, 2014), and applies the result as a mask to the sound's short-time
    spectrum; the phase is the sound's (Choi and others, 2015). The result is silent above half the
    network's rate.
    """
    from ..engine.analysis.onsets import read_onsets
    from ..engine.io.audio_files import read_sound
    from ..engine.packs.onnx_runners import check_layers, rule_number
    from ..engine.packs.pack import load_pack

    _check(unit, rank_onsets, output, onsets, figure)
    rule_number(rule)
    times = read_onsets(onsets) if onsets is not None else None
    pack = load_pack(model, device=device)
    layer = layer or [*pack.layers][-2:][0]
    check_layers({layer: None}, pack.layers)
    files = _files(output, layer, pack.layers[layer].units) if unit == ALL else [output]
    claim_outputs((*files, figure), (sound, onsets), force)
    samples, sample_rate = read_sound(sound)
    task = _Task(pack, layer, samples, sample_rate, times, figure, sound.name, as_json)
    if rank_onsets:
        _rank(task)
    else:
        _auralise(task, unit, rule, output, files)


@dataclass(frozen=True)
class _Task:
    """The sound and how it is presented: `samples` is float32 (channels, samples)."""

    pack: "Pack"
    layer: str
    samples: "Float"
    sample_rate: int
    onsets: "Seconds | None"
    figure: Path | None
    name: str
    as_json: bool


def _check(
    unit: str, rank_onsets: bool, output: Path | None, onsets: Path | None, figure: Path | None
) -> None:
    """Refuse options that exclude each other, and outputs that cannot be written."""
    from ..engine.io.audio_files import check_sound_output
    from ..engine.plots.style import check_figure_output

    if rank_onsets and onsets is None:
        raise ParameterError("--rank-onsets needs --onsets FILE, with the onset times.")
    if rank_onsets and (output is not None or unit != AURALISE_UNIT):
        raise ParameterError("--rank-onsets ranks all units: leave --unit and --output out.")
    if unit == ALL and output is None:
        raise ParameterError("--unit all writes one sound a unit: name a folder with -o.")
    if not rank_onsets and output is None and figure is None and onsets is None:
        raise ParameterError("Name the sound to write with -o OUT, or a --figure.")
    if unit == ALL and onsets is not None:
        raise ParameterError("--onsets scores one unit; --rank-onsets ranks all of a layer.")
    if figure is not None:
        check_figure_output(figure)
    if output is not None and unit != ALL:
        check_sound_output(output)


def _auralise(
    task: _Task, unit: str, rule: str, output: Path | None, files: Sequence[Path | None]
) -> None:
    from ..engine.analysis.auralise import auralise_units, find_unit, most_active_unit
    from ..engine.analysis.onsets import activations_over_time, rank_onsets

    pack, layer = task.pack, task.layer
    units = list(range(pack.layers[layer].units))
    if unit not in (AURALISE_UNIT, ALL):
        units = [find_unit(pack, layer, unit)]
    activations = None
    if unit == AURALISE_UNIT or task.onsets is not None:
        activations = activations_over_time(task.samples, task.sample_rate, pack, layer)
        if unit == AURALISE_UNIT:
            units = [most_active_unit(activations)]
    graph = _graph(pack)
    folder = _make(output) if unit == ALL and output is not None else None
    rows: list[dict[str, Any]] = []
    results: list[Auralised] = []
    with progress_bar("auralising", 1) as advance:
        for result in auralise_units(
            task.samples, task.sample_rate, pack, layer, units, rule, graph=graph, progress=advance
        ):
            place = output if folder is None else files[result.unit]
            if place is not None:
                _write(place, result, task.sample_rate)
            rows.append(_row(task, result, place))
            if task.figure is not None:
                # The sounds of many units would fill the memory; the figure needs the masks alone.
                results.append(replace(result, sound=result.sound[:, :0]))
    score = None
    if task.onsets is not None and activations is not None:
        score = next(
            each for each in rank_onsets(activations, task.onsets) if each.unit == units[0]
        )
        rows[0]["onsets"] = _score(score) | {"peaks": [round(float(at), 3) for at in score.peaks]}
    if task.figure is not None:
        _draw(task, task.figure, rule, graph, results, activations, score)
    if task.as_json:
        data = {"model": pack.name, "layer": layer, "rule": rule, "sample_rate": task.sample_rate}
        print_json({**data, "seconds": task.samples.shape[1] / task.sample_rate, "units": rows})
        return
    _print(task, rule, rows, folder)


def _draw(
    task: _Task,
    path: Path,
    rule: str,
    graph: "Auraliser",
    results: "list[Auralised]",
    activations: "Float | None",
    score: "OnsetScore | None",
) -> None:
    from ..engine.analysis.auralise import spectrum_of
    from ..engine.packs.manifest import OUTPUT_LAYER
    from ..engine.plots.auralise_plots import auralise_all_figure, auralise_figure

    pack, layer = task.pack, task.layer
    spectrum = spectrum_of(task.samples, task.sample_rate, pack, graph)
    if len(results) > 1:
        title = f"{task.name}: what the units of {layer} pass ({pack.name}, {rule})"
        auralise_all_figure(path, title, spectrum, results)
        return
    (result,) = results
    who = pack.classes[result.unit] if layer == OUTPUT_LAYER else f"{layer}[{result.unit}]"
    title = f"{task.name}, {who} of {pack.name} ({rule})"
    activation = None if activations is None else activations[result.unit]
    auralise_figure(path, title, spectrum, result, who, activation, score, task.onsets)


def _rank(task: _Task) -> None:
    from ..engine.analysis.onsets import (
        TOLERANCE_SECONDS,
        activations_over_time,
        level_over_time,
        rank_onsets,
    )
    from ..engine.plots.auralise_plots import onsets_figure

    assert task.onsets is not None  # checked with the options
    pack, layer, onsets = task.pack, task.layer, task.onsets
    with progress_bar("listening", 1) as advance:
        activations = activations_over_time(task.samples, task.sample_rate, pack, layer, advance)
    ranked = rank_onsets(activations, onsets)
    (level,) = rank_onsets(level_over_time(task.samples, task.sample_rate), onsets)
    if task.figure is not None:
        title = f"{task.name}: {layer} of {pack.name} as onset detectors"
        onsets_figure(task.figure, title, ranked, level, activations, onsets)
    if task.as_json:
        data = {"model": pack.name, "layer": layer, "onsets": len(onsets)}
        rows = [{"unit": each.unit, **_score(each)} for each in ranked]
        print_json(
            {**data, "tolerance_seconds": TOLERANCE_SECONDS, "level": _score(level), "rows": rows}
        )
        return
    within = f"within {TOLERANCE_SECONDS * 1000:.0f} ms"
    print(f"{layer} of {pack.name} against {len(onsets)} onsets, {within}:")
    print()
    table = [
        [str(each.unit), *(f"{value:.2f}" for value in (each.precision, each.recall, each.f))]
        for each in ranked[:_RANKED]
    ]
    print_table(("unit", "precision", "recall", "F"), table, numbers={0, 1, 2, 3})
    if len(ranked) > _RANKED:
        print(f"... and {len(ranked) - _RANKED} more; --json shows all")
    print(f"\nthe sound's level alone: F {level.f:.2f}")
    if task.figure is not None:
        print(f"wrote {task.figure}")


def _graph(pack: "Pack") -> "Auraliser":
    """Return the pack's deconvolution graph; torch makes one for an older pack without it."""
    from ..engine.packs.manifest import AURALISE_FILE
    from .shared.torch_needed import need_torch

    if AURALISE_FILE not in pack.manifest.files and pack.manifest.architecture is not None:
        need_torch()
        from rich.console import Console

        from ..exporters.auralise_graph import auraliser_of

        with Console(stderr=True).status(f"{pack.name} has no auralise.onnx: making it"):
            return auraliser_of(pack)
    return pack.auraliser()


def _files(folder: Path | None, layer: str, units: int) -> list[Path]:
    """Return a file for each unit of a layer."""
    assert folder is not None  # checked with the options
    digits = len(str(units - 1))
    return [folder / f"{layer}-{unit:0{digits}}.wav" for unit in range(units)]


def _make(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InnerearError(
            f"{folder}: the folder cannot be made ({problem.strerror}); name another"
        ) from problem
    return folder


def _write(path: Path, result: "Auralised", sample_rate: int) -> None:
    from ..engine.io.audio_files import SoundWriter

    with SoundWriter(path, sample_rate, len(result.sound)) as writer:
        writer.write(result.sound)


def _row(task: _Task, result: "Auralised", place: Path | None) -> dict[str, Any]:
    """Return the report of a unit; its level is relative to the sound's."""
    import numpy as np

    from ..engine.packs.manifest import OUTPUT_LAYER

    row: dict[str, Any] = {"unit": result.unit}
    if task.layer == OUTPUT_LAYER:
        row["class"] = task.pack.classes[result.unit]
    power, whole = (float(np.mean(np.square(each))) for each in (result.sound, task.samples))
    row["level_db"] = round(10 * np.log10(power / whole), 2) if power > 0 and whole > 0 else None
    row["file"] = str(place) if place is not None else None
    return row


def _score(score: "OnsetScore") -> dict[str, float]:
    figures = {"precision": score.precision, "recall": score.recall, "f": score.f}
    return {name: round(value, 4) for name, value in figures.items()}


def _print(task: _Task, rule: str, rows: list[dict[str, Any]], folder: Path | None) -> None:
    silent = [row["unit"] for row in rows if row["level_db"] is None]
    if folder is not None:
        print(f"wrote {folder}: {len(rows)} units of {task.layer} of {task.pack.name} ({rule})")
        if silent:
            print(f"silent in this sound: {', '.join(map(str, silent))}")
    else:
        (row,) = rows
        who = f"unit {row['unit']} of {task.layer}"
        who += f", {row['class']}," if "class" in row else ""
        level = f"passes the sound at {row['level_db']} dB"
        print(
            f"{who} of {task.pack.name} {'is silent in this sound' if silent else level} ({rule})"
        )
        if "onsets" in row:
            score = row["onsets"]
            print(
                f"as an onset detector: precision {score['precision']:.2f}, recall"
                f" {score['recall']:.2f}, F {score['f']:.2f}"
            )
        if row["file"] is not None:
            print(f"wrote {row['file']}")
    if task.figure is not None:
        print(f"wrote {task.figure}")
