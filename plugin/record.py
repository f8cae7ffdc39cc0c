"""What a bundle says of itself: of which version it is, and which files are its own."""

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError

from ..engine.files import write_text
from .formats import PluginError

NAME = "innerear.json"
"""The record's file name in a bundle."""


class Record(BaseModel):
    """What `innerear.json` in a bundle holds.

    Attributes:
        version: of Innerear that it was built from.
        sources: checksum of all that was compiled, see `build.fingerprint`.
        files: paths in the bundle, of all that belongs to it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    sources: str
    files: tuple[str, ...] = ()


def read_record(bundle: Path) -> Record | None:
    """Return the record of a bundle; None where there is no bundle of ours."""
    try:
        record = Record.model_validate_json((bundle / NAME).read_bytes())
    except (OSError, ValidationError):
        return None
    return record if all(_is_inside(bundle, file) for file in record.files) else None


def _is_inside(bundle: Path, file: str) -> bool:
    """Return whether a path leads to a place in the bundle, and not along a link out of it."""
    if "\0" in file or PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts:
        return False
    return (bundle / file).parent.resolve().is_relative_to(bundle.resolve())


def write_record(bundle: Path, version: str, sources: str) -> None:
    """Write the record of a bundle that is complete but for it."""
    files = sorted({*_files(bundle), NAME})
    record = Record(version=version, sources=sources, files=tuple(files))
    text = json.dumps(record.model_dump(mode="json"), indent=2)
    write_text(bundle / NAME, text + "\n", PluginError)


def _files(bundle: Path) -> Iterable[str]:
    return (path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file())
