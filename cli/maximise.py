"""`innerear maximise`: find the sound that excites a unit, a class or a mix of them most."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..engine.defaults import (
    MAXIMISE_AUDIBLE,
    MAXIMISE_JITTER_MS,
    MAXIMISE_LEARNING_RATE,
    MAXIMISE_OPTIMISER,
    MAXIMISE_PARAMETERISATION,
    MAXIMISE_STEPS,
    SEED,
)
from ..engine.errors import InnerearError, ParameterError
from .shared.device import Device
from .shared.options import FORMATS_HELP, AsJson, Report
from .shared.output import print_json, print_table, progress_bar, to_json
from .shared.outputs import Force, claim_outputs

if TYPE_CHECKING:
    from ..engine.analysis.batch_ascent import MaximisedSound
    from ..engine.analysis.method import Method
    from ..engine.targets.objectives import Objective

EXAMPLES = """
innerear maximise samplecnn-digits output seven -o seven.wav
innerear maximise samplecnn-instruments conv5 3,7,12 -o units.wav --figure units.png
innerear maximise samplecnn-instruments "Brass + conv5/12*0.5" -o mix.wav
innerear maximise samplecnn-digits conv7 5 -o unit.wav --process process.png --steps 100
"""

_LAYER, _UNIT = "Layer and unit", "Search"


def maximise(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model pack's name or folder.")],
    layer: Annotated[
        str,
        typer.Argument(
            metavar="LAYER",
            help="A layer; or, without UNIT, a class or a mix such as Brass + conv5/12*0.5.",
        ),
    ],
    destination: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="<file>",
            help=f"The sound to write: {FORMATS_HELP}; of several units, each gets its name behind"
            " the file's.",
        ),
    ],
    unit: Annotated[
        str | None,
        typer.Argument(
            metavar="UNIT", help="Of the layer: 7, or 3,7,12, 0-15, all; of output, classes too."
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, metavar="<number>", help=f"At most.  [default: {MAXIMISE_STEPS}]"),
    ] = None,
    converge: Annotated[
        bool,
        typer.Option("--converge/--no-converge", help="Stop when hardly anything is gained."),
    ] = True,
    parameterisation: Annotated[
        str,
        typer.Option(
            metavar="<name>",
            help="What is changed: spectrum, waveform, or filter (new noise through it each step).",
        ),
    ] = MAXIMISE_PARAMETERISATION,
    optimiser: Annotated[
        str, typer.Option(metavar="<name>", help="The optimiser: adam, or ascent (plain).")
    ] = MAXIMISE_OPTIMISER,
    rate: Annotated[
        float | None,
        typer.Option(min=1e-4, max=10.0, metavar="<number>", help="Length of a step."),
    ] = None,
    jitter_ms: Annotated[
        float,
        typer.Option(
            min=0, max=10_000, metavar="<ms>", help="Shift the sound at random, at most so far."
        ),
    ] = MAXIMISE_JITTER_MS,
    gain_db: Annotated[
        float,
        typer.Option(
            min=0, max=60, metavar="<dB>", help="Change its level at random, at most so far."
        ),
    ] = 0.0,
    noise_db: Annotated[
        float | None,
        typer.Option(
            min=-120, max=20, metavar="<dB>", help="Add noise of this level, relative to the sound."
        ),
    ] = None,
    mask_octaves: Annotated[
        float,
        typer.Option(min=0, max=6, metavar="<octaves>", help="Remove a random band of this width."),
    ] = 0.0,
    audible: Annotated[
        float,
        typer.Option(
            min=0, max=1, metavar="<0..1>", help="How fast frequencies that ears hardly hear decay."
        ),
    ] = MAXIMISE_AUDIBLE,
    seed: Annotated[int, typer.Option(min=0, metavar="<number>", help="Of the noise.")] = SEED,
    figure: Annotated[
        Path | None,
        typer.Option(metavar="<file>", help="Draw what was found (.png, .svg, .pdf)."),
    ] = None,
    process: Annotated[
        Path | None,
        typer.Option(
            metavar="<folder|file>",
            help="Keep start, every step and end: sounds in a folder, or a picture.",
        ),
    ] = None,
    device: Device = "cpu",
    report: Report = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Find the sound that excites a unit most, from noise: activation maximisation.

    The sound is as long as the model's window. The same seed gives the same bytes. Units that stay
    inactive from every noise are reported as dead, and get no sound.
    """
    from ..engine.analysis.maximise import maximise as search
    from ..engine.files import check_output, write_beside
    from ..engine.io.audio_files import check_sound_output
    from ..engine.packs.pack import load_pack
    from ..engine.targets.objectives import parse_mix, parse_units

    check_sound_output(destination)
    if report is not None:
        check_output(report)
    if figure is not None:
        from ..engine.plots.style import check_figure_output

        check_figure_output(figure)
    method = _method(
        steps, converge, parameterisation, optimiser, rate,
        jitter_ms, gain_db, noise_db, mask_octaves, audible,
    )  # fmt: skip
    pack = load_pack(model, device=device)
    wanted = [parse_mix(pack, layer)] if unit is None else parse_units(pack, layer, unit)
    if process is not None:
        _check_process(process, wanted)
    files = _files(destination, wanted)
    claim_outputs((*files.values(), figure, process, report), (), force)
    with progress_bar("maximising", 1) as advance:
        found = search(
            pack,
            wanted,
            method=method,
            seed=seed,
            keep_process=process is not None,
            progress=advance,
        )
    alive = [each for each in found if not each.dead]
    if not alive:
        names = ", ".join(each.objective.name for each in found)
        raise InnerearError(
            f"{names}: dead; none of {found[0].starts} kinds of noise excites"
            f" {'it' if len(found) == 1 else 'them'}, so there is no sound to write"
        )
    files = {each.objective.name: files[each.objective.name] for each in alive}
    for each in alive:
        _write_sound(files[each.objective.name], each.sound, pack.sample_rate)
    title = f"{pack.name}: what excites it most"
    if figure is not None:
        from ..engine.plots.maximise_plots import maximised_figure

        maximised_figure(figure, title, found, pack.sample_rate)
    if process is not None:
        _write_process(process, pack.name, found[0], pack.sample_rate)
    data = {
        "model": pack.name,
        "sample_rate": pack.sample_rate,
        "samples": pack.window,
        "seed": seed,
        "parameterisation": parameterisation,
        "most_steps": method.steps,
        "found": [_as_data(each, files) for each in found],
    }
    if report is not None:
        with write_beside(report) as temporary:
            temporary.write_text(to_json(data) + "\n", encoding="utf-8")
    if as_json:
        print_json(data)
        return
    _print(found, files)
    for path in (figure, process, report):
        if path is not None:
            print(f"wrote {path}")


