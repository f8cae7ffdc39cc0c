"""`innerear spectra`: the spectra of every unit's maximising waveform, layer by layer."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..engine.defaults import MAXIMISE_STEPS, SEED, SPECTRA_PARAMETERISATION
from .shared.device import Device
from .shared.options import AsJson
from .shared.output import print_json, print_table, progress_bar, to_json
from .shared.outputs import Force, claim_outputs

if TYPE_CHECKING:
    from ..engine.analysis.spectra import LayerSpectra
    from ..engine.packs.pack import Pack

_ARRAYS = "spectra.npz"
_FILES = ("spectra.png", "peaks.png", "filters.png", _ARRAYS, "units.csv", "summary.json")

EXAMPLES = """
innerear spectra samplecnn-digits -o spectra
innerear spectra samplecnn-instruments -o conv2 --layer conv2 --parameterisation spectrum
innerear spectra samplecnn-digits -o retuned --write-templates samplecnn-digits-retuned
"""


def spectra(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model pack's name or folder.")],
    folder: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="<folder>", help="For pictures, tables and data."),
    ],
    layer: Annotated[
        str | None,
        typer.Option(metavar="<name,...>", help="One layer or several.  [default: all]"),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, metavar="<number>", help=f"At most.  [default: {MAXIMISE_STEPS}]"),
    ] = None,
    parameterisation: Annotated[
        str, typer.Option(metavar="<name>", help="What is changed: spectrum, waveform or filter.")
    ] = SPECTRA_PARAMETERISATION,
    seed: Annotated[int, typer.Option(min=0, metavar="<number>", help="Of the noise.")] = SEED,
    write_templates: Annotated[
        str | None,
        typer.Option(
            metavar="<name>",
            help="Find every unit's template and grain too, and add the model with them to your"
            " own, under this name.",
        ),
    ] = None,
    device: Device = "cpu",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Maximise every unit of a network, and show the spectra of what was found.

    Writes spectra.png (a panel a layer: columns are units sorted by their peak, rows frequencies),
    peaks.png, a picture of the first layer beside its answers to tones, the same as tables, and
    spectra.npz. After an interruption the same call goes on where it was, with the same results.
    """
    from ..engine.analysis.method import with_settings
    from ..engine.analysis.spectra import (
        METHOD,
        UNFINISHED,
        find_kept_templates,
        find_spectra,
        finish,
    )
    from ..engine.analysis.spectra_files import add_retuned, check_retuned, summary
    from ..engine.errors import ParameterError
    from ..engine.files import check_output
    from ..engine.optional import require
    from ..engine.packs.pack import load_pack

    require("figures need", "matplotlib")
    method = with_settings(METHOD, parameterisation, steps)
    pack = load_pack(model, device=device)
    layers = None if layer is None else [name.strip() for name in layer.split(",")]
    if write_templates is not None:
        if layers is not None:
            raise ParameterError("--write-templates needs every layer: leave --layer out.")
        check_retuned(write_templates)
    check_output(folder / _ARRAYS if folder.is_dir() else folder)
    goes_on = (folder / UNFINISHED).is_dir()
    claim_outputs([folder / name for name in _FILES], (), force or goes_on)
    with progress_bar(f"maximising the units of {pack.name}", 1) as advance:
        found = find_spectra(pack, folder, layers, method, seed, advance)
    written = _write(folder, pack, found)
    place = None
    if write_templates is not None:
        with progress_bar("finding templates", 1) as advance:
            templates = find_kept_templates(pack, folder, progress=advance)
        place = add_retuned(pack, write_templates, templates, found)
    finish(folder)
    data: dict[str, Any] = {
        "model": pack.name,
        "parameterisation": parameterisation,
        "seed": seed,
        "layers": [summary(each) for each in found],
        "files": [str(path) for path in written],
        "pack": None if place is None else str(place),
    }
    if as_json:
        print_json(data)
        return
    _print(data["layers"])
    for path in written:
        print(f"wrote {path}")
    if place is not None:
        print(f"added {write_templates}, with templates and grains: {place}")


def _write(folder: Path, pack: "Pack", found: Sequence["LayerSpectra"]) -> list[Path]:
    from ..engine.analysis.spectra_files import summary, write_arrays, write_bands, write_units
    from ..engine.files import write_beside
    from ..engine.plots.spectra_plots import filters_figure, peaks_figure, spectra_figure

    first = found[0]
    title = f"{pack.name}: what excites each unit most"
    spectra_figure(folder / "spectra.png", title, found)
    peaks_figure(folder / "peaks.png", title, found)
    filters_figure(folder / "filters.png", f"{pack.name}, {first.layer}", first)
    write_arrays(folder / _ARRAYS, found)
    write_units(folder / "units.csv", found)
    for each in found:
        write_bands(folder / f"{each.layer}.csv", each)
    data = {"model": pack.name, "layers": [summary(each) for each in found]}
    with write_beside(folder / "summary.json") as temporary:
        temporary.write_text(to_json(data) + "\n", encoding="utf-8")
    return [folder / name for name in (*_FILES, *(f"{each.layer}.csv" for each in found))]


def _print(layers: Sequence[dict[str, Any]]) -> None:
    def shown(value: float | None, form: str) -> str:
        return "-" if value is None else format(value, form)

    rows = [
        [
            each["layer"],
            str(each["units"]),
            str(len(each["dead"])),
            shown(each["voice_band_share"], ".0%"),
            shown(each["peaks_in_voice_band"], ".0%"),
            shown(each["flatness"], ".3f"),
            shown(each["likeness"], ".2f"),
            shown(each["peak_to_own_peak_octaves"], ".2f"),
        ]
        for each in layers
    ]
    heads = [
        "layer",
        "units",
        "dead",
        "energy in 200-3400 Hz",
        "peaks there",
        "flatness",
        "likeness",
        "peak to tone peak (octaves)",
    ]
    print_table(heads, rows, numbers=set(range(1, len(heads))))
