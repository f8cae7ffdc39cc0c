"""The rows of a library: written one by one as items are made, and merged into larger tables."""

import io
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..engine.errors import LibraryError
from ..engine.files import as_text
from .judged import JUDGED, with_judges_of
from .place import Place, is_id
from .table import COLUMNS, arrow_schema

FOLDER = "items"
SUFFIX = ".parquet"
PART = "part-"
PART_ROWS = 10_000
"""Rows in a merged table: small enough to be written anew when a row changes."""

_REPEATED = [name for name, (kind, _) in COLUMNS.items() if kind == "text" and name != "item"]
"""Columns whose values come again and again."""
# What the nearest neighbours are sought in is read fastest as it is; it hardly shrinks anyway.
_COMPRESSION = {
    "embedding.list.element" if kind == "embedding" else name: (
        "none" if kind == "embedding" else "zstd"
    )
    for name, (kind, _) in COLUMNS.items()
}

Row = Mapping[str, Any]


class DamagedTableError(LibraryError):
    """A Parquet file of a library cannot be read."""

    def __init__(self, place: Place, name: str) -> None:
        """Say which file, and what to do."""
        super().__init__(
            f"{place}/{name} is damaged; innerear library verify {place} --repair sets it aside,"
            " and the next build makes its items again."
        )
        self.name = name


def row_name(item: str) -> str:
    """Return the file of one row, which the worker that makes the item writes."""
    return f"{FOLDER}/{item}{SUFFIX}"


def tables(place: Place) -> list[str]:
    """Return the files that hold rows."""
    return [name for name in place.names(FOLDER) if name.endswith(SUFFIX)]


def single_rows(names: Iterable[str]) -> list[str]:
    """Return those of some files that hold one row and are not merged yet."""
    return [name for name in names if is_id(_stem(name))]


def write_row(place: Place, row: Row, schema: Any) -> None:
    """Write one row; with it an item is there.

    Raises:
        LibraryError: the disk is full, or there is no permission.
    """
    import pyarrow as pa

    table = pa.Table.from_pylist([{name: _plain(row.get(name)) for name in COLUMNS}], schema=schema)
    _write(place, row_name(row["item"]), table)


def _plain(value: Any) -> Any:
    """Return a value that a table can hold: a file's name may be no text."""
    return as_text(value) if isinstance(value, str) else value


def read_table(place: Place, name: str, columns: list[str] | None = None) -> Any:
    """Return the `pyarrow.Table` of one file.

    Raises:
        DamagedTableError: it cannot be read.
        LibraryError: it is missing.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    content, wanted = place.read(name), {each.name: each.type for each in arrow_schema(1)}
    try:
        # In this thread: Arrow's own would let go of Python's memory later, and end the process
        # in the middle of its ending.
        file = pq.ParquetFile(pa.BufferReader(content))
        table = file.read(columns, use_threads=False)
        table.validate(full=True)
    except (pa.ArrowException, OSError):
        raise DamagedTableError(place, name) from None
    if not set(columns or COLUMNS) <= set(table.column_names):
        raise DamagedTableError(place, name)
    table = table.select(columns or list(COLUMNS))
    if any(not _is_like(field.type, wanted[field.name]) for field in table.schema):
        raise DamagedTableError(place, name)
    return table


def _is_like(found: Any, wanted: Any) -> bool:
    """Return whether a column has the type that it should have; lists may have any length."""
    import pyarrow as pa

    if pa.types.is_fixed_size_list(found) and pa.types.is_fixed_size_list(wanted):
        return bool(found.value_type == wanted.value_type)
    return bool(found == wanted)


def check_tables(place: Place, names: Iterable[str]) -> Iterator[DamagedTableError]:
    """Yield an error for each of some files that cannot be read."""
    for name in names:
        try:
            read_table(place, name)
        except DamagedTableError as problem:
            yield problem


def merge(place: Place, schema: Any, only: Collection[str] | None = None) -> None:
    """Merge single rows into larger tables; the newer of two rows of an item stays.

    Interrupted at any moment nothing is lost: what is merged goes only when the new table is there,
    and where a row is there twice meanwhile, readers take the newer.

    Args:
        place: of the library.
        schema: of its tables.
        only: the items to merge; by default all.

    Raises:
        LibraryError: a file is damaged, or the disk is full.
    """
    import pyarrow as pa

    names = tables(place)
    singles = [name for name in single_rows(names) if only is None or _stem(name) in only]
    if not singles:
        return
    new = pa.concat_tables([read_table(place, name) for name in singles])
    changed = set(new["item"].to_pylist())
    absorbed = []
    for name in set(names) - set(single_rows(names)):
        items = read_table(place, name, ["item"])["item"].to_pylist()
        if len(items) < PART_ROWS or not changed.isdisjoint(items):
            absorbed.append(name)
    merged = newest_rows(pa.concat_tables([new, *(read_table(place, each) for each in absorbed)]))
    for start in range(0, len(merged), PART_ROWS):
        write_part(place, merged.slice(start, PART_ROWS).cast(schema))
    for name in (*absorbed, *singles):  # single rows last: they say that there are rows twice
        place.remove(name)


def write_part(place: Place, table: Any) -> None:
    """Write a table of at most `PART_ROWS` rows.

    Raises:
        LibraryError: the disk is full, or there is no permission.
    """
    _write(place, f"{FOLDER}/{PART}{secrets.token_hex(16)}{SUFFIX}", table)


def newest_rows(table: Any) -> Any:
    """Return a table with one row of each item, by item: the newest of those that were made.

    A row that says why an item failed stays only where there is no other. What judges heard who
    listened before, and not again, is kept.
    """
    import pyarrow as pa

    ordered = table.sort_by(
        [("item", "ascending"), ("state", "ascending"), ("made_at", "descending")]
    )
    items = ordered["item"].to_pylist()
    first = [at == 0 or items[at - 1] != item for at, item in enumerate(items)]
    found = ordered.filter(pa.array(first))
    if len(found) == len(ordered):
        return found
    kept = {row["item"]: row for row in found.select(JUDGED).to_pylist()}
    for row, is_newest in zip(ordered.select(JUDGED).to_pylist(), first, strict=True):
        if not is_newest:
            kept[row["item"]] = with_judges_of(kept[row["item"]], row)
    for name in JUDGED[1:]:
        at = found.column_names.index(name)
        values = pa.array([row[name] for row in kept.values()], found.schema.field(name).type)
        found = found.set_column(at, found.schema.field(name), values)
    return found


def remove_rows(place: Place, schema: Any, items: Collection[str]) -> None:
    """Remove the rows of some items.

    Raises:
        LibraryError: a file is damaged, or the disk is full.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    gone = pa.array(sorted(items), pa.string())
    for name in tables(place):
        table = read_table(place, name)
        kept = table.filter(pc.invert(pc.is_in(table["item"], gone)))
        if len(kept) == len(table):
            continue
        if len(kept):
            _write(place, name, kept.cast(schema))
        else:
            place.remove(name)


def _write(place: Place, name: str, table: Any) -> None:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression=_COMPRESSION, use_dictionary=_REPEATED)
    place.write(name, buffer.getvalue())


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(SUFFIX)
