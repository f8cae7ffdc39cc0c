"""Looks after a library: finds what is damaged or missing, and removes items with their files."""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..engine.errors import AudioFileError, LibraryError
from ..engine.io.audio_files import SoundReader
from .library import Library
from .place import FileKind, OutsideError, Place, file_name, is_id
from .records import check_tables, merge, read_table, remove_rows, tables

_BLOCK = 65_536
_READ_BYTES = 1 << 20
_DAMAGED = ".damaged"
_FILES: tuple[FileKind, ...] = ("sound", "thumbnail")


@dataclass
class Findings:
    """What `verify` found.

    Attributes:
        items: how many were looked at.
        problems: a line for each.
        lost: the items that have to be made again.
        tables: tables that cannot be read.
        sounds: sounds that were dreamed into, and are damaged.
        strays: files of no item: of an interrupted build, or of a damaged table.
    """

    items: int = 0
    problems: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    sounds: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)


def verify(
    library: Library,
    *,
    listen: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Findings:
    """Look for damaged tables, missing or damaged files, and files of no item.

    Args:
        library: to look through.
        listen: whether every sound is decoded from end to end.
        progress: called with the number of items looked at, and of all.

    Raises:
        LibraryError: a file is there and cannot be read now.
    """
    place, found = library.place, Findings()
    files = _all_files(place)  # first: an item that is made meanwhile has its row last
    for damaged in check_tables(place, tables(place)):
        found.tables.append(damaged.name)
        found.problems.append(str(damaged))
    readable = [name for name in tables(place) if name not in found.tables]
    columns = ["item", "state", "sound_hash"]
    rows = [row for name in readable for row in read_table(place, name, columns).to_pylist()]
    read = len(rows)
    rows = [row for row in rows if is_id(row["item"]) and is_id(row["sound_hash"] or row["item"])]
    if len(rows) < read:
        found.problems.append(f"{read - len(rows)} rows name an item, or a sound, that is none.")
    found.items = len({row["item"] for row in rows})
    known: set[str] = set()
    sound_names: dict[str, str] = {}
    for done, row in enumerate(rows):
        if row["sound_hash"]:
            name = file_name("original", row["sound_hash"])
            known.add(name)
            if name not in sound_names:
                sound_names[name] = _file_problem(place, name, listen)
                if sound_names[name]:
                    found.sounds.append(name)
                    found.problems.append(sound_names[name])
        if row["state"] == "done":
            names = [file_name(kind, row["item"]) for kind in _FILES]
            known.update(names)
            problems = [_file_problem(place, name, listen) for name in names]
            if any(problems):
                found.lost.append(row["item"])
                found.problems += filter(None, problems)
        progress(done + 1, len(rows))
    found.strays = [name for name in files if name not in known]
    return found


def repair(
    library: Library,
    *,
    listen: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Findings:
    """Verify a library that nobody else changes; remove what is damaged, and what is of no item.

    The next build makes items again whose files are lost, and takes damaged sounds in again.
    Damaged tables stay under another name.

    Args:
        library, listen, progress: see `verify`.

    Returns:
        what was found.

    Raises:
        LibraryError: the library cannot be written, or is being changed.
    """
    place = library.place
    with place.sole_writer():
        found = verify(library, listen=listen, progress=progress)
        for name in found.tables:
            place.move(name, name + _DAMAGED)
        if found.lost:
            remove_rows(place, library.schema, found.lost)
        for name in (*found.sounds, *found.strays):
            place.remove(name)
    return found


def remove(library: Library, items: Collection[str]) -> int:
    """Remove items, their files, and the sounds that no other item needs.

    Args:
        library: to remove from.
        items: their ids.

    Returns:
        how many there were.

    Raises:
        LibraryError: the library cannot be written, or is being changed.
    """
    place = library.place
    with place.sole_writer():
        merge(place, library.schema)
        hashes = _hashes(library, items)
        # Rows first: what is interrupted leaves files of no item, and never items without files.
        remove_rows(place, library.schema, set(hashes))
        for item in hashes:
            for kind in _FILES:
                place.remove(file_name(kind, item))
        gone = set(hashes.values()) - {""}
        for sound_hash in gone - set(_hashes(library).values()):
            place.remove(file_name("original", sound_hash))
    return len(hashes)


def _hashes(library: Library, items: Collection[str] | None = None) -> dict[str, str]:
    """Return each item's sound, by its hash; of all items, or of some."""
    rows = library.find(limit=None, columns=["item", "sound_hash"]).to_pylist()
    chosen = None if items is None else set(items)
    pairs: Iterable[tuple[str, str]] = ((row["item"], row["sound_hash"]) for row in rows)
    return {item: hash for item, hash in pairs if chosen is None or item in chosen}


def _file_problem(place: Place, name: str, listen: bool) -> str:
    """Return in a line what is wrong with a file; empty where nothing is.

    Raises:
        LibraryError: it cannot be read now, which says nothing of what is in it.
    """
    if not place.exists(name):
        return str(place.missing(name))
    if place.size(name) == 0:
        return f"{place}/{name} is empty."
    if not (listen and name.endswith(".flac")):
        return ""
    try:
        with place.reading(name) as path:
            _read_through(path)
            with SoundReader(path) as reader:
                for _ in reader.blocks(_BLOCK):
                    pass
    except (AudioFileError, OutsideError) as problem:
        return str(problem)
    return ""


def _read_through(path: Path) -> None:
    """Read a file to its end: what keeps it from being read is no damage."""
    try:
        with path.open("rb") as file:
            while file.read(_READ_BYTES):
                pass
    except OSError as problem:
        raise LibraryError(f"{path} cannot be read: {os.strerror(problem.errno or 0)}.") from None


def _all_files(place: Place) -> Sequence[str]:
    folders = [f"{kind}/{byte:02x}" for kind in ("sounds", "thumbnails") for byte in range(256)]
    return [name for folder in folders for name in place.names(folder)]
