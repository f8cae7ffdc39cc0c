"""A library as the page shows it: the items that have a place on the map, and their columns."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import LibraryError
from ..library import Library
from ..place import is_id
from ..table import COLUMNS
from .columns import Column, columns_of, wanted_columns
from .conditions import EVERYTHING, Filter, where
from .projection import Places, keep_places, project, read_places, version_of

PLACED = "state = 'done' AND embedding IS NOT NULL"

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Snapshot:
    """The items at one moment.

    Attributes:
        version: of these items; see `version_of`.
        items: their names, sorted.
        places: [items, 2] on the map.
        columns: by name.
        left_out: how many items of the library have no place: they failed, or have no embedding.
    """

    version: str
    items: tuple[str, ...]
    places: Places
    columns: Mapping[str, Column]
    left_out: int

    def as_dict(self) -> dict[str, Any]:
        """Return what the page has to know first, as JSON data."""
        return {
            "version": self.version,
            "count": len(self.items),
            "left_out": self.left_out,
            "columns": [column.as_dict() for column in self.columns.values()],
        }

    def mask(self, items: Sequence[str]) -> Mask:
        """Return which of the snapshot's items are among these."""
        chosen = frozenset(items)
        return np.array([item in chosen for item in self.items], bool)

    def ranked(self, mask: Mask, column: str, largest_first: bool, limit: int) -> list[int]:
        """Return the numbers of items, the best first.

        Args:
            mask: which items take part.
            column: by whose values they are ranked; items without a value come last.
            largest_first: or the smallest.
            limit: how many at most.
        """
        numbers = np.flatnonzero(mask)
        if column in self.columns:
            values = self.columns[column].values[numbers]
            numbers = numbers[np.argsort(-values if largest_first else values, kind="stable")]
        return [int(number) for number in numbers[:limit]]


class SnapshotReader:
    """Reads a library for the page; any thread may call it."""

    def __init__(self, library: Library, say: Callable[[str], None] = lambda text: None) -> None:
        """Read nothing yet.

        Args:
            library: what is read.
            say: called with one line for the user.
        """
        self._library, self._say = library, say
        self._lock = threading.Lock()
        self._newest: Snapshot | None = None

    def current(self, anew: bool = False) -> Snapshot:
        """Return the snapshot.

        Args:
            anew: whether the library may have grown since the last one.

        Raises:
            LibraryError: the library cannot be read.
        """
        with self._lock:
            if anew or self._newest is None:
                self._newest = self._read()
            return self._newest

    def find(self, snapshot: Snapshot, chosen: Filter) -> tuple[str, Mask]:
        """Return a filter's SQL condition, and which items of a snapshot it lets through.

        Raises:
            LibraryError: a column that there is not, or the library cannot be read.
        """
        sql = where(chosen, snapshot.columns)
        if sql == EVERYTHING:
            return sql, np.ones(len(snapshot.items), bool)
        found = self._library.find(sql, limit=None, columns=["item"])
        return sql, snapshot.mask(found["item"].to_pylist())

    def rows(self, items: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return what the library says of items, but for the embeddings, by item.

        Raises:
            LibraryError: the library cannot be read.
        """
        sql = where(Filter(items=list(items)), ())
        columns = [name for name, (kind, _) in COLUMNS.items() if kind != "embedding"]
        table = self._library.find(sql, limit=None, columns=columns)
        return {str(row["item"]): row for row in table.to_pylist()}

    def _read(self) -> Snapshot:
        library = self._library
        table = library.find(PLACED, limit=None, columns=wanted_columns()).sort_by("item")
        # No other name is ever shown, let alone made a path of.
        table = table.filter(np.array([is_id(name) for name in table["item"].to_pylist()], bool))
        items = tuple(table["item"].to_pylist())
        version = version_of(items)
        if self._newest is not None and self._newest.version == version:
            return self._newest
        places = read_places(library.place, version, len(items))
        if places is None:
            places = self._project(items)
            try:
                keep_places(library.place, version, places)
            except LibraryError as problem:  # it may be someone else's; the page works anyway
                self._say(f"the map will be computed again next time: {problem}")
        return Snapshot(version, items, places, columns_of(table), library.count - len(items))

    def _project(self, items: Sequence[str]) -> Places:
        table = self._library.find(PLACED, limit=None, columns=["item", "embedding"])
        column = table["embedding"].combine_chunks()
        flat = column.flatten().to_numpy(zero_copy_only=False)
        placed = project(flat.reshape(len(column), self._library.header.embedding_size))
        row = {name: number for number, name in enumerate(table["item"].to_pylist())}
        places: Places = placed[np.array([row[name] for name in items], int)]
        return places
