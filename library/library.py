"""A library of dreams in Python: find items, and get their sounds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..engine.arrays import Float
from ..engine.errors import LibraryError
from ..engine.files import parse_json
from ..engine.io.audio_files import read_sound
from .measuring import embedding_of
from .place import FileKind, Place, file_name, is_id
from .query import Query
from .records import tables
from .table import MOST_NUMBERS, SCHEMA_VERSION, arrow_schema

HEADER = "library.json"
_SHORTEST_PREFIX = 4


@dataclass(frozen=True)
class Header:
    """What a library says of itself, in `library.json`.

    Attributes:
        schema: version of its tables.
        name: of the library.
        embedding_model: the network that hears the items' embeddings.
        embedding_layer: its layer.
        embedding_size: units of that layer.
    """

    schema: int
    name: str
    embedding_model: str
    embedding_layer: str
    embedding_size: int


class Library:
    """A library that `innerear library build` made, to be asked. It may grow meanwhile.

    Examples:
        >>> import innerear, tempfile
        >>> from innerear.engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
        >>> from innerear.engine.io.audio_files import SoundWriter
        >>> from innerear.library.building import build
        >>> from innerear.library.plan import Grid
        >>> folder = tempfile.mkdtemp()
        >>> with SoundWriter(f"{folder}/phrase.wav", SAMPLE_RATE, 2) as writer:
        ...     writer.write(short_phrase()[:, :SAMPLE_RATE])
        >>> grid = Grid(models=("samplecnn-digits",), targets=("seven",), settings={"step": (1, 2)})
        >>> done = build(f"{folder}/dreams", [f"{folder}/phrase.wav"], grid, workers=0)
        >>> library = innerear.Library(f"{folder}/dreams")
        >>> table = library.find("step > 1 and model = 'samplecnn-digits'")
        >>> len(table), table["target"][0].as_py()
        (1, 'seven')
        >>> sound, sample_rate = library.sound(table["item"][0].as_py())
        >>> sound.shape == (2, SAMPLE_RATE)
        True
        >>> library.find(near=table["item"][0].as_py())["distance"].to_pylist()[0] < 1e-6
        True
    """

    def __init__(self, path: str | Path) -> None:
        """Open a library.

        Args:
            path: its folder, or a URL that fsspec knows.

        Raises:
            LibraryError: there is none, it is damaged, or a newer Innerear made it.
            MissingLibraryError: the extra `library` is not installed.
        """
        self.place = Place(path)
        self.header = read_header(self.place)
        self._query: Query | None = None
        self._names: list[str] = []

    def __repr__(self) -> str:
        """Show where it lies."""
        return f"Library({str(self.place)!r})"

    @property
    def name(self) -> str:
        """The library's name."""
        return self.header.name

    @property
    def count(self) -> int:
        """How many items it has, failed ones included."""
        return self._asked().count()

    @cached_property
    def schema(self) -> Any:
        """The `pyarrow.Schema` of its tables; see `table.COLUMNS`."""
        return arrow_schema(self.header.embedding_size)

    def find(
        self,
        where: str = "",
        near: str | Path | None = None,
        limit: int | None = 20,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Return the items that meet a condition, or are most like another.

        Args:
            where: an SQL expression over the columns (`table.COLUMNS`), `score` for `score_after`,
                and settings by their id, null where they were not set; all items without one.
            near: an item, or a sound file; the result is sorted by the cosine distance to it, and
                has that as the column `distance`. Without it, those that judges hear best come
                first.
            limit: at most so many; None for all.
            columns: to return; by default all.

        Returns:
            a `pyarrow.Table`; `.to_pandas()` makes a data frame of it, where pandas is installed.

        Raises:
            LibraryError: the condition cannot be asked, there is no such column or item, or a table
                is damaged.
            AudioFileError: the sound file cannot be read.
        """
        point = None if near is None else self.embedding(near)
        try:
            return self._asked().find(where, point, limit, columns)
        except LibraryError:
            if tables(self.place) == self._names:
                raise
        # A build has merged tables since they were listed.
        return self._asked().find(where, point, limit, columns)

    def item(self, id: str) -> dict[str, Any]:
        """Return an item's row, by column; `settings` and `judges` as data.

        Raises:
            LibraryError: there is no such item, or its row is damaged.
        """
        (row,) = self.items([id])
        return row

    def items(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows of several items, in the same order; see `item`."""
        for id in ids:
            if not is_id(id):
                raise LibraryError(f"{id!r} is no item: an item has 32 hexadecimal digits.")
        if not ids:
            return []
        where = f"item IN ({', '.join(repr(id) for id in ids)})"
        rows = {row["item"]: row for row in self.find(where, limit=None).to_pylist()}
        for id in ids:
            if id not in rows:
                raise LibraryError(f"{self.place} has no item {id}.")
        return [self._with_data(rows[id]) for id in ids]

    def _with_data(self, row: dict[str, Any]) -> dict[str, Any]:
        try:
            data = {name: parse_json(row[name]) for name in ("settings", "judges")}
        except (TypeError, ValueError) as problem:
            raise LibraryError(
                f"item {row['item']} of {self.place} is damaged: its settings or judges are no"
                f" JSON; take it out with innerear library remove {self.place} {row['item']}"
            ) from problem
        return {**row, **data}

    def id_of(self, beginning: str) -> str:
        """Return the item whose id begins so.

        Args:
            beginning: at least four of its hexadecimal digits.

        Raises:
            LibraryError: there is none, or several.
        """
        text = beginning.lower()
        if len(text) < _SHORTEST_PREFIX or not is_id(text.ljust(32, "0")):
            raise LibraryError(
                f"{beginning!r} is no item: write at least {_SHORTEST_PREFIX} of its hexadecimal"
                " digits."
            )
        found = self.find(f"starts_with(item, '{text}')", limit=2, columns=["item"])
        if len(found) != 1:
            which = "no item that begins" if len(found) == 0 else "several items that begin"
            raise LibraryError(f"{self.place} has {which} with {beginning!r}.")
        return str(found["item"][0].as_py())

    def sound(self, id: str) -> tuple[Float, int]:
        """Return an item's sound.

        Returns:
            float32 (channels, samples), and its rate in hertz.

        Raises:
            LibraryError: there is no such item, or its file is missing.
            AudioFileError: the file is damaged.
        """
        return self._read("sound", id)

    def original(self, id: str) -> tuple[Float, int]:
        """Return the sound that an item was dreamed into; see `sound`.

        Raises:
            LibraryError: there is none, or its file is missing.
        """
        return self._read("original", id)

    def path_of(self, id: str, kind: FileKind = "sound") -> Path:
        """Return the path of one of an item's files, where the library is a folder.

        Args:
            id: of the item.
            kind: `sound` (FLAC), `original` (FLAC) or `thumbnail` (PNG).

        Raises:
            LibraryError: there is no such file in the library.
        """
        return self.place.path(self._file(id, kind))

    def read(self, id: str, kind: FileKind = "sound") -> bytes:
        """Return the content of one of an item's files, wherever the library lies.

        Raises:
            LibraryError: there is no such file in the library.
        """
        name = self._file(id, kind)
        return self.path_of(id, kind).read_bytes() if self.place.folder else self.place.read(name)

    def embedding(self, near: str | Path) -> list[float]:
        """Return what the library's network hears in an item or in a sound file.

        Raises:
            LibraryError: the item failed, or there is none.
            AudioFileError: the file cannot be read.
        """
        text = str(near)
        if not is_id(text):
            sound, rate = read_sound(near)
            header = self.header
            return embedding_of(sound, rate, header.embedding_model, header.embedding_layer)
        found = self.item(text)["embedding"]
        if found is None:
            raise LibraryError(f"The item {text} failed: there is nothing near it.")
        return [float(number) for number in found]

    def stats(self) -> dict[str, Any]:
        """Return how many items there are, of what, how they were heard, and what they take.

        Returns:
            `items`, `done`, `failed`, `seconds` of sound, `bytes` (the tables, and an estimate of
            the sounds from 20 of them), `making_seconds`; `methods`, `models`, `targets` and
            `sounds` (name -> count), `scores` (a row for each model and target), and `reasons` of
            failures (reason -> count).
        """
        names = ["item", "state", "reason", "method", "model", "target", "sound", "seconds"]
        names += ["making_seconds", "score_before", "score_after", "judged_before", "judged_after"]
        table = self.find(limit=None, columns=names)
        done = table.filter(np.asarray(table["state"]) == "done")
        return {
            **asdict(self.header),
            "items": len(table),
            "done": len(done),
            "failed": len(table) - len(done),
            "seconds": _sum(done["seconds"]),
            "making_seconds": _sum(table["making_seconds"]),
            "bytes": self._bytes(done["item"]),
            **{f"{each}s": _counts(table[each]) for each in ("method", "model", "target", "sound")},
            "scores": _scores(done),
            "reasons": _counts(table.filter(np.asarray(table["state"]) == "failed")["reason"]),
        }

    def _bytes(self, items: Any) -> int:
        stored = sum(self.place.size(name) for name in tables(self.place))
        sample = items.to_pylist()[:: max(1, len(items) // 20)][:20]
        kinds: tuple[FileKind, ...] = ("sound", "thumbnail")
        files = [file_name(kind, id) for id in sample for kind in kinds]
        sizes = [self.place.size(name) for name in files if self.place.exists(name)]
        return stored + round(sum(sizes) / max(1, len(sample)) * len(items))

    def _asked(self) -> Query:
        """Return the tables as they are now."""
        names = tables(self.place)
        if self._query is None or names != self._names:
            self._query = Query(self.place, self.schema, self.header.embedding_size)
            self._names = self._query.names
        return self._query

    def _file(self, id: str, kind: FileKind) -> str:
        if kind != "original":
            return file_name(kind, id)
        sound_hash = self.item(id)["sound_hash"]
        if not sound_hash:
            raise LibraryError(f"The item {id} was dreamed into no sound: there is no original.")
        return file_name(kind, sound_hash)

    def _read(self, kind: FileKind, id: str) -> tuple[Float, int]:
        with self.place.reading(self._file(id, kind)) as path:
            return read_sound(path)


def read_header(place: Place) -> Header:
    """Return what a library says of itself.

    Raises:
        LibraryError: there is no library, it is damaged, or a newer Innerear made it.
    """
    if not place.exists(HEADER):
        raise LibraryError(
            f"{place} is no library of dreams (it has no {HEADER}); make one with: innerear library"
            " build SOUNDS -o LIBRARY"
        )
    try:
        data = parse_json(place.read(HEADER))
        schema = int(data["schema"])
        if schema <= SCHEMA_VERSION:
            size = int(data["embedding"]["size"])
            if not 1 <= size <= MOST_NUMBERS:
                raise ValueError("no such embedding")
            return Header(
                schema,
                str(data["name"]),
                str(data["embedding"]["model"]),
                str(data["embedding"]["layer"]),
                size,
            )
    except (ValueError, KeyError, TypeError, OverflowError):
        raise LibraryError(f"{place}/{HEADER} is damaged; write it anew from a copy.") from None
    raise LibraryError(
        f"{place} was made by a newer Innerear: its schema is {schema}, and this one reads up to"
        f" {SCHEMA_VERSION}; update Innerear."
    )


def write_header(place: Place, header: Header) -> None:
    """Write what a library says of itself."""
    data = {
        "schema": header.schema,
        "name": header.name,
        "embedding": {
            "model": header.embedding_model,
            "layer": header.embedding_layer,
            "size": header.embedding_size,
        },
    }
    place.write(HEADER, (json.dumps(data, indent=2) + "\n").encode())


def _sum(column: Any) -> float:
    return float(sum(value or 0.0 for value in column.to_pylist()))


def _counts(column: Any) -> dict[str, int]:
    pairs = ((row["values"], row["counts"]) for row in column.value_counts().to_pylist())
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def _scores(done: Any) -> list[Mapping[str, Any]]:
    numbers = ("score_before", "score_after", "judged_before", "judged_after")
    grouped = done.group_by(["model", "target"])
    table = grouped.aggregate([("item", "count"), *((name, "mean") for name in numbers)])
    rows = [
        {
            "model": row["model"],
            "target": row["target"],
            "items": row["item_count"],
            **{name: row[f"{name}_mean"] for name in numbers},
        }
        for row in table.to_pylist()
    ]
    return sorted(rows, key=lambda row: (row["model"], row["target"]))
