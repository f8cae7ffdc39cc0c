"""Takes items out of a library: sounds, presets that play them live, and tables."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..engine.errors import LibraryError
from ..engine.files import write_beside, write_text
from ..engine.io.audio_files import SoundWriter
from .item_preset import item_preset, preset_file
from .library import Library

TABLES = (".csv", ".parquet")
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 40
_ID_DIGITS = 10


def outputs(
    rows: Sequence[Mapping[str, Any]], folder: Path, suffix: str
) -> dict[Path, Mapping[str, Any]]:
    """Return the files to write, and the item of each: sounds, and presets of what was rendered.

    Args:
        rows: as `Library.item` returns them; failed items have no files.
        folder: to write to.
        suffix: of the sounds.
    """
    found: dict[Path, Mapping[str, Any]] = {}
    for row in rows:
        if row["state"] != "done":
            continue
        found[folder / (stem(row) + suffix)] = row
        if has_preset(row):
            found[folder / (stem(row) + ".json")] = row
    return found


def export_items(library: Library, files: Mapping[Path, Mapping[str, Any]]) -> None:
    """Write the files that `outputs` named.

    Raises:
        InnerearError: a sound is missing, or a file cannot be written.
    """
    for path, row in files.items():
        if path.suffix == ".json":
            write_text(path, preset_file(item_preset(row)), LibraryError)
            continue
        sound, rate = library.sound(row["item"])
        with SoundWriter(path, rate, len(sound)) as writer:
            writer.write(sound)


def export_table(library: Library, items: Sequence[str], file: Path) -> None:
    """Write the columns of some items, in their order; CSV has no embeddings.

    Raises:
        LibraryError: the file cannot be written.
    """
    import pyarrow as pa
    from pyarrow import csv, parquet

    table = library.find(limit=None)
    place = {item: at for at, item in enumerate(table["item"].to_pylist())}
    table = table.take(pa.array([place[item] for item in items], pa.int64()))
    with write_beside(file, LibraryError) as temporary:
        if file.suffix == ".csv":
            csv.write_csv(table.drop_columns(["embedding"]), temporary)
        else:
            parquet.write_table(table, temporary)


def has_preset(row: Mapping[str, Any]) -> bool:
    """Return whether a preset plays an item live: it was rendered, by networks that have names.

    A preset does not hold where a pack lies that was named by its folder.
    """
    return row["method"] == "render" and not any(mark in row["model"] for mark in "/\\")


def stem(row: Mapping[str, Any]) -> str:
    """Return a file's name for an item, whatever sounds and models are called."""
    sound = str(row["sound"]).rpartition(".")[0] or str(row["sound"])
    parts = (sound, row["model"], row["target"])
    words = [_UNSAFE.sub("-", str(part)).strip("-")[:_LONGEST] for part in parts]
    return "_".join([word for word in words if word] + [row["item"][:_ID_DIGITS]])
