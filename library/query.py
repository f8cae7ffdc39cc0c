"""Asks a library's tables by DuckDB: conditions that people write, and nearest neighbours.

A condition is one expression. The connection is in memory, loads no extension and opens no file
but the library's own tables, and none of that can be changed by what a person writes.
"""

import re
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from ..engine.analysis.dream_settings import DREAM_SETTINGS
from ..engine.errors import LibraryError, nearest
from ..engine.parameters import PARAMETERS
from .place import Place
from .records import FOLDER, check_tables, single_rows, tables
from .table import COLUMNS

DISTANCE = "distance"
BEST_FIRST = "judged_after DESC NULLS LAST, score_after DESC NULLS LAST, item"
_KEYWORDS = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
_TEXT_OR_NAME = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
_UNKNOWN = re.compile(r'Referenced (?:column|table) "(.+?)" not found')
_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE"}
_CONFIGURATION = {
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "4GB",
    "temp_directory": "",  # nothing is written, in whatever folder we are
}


def setting_columns() -> Mapping[str, str]:
    """Return what a condition can name besides `COLUMNS`: settings by id, and `score`.

    Returns:
        name -> SQL. A setting that was not set is null.
    """
    found = {"score": "score_after"}
    for id, parameter in {**DREAM_SETTINGS, **PARAMETERS}.items():
        if id not in COLUMNS:
            text = f"settings->>'{id}'"
            is_number = parameter.kind in ("number", "integer choice")
            found[id] = f"TRY_CAST({text} AS DOUBLE)" if is_number else f"({text})"
    return found


class Query:
    """The tables of a library as they are at one moment, open for questions from any thread."""

    def __init__(self, place: Place, schema: Any, embedding_size: int) -> None:
        """Open the tables.

        Args:
            place: of the library.
            schema: of its tables.
            embedding_size: numbers in an embedding.

        Raises:
            LibraryError: a table is damaged.
        """
        import duckdb

        self._place, self._size = place, embedding_size
        self.names = tables(place)
        self._lock = Lock()
        self._connection = duckdb.connect(":memory:", config=_CONFIGURATION)
        try:
            self._open(schema)
        except Exception as problem:
            raise self._error("", problem) from None

    def _open(self, schema: Any) -> None:
        """Make the tables known as `items`, and lock the connection."""
        run = self._connection.execute
        words = run(_KEYWORDS).fetchall()
        self._keywords = {word for (word,) in words} & {*COLUMNS, *setting_columns()}
        folder, stored = self._place.folder, "stored"
        paths = [self._place.full(name) for name in self.names]
        if folder is not None and paths:  # DuckDB's own reader is several times as fast
            run(f"SET allowed_directories = [{_quoted(f'{folder / FOLDER}')}]")
            stored = f"read_parquet([{', '.join(map(_quoted, paths))}])"
        run("SET enable_external_access = false")
        run("SET lock_configuration = true")
        if stored == "stored":
            self._connection.register(stored, self._dataset(paths, schema))
        if single_rows(self.names):  # a merge may be under way: rows may be there twice
            newest = "ORDER BY item, state, made_at DESC"  # as `newest_rows` has it
            stored = f"(SELECT DISTINCT ON (item) * FROM {stored} {newest})"
        # Whatever types a file has, these are the columns' types from here on.
        types = {**_TYPES, "embedding": f"FLOAT[{self._size}]"}
        columns = ", ".join(
            f"{name}::{types[kind]} AS {name}" for name, (kind, _) in COLUMNS.items()
        )
        settings = ", ".join(f'{sql} AS "{name}"' for name, sql in setting_columns().items())
        run(f"CREATE VIEW items AS SELECT {columns}, {settings} FROM {stored}")

    def _dataset(self, paths: Sequence[str], schema: Any) -> Any:
        import pyarrow as pa
        import pyarrow.dataset as ds

        if not paths:
            return ds.dataset(pa.Table.from_pylist([], schema))
        return ds.dataset(paths, schema, "parquet", self._place.arrow_files())

    def find(
        self,
        where: str = "",
        near: Sequence[float] | None = None,
        limit: int | None = 20,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Return the items that meet a condition; see `Library.find`."""
        names = list(COLUMNS) if columns is None else list(columns)
        for name in names:
            _check_column(name)
        if limit is not None and limit < 0:
            raise LibraryError(f"a limit of {limit}: take 0 or more.")
        with self._lock:
            try:
                return self._ask(where, near, limit, names)
            except Exception as problem:
                raise self._error(where, problem) from None

    def count(self) -> int:
        """Return how many items there are."""
        with self._lock:
            try:
                (row,) = self._connection.execute("SELECT count(*) FROM items").fetchall()
            except Exception as problem:
                raise self._error("", problem) from None
        return int(row[0])

    def _ask(
        self, where: str, near: Sequence[float] | None, limit: int | None, names: list[str]
    ) -> Any:
        import duckdb

        found = self._connection.table("items")
        if where.strip():
            found = found.filter(duckdb.SQLExpression(self._condition(where)))
        if near is None:
            found = found.order(BEST_FIRST)
        else:
            point = f"[{', '.join(repr(float(number)) for number in near)}]::FLOAT[{self._size}]"
            distance = f"array_cosine_distance(embedding, {point}) AS {DISTANCE}"
            found = found.filter("embedding IS NOT NULL").project(f"*, {distance}")
            found = found.order(f"{DISTANCE}, item")
            names = [*names, DISTANCE]
        if limit is not None:
            found = found.limit(limit)
        return found.project(", ".join(f'"{name}"' for name in names)).to_arrow_table()

    def _condition(self, where: str) -> str:
        """Return a condition without the word that it may begin with.

        Columns whose names SQL uses itself, such as `freeze`, are quoted.
        """
        condition = re.sub(r"^\s*where\b", "", where, flags=re.IGNORECASE)
        if not self._keywords:
            return condition
        reserved = rf"{_TEXT_OR_NAME}|\b(?P<word>{'|'.join(sorted(self._keywords))})\b"
        quoted = lambda found: f'"{found[0]}"' if found["word"] else found[0]  # noqa: E731
        return re.sub(reserved, quoted, condition, flags=re.IGNORECASE)

    def _error(self, where: str, problem: Exception) -> Exception:
        """Return the error to raise for one that occurred, as one line."""
        import duckdb
        import pyarrow as pa

        if isinstance(problem, LibraryError):
            return problem
        if not isinstance(problem, duckdb.Error | pa.ArrowException | OSError):
            return problem
        for damaged in check_tables(self._place, self.names):
            return damaged
        lines = str(problem).splitlines() or [type(problem).__name__]
        unknown = _UNKNOWN.search(lines[0])
        if unknown:
            known = [*COLUMNS, *setting_columns()]
            return LibraryError(
                f"There is no column {unknown[1]!r}. {nearest(unknown[1], known)} A text is written"
                " in single quotes."
            )
        return LibraryError(f"The condition {where!r} cannot be asked: {lines[0]}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _check_column(name: str) -> None:
    known = {**COLUMNS, **setting_columns()}
    if name not in known:
        raise LibraryError(f"There is no column {name!r}. {nearest(name, known)}")
