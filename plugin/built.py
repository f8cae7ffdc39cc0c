"""Finds bundles that can be installed: what was built here, or what a wheel brought."""

from importlib.util import find_spec
from pathlib import Path

from .build import DPF, build, fingerprint
from .formats import FORMATS
from .record import Record, read_record

WHEEL = "innerear_plugin"
"""The package of the wheel that carries bundles."""


def build_folder() -> Path:
    """Return the folder of the bundles that the user has built."""
    import platformdirs

    return platformdirs.user_data_path("innerear", appauthor=False) / "plugin"


def folders_with_bundles() -> tuple[Path, ...]:
    """Return the folders in which there may be bundles, the user's own first."""
    spec = find_spec(WHEEL)
    places = spec.submodule_search_locations if spec is not None else None
    return (build_folder(), *(Path(place) / "bundles" for place in places or ()))


def built_record(folder: Path) -> Record | None:
    """Return the record of the bundles in a folder; None where they are not all of one build."""
    records = {read_record(folder / each.bundle) for each in FORMATS.values()}
    sources = {record.sources if record else None for record in records}
    return records.pop() if len(sources) == 1 else None


def find_built() -> Path | None:
    """Return the folder of bundles that are of this very Innerear; None where there is none."""
    wanted = fingerprint()
    for folder in folders_with_bundles():
        record = built_record(folder)
        if record is not None and record.sources == wanted:
            return folder
    return None


def find_or_build(dpf: Path = DPF) -> Path:
    """Return the folder of bundles that are of this very Innerear; build them where needed.

    Raises:
        PluginError: as `build`.
    """
    folder = find_built()
    if folder is None:
        folder = build_folder()
        build(folder, dpf)
    return folder