def _method(
    steps: int | None,
    converge: bool,
    parameterisation: str,
    optimiser: str,
    rate: float | None,
    jitter_ms: float,
    gain_db: float,
    noise_db: float | None,
    mask_octaves: float,
    audible: float,
) -> "Method":
    from ..engine.analysis.a_weighting import Ear
    from ..engine.analysis.method import Method, with_settings
    from ..engine.analysis.optimisers import Adam, Ascent, Optimiser
    from ..engine.analysis.transforms import FrequencyMask, Gain, Jitter, Noise, Transform
    from ..engine.errors import nearest

    climbs: dict[str, Optimiser] = {
        "adam": Adam(rate or MAXIMISE_LEARNING_RATE),
        "ascent": Ascent(rate or MAXIMISE_LEARNING_RATE),
    }
    if optimiser not in climbs:
        raise ParameterError(f"There is no optimiser {optimiser!r}. {nearest(optimiser, climbs)}")
    transforms: list[Transform] = []
    if jitter_ms:
        transforms.append(Jitter(jitter_ms))
    if gain_db:
        transforms.append(Gain(gain_db))
    if noise_db is not None:
        transforms.append(Noise(noise_db))
    if mask_octaves:
        transforms.append(FrequencyMask(mask_octaves))
    method = Method(
        optimiser=climbs[optimiser],
        transforms=tuple(transforms),
        ear=Ear(audible),
        converge=converge,
    )
    return with_settings(method, parameterisation, steps)


def _check_process(process: Path, wanted: Sequence["Objective"]) -> None:
    """Raise if the process cannot be written."""
    from ..engine.plots.style import SUFFIXES, check_figure_output

    if len(wanted) > 1:
        raise ParameterError(f"--process shows one unit, not {len(wanted)}: name one.")
    if process.suffix.lower() in SUFFIXES:
        check_figure_output(process)
        return
    if process.exists() and (not process.is_dir() or any(process.iterdir())):
        raise InnerearError(f"{process}: for the process name a new folder, an empty one, or F.png")
    if not process.parent.is_dir():
        raise InnerearError(f"{process}: the folder {process.parent} does not exist; make it first")


def _write_process(process: Path, model: str, found: "MaximisedSound", sample_rate: int) -> None:
    from ..engine.plots.maximise_plots import process_figure
    from ..engine.plots.style import SUFFIXES

    title = f"{model}, {found.objective.name}: the sound after each step"
    if process.suffix.lower() in SUFFIXES:
        process_figure(process, title, found, sample_rate)
        return
    process.mkdir(exist_ok=True)
    last = len(found.process) - 1
    for step, sound in enumerate(found.process):
        word = {0: "-start", last: "-end"}.get(step, "")
        _write_sound(process / f"{step:04d}{word}.wav", sound, sample_rate)
    process_figure(process / "process.png", title, found, sample_rate)


def _write_sound(path: Path, sound: Any, sample_rate: int) -> None:
    from ..engine.io.audio_files import SoundWriter

    with SoundWriter(path, sample_rate, 1) as writer:
        peak = float(abs(sound).max())
        writer.write((sound / max(1.0, peak))[None])


def _files(destination: Path, wanted: Sequence["Objective"]) -> dict[str, Path]:
    """Return the file for each objective, by its name."""
    if len(wanted) == 1:
        return {wanted[0].name: destination}
    words = {each.name: re.sub(r"[^A-Za-z0-9.]+", "-", each.name).strip("-") for each in wanted}
    return {name: destination.with_stem(f"{destination.stem}-{words[name]}") for name in words}


def _as_data(found: "MaximisedSound", files: dict[str, Path]) -> dict[str, Any]:
    name = found.objective.name
    return {
        "objective": name,
        "weights": {f"{layer}:{unit}": w for (layer, unit), w in found.objective.weights.items()},
        "dead": found.dead,
        "at_start": found.at_start,
        "at_end": found.at_end,
        "steps": found.steps,
        "converged": found.converged,
        "noises_tried": found.starts,
        "file": str(files[name]) if name in files else None,
    }


def _print(found: Sequence["MaximisedSound"], files: dict[str, Path]) -> None:
    rows = []
    for each in found:
        name = each.objective.name
        how = f"{each.steps} steps" + (", converged" if each.converged else "")
        rows.append(
            [
                name,
                f"{each.at_start:.3g}",
                f"{each.at_end:.3g}",
                "dead" if each.dead else how,
                str(files.get(name, "")),
            ]
        )
    print_table(["excited", "on noise", "at the end", "took", "wrote"], rows, numbers={1, 2})
