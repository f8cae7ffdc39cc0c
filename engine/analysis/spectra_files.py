"""Writes a network's spectra: as arrays, as tables, and as a pack with new templates."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ModelError
from ..files import write_beside
from ..packs.manifest import TEMPLATES_FILE, write_manifest
from ..packs.pack import SHIPPED_FOLDER, Pack, user_folder
from ..packs.pack_files import add_arrays, add_templates, copy_file
from ..packs.store import adding
from ..packs.unit_grains import GRAINS_FILE, cut_grains
from .spectra import VOICE_HZ, LayerSpectra

HISTOGRAM_BINS = 16
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def summary(spectra: LayerSpectra) -> dict[str, Any]:
    """Return the statistics of one layer, as JSON can hold them.

    Shares, flatness and distances are medians over the living units. `likeness` is the mean
    correlation of two units' spectra, at most 1. The histogram of peaks has 16 bins of equal width
    from 0 Hz to half the rate.
    """
    alive = ~spectra.dead
    known = alive & (spectra.tone_peak_hz > 0)
    edges = np.linspace(0, spectra.sample_rate / 2, HISTOGRAM_BINS + 1)
    octaves = np.abs(np.log2(spectra.peak_hz[known] / spectra.tone_peak_hz[known]))
    return {
        "layer": spectra.layer,
        "units": len(spectra.dead),
        "dead": np.flatnonzero(spectra.dead).tolist(),
        "voice_band_hz": list(VOICE_HZ),
        "voice_band_share": _median(spectra.voice_share[alive]),
        "peaks_in_voice_band": _mean(
            (spectra.peak_hz[alive] >= VOICE_HZ[0]) & (spectra.peak_hz[alive] <= VOICE_HZ[1])
        ),
        "flatness": _median(spectra.flatness[alive]),
        "likeness": round(spectra.likeness, 5),
        "peak_histogram_hz": [round(float(edge), 2) for edge in edges],
        "peak_histogram": np.histogram(spectra.peak_hz[alive], edges)[0].tolist(),
        "peak_to_own_peak_octaves": _median(octaves),
        "median_steps": _median(spectra.steps[alive]),
    }


def write_arrays(path: Path, found: Sequence[LayerSpectra]) -> None:
    """Write `.npz`: for each layer its spectra, and the figures of its units.

    Arrays are called `<layer>.magnitudes` [units, bins], `.hertz` [bins], `.peak_hz`, `.order`,
    `.dead`, `.voice_share`, `.flatness`, `.at_start`, `.at_end` [units], `.tones` [units, tones]
    and `.tone_hz` [tones].

    Raises:
        InnerearError: the file cannot be written.
    """
    names = (
        "magnitudes", "hertz", "peak_hz", "order", "dead", "voice_share", "flatness",
        "at_start", "at_end", "tones", "tone_hz",
    )  # fmt: skip
    arrays = {f"{each.layer}.{name}": getattr(each, name) for each in found for name in names}
    with write_beside(path) as temporary:
        np.savez_compressed(temporary, **arrays)


def write_units(path: Path, found: Sequence[LayerSpectra]) -> None:
    """Write a table with a row for each unit of each layer; for errors see `write_arrays`."""
    columns = ("peak_hz", "tone_peak_hz", "voice_share", "flatness", "at_start", "at_end", "steps")
    rows = [
        [each.layer, unit, int(each.dead[unit]), *(f"{values[unit]:.6g}" for values in table)]
        for each in found
        for table in [[getattr(each, name) for name in columns]]
        for unit in range(len(each.dead))
    ]
    _write_csv(path, [["layer", "unit", "dead", *columns], *rows])


def write_bands(path: Path, spectra: LayerSpectra) -> None:
    """Write a layer's picture as a table: a column a unit, sorted by peak, and a row a band.

    Errors as `write_arrays`.
    """
    bands = spectra.bands[spectra.order].T
    low = np.arange(len(bands)) * spectra.sample_rate / 2 / len(bands)
    heads = ["from_hz", *(f"unit {unit}" for unit in spectra.order)]
    rows = [
        [f"{hertz:.2f}", *(f"{value:.5f}" for value in band)]
        for hertz, band in zip(low, bands, strict=True)
    ]
    _write_csv(path, [heads, *rows])


def check_retuned(name: str) -> None:
    """Check the name of a new pack of the user's.

    Raises:
        ModelError: no pack can have this name, or a shipped one has it.
    """
    if not _NAME.fullmatch(name):
        raise ModelError(f"A model cannot be called {name!r}: small letters, digits, dots, dashes.")
    if (SHIPPED_FOLDER / name).exists():
        raise ModelError(f"{name!r} came with Innerear and stays as it is; choose another name.")


def add_retuned(
    pack: Pack, name: str, templates: Mapping[str, ArrayLike], found: Sequence[LayerSpectra]
) -> Path:
    """Add a copy of a pack, with these templates and grains, to the user's own packs.

    Whole or not at all; a pack of that name that the user had is replaced.

    Args:
        pack: the original.
        name: of the copy.
        templates: layer -> [units, 513].
        found: of every layer; its waveforms become grains.

    Returns:
        the folder of the pack.

    Raises:
        ModelError: the name is not allowed, or the pack cannot be written.
    """
    check_retuned(name)
    with adding(name) as copy:
        kept = [file for file in pack.manifest.files if file not in (TEMPLATES_FILE, GRAINS_FILE)]
        for file in kept:
            copy_file(pack.folder, pack.manifest, file, copy)
        files = {file: pack.manifest.files[file] for file in kept}
        write_manifest(pack.manifest.model_copy(update={"name": name, "files": files}), copy)
        add_templates(copy, templates)
        cut: dict[str, NDArray[np.float16]] = {
            each.layer: cut_grains(each.waveforms) for each in found
        }
        add_arrays(copy, GRAINS_FILE, cut)
    return user_folder() / name


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    with write_beside(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="")


def _median(values: NDArray[Any]) -> float | None:
    return round(float(np.median(values)), 5) if len(values) else None


def _mean(values: NDArray[Any]) -> float | None:
    return round(float(np.mean(values)), 5) if len(values) else None
