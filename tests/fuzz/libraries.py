"""Readers of a library of dreams: its files, its tables, and what its page is asked."""

import io
import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from innerear.engine.errors import InnerearError
from innerear.library.library import HEADER, Library
from innerear.library.page.favourites import FAVOURITES_FILE, Favourites
from innerear.library.page.projection import MAP_FILE, version_of
from innerear.library.page.snapshot import SnapshotReader
from innerear.library.upkeep import verify

from ..library.page.synthetic import SIZE, item_id, make_library, make_row
from .mutations import mutate_archive, mutate_bytes, mutate_json
from .packs import archive
from .target import Read, Target

_ITEMS = 12
_TABLE = f"items/part-{'0' * 32}.parquet"
_HOST = "127.0.0.1:8765"
_NEEDS = ("library", "page")


def _header(folder: Path) -> Read:
    place = make_library(folder / "dreams", _ITEMS, sounds=1)

    def read(data: bytes) -> None:
        (place / HEADER).write_bytes(data)
        library = Library(place)
        library.find(near=item_id(1))
        SnapshotReader(library).current()

    return read


def _header_seed() -> tuple[bytes, ...]:
    embedding = {"model": "samplecnn-digits", "layer": "conv5", "size": SIZE}
    return (json.dumps({"schema": 1, "name": "x", "embedding": embedding}).encode(),)


def _table(folder: Path) -> Read:
    place = make_library(folder / "dreams", _ITEMS, sounds=1)

    def read(data: bytes) -> None:
        (place / _TABLE).write_bytes(data)
        (place / MAP_FILE).unlink(missing_ok=True)
        library = Library(place)
        verify(library)
        for ask in (
            lambda: library.find("score > 0.1", limit=3),
            lambda: library.find(near=item_id(1)),
            lambda: library.item(item_id(1)),
            library.stats,
            lambda: SnapshotReader(library).current().as_dict(),
        ):
            try:
                ask()
            except InnerearError:
                continue

    return read


def _tables() -> tuple[bytes, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from innerear.library.table import arrow_schema

    random = np.random.default_rng(1)
    rows = [make_row(number, random) for number in range(_ITEMS)]
    found = []
    for compression in ("none", "zstd"):
        file = io.BytesIO()
        table = pa.Table.from_pylist(rows, schema=arrow_schema(SIZE))
        pq.write_table(table, file, compression=compression)
        found.append(file.getvalue())
    return tuple(found)


def mutate_table(data: bytes, random: Random) -> bytes:
    """Change a column of a table: its type, its values or its name; or the file's bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data))
    except Exception:  # it was changed before, in any way
        return mutate_bytes(data, random)
    if random.random() < 0.5 or not len(table.column_names):
        tail = max(0, len(data) - 4000)  # the footer says what is where
        return data[:tail] + mutate_bytes(data[tail:], random)
    at = random.randrange(len(table.column_names))
    name, rows = table.column_names[at], len(table)
    values: tuple[Any, ...] = (None, "", "../../x", "ab" * 16, "a\0b", "{", "[" * 9999, "é" * 999)
    numbers: tuple[Any, ...] = (0.0, float("nan"), float("inf"), -1e300, 1e300)
    columns = (
        lambda: pa.array([random.choice(values) for _ in range(rows)], pa.string()),
        lambda: pa.array([random.choice(numbers) for _ in range(rows)], pa.float64()),
        lambda: pa.array([random.choice((0, -1, 2**62))] * rows, pa.int64()),
        lambda: pa.array([None] * rows, pa.null()),
        lambda: pa.array([b"\xff\xfe"] * rows, pa.binary()),
        lambda: pa.array([[0.5] * random.choice((0, 1, 9))] * rows, pa.list_(pa.float32())),
        lambda: pa.array([{"a": 1}] * rows),
        lambda: pa.array([b"\xff"] * rows, pa.binary()).view(pa.string()),
    )
    match random.randrange(4):
        case 0:
            table = table.remove_column(at)
        case 1:
            table = table.append_column("more", random.choice(columns)())
        case _:
            table = table.set_column(at, name, random.choice(columns)())
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def _map(folder: Path) -> Read:
    place = make_library(folder / "dreams", _ITEMS)

    def read(data: bytes) -> None:
        (place / MAP_FILE).write_bytes(data)
        current = SnapshotReader(Library(place)).current()
        assert current.places.shape == (_ITEMS, 2)
        assert np.isfinite(current.places).all()

    return read


def _map_seed() -> tuple[bytes, ...]:
    version = np.array(version_of([item_id(number) for number in range(_ITEMS)]))
    bomb = np.zeros((1 << 21, 2), np.float32)
    return (
        archive(False, version=version, places=np.zeros((_ITEMS, 2), np.float32)),
        archive(version=version, places=bomb),
    )


def _favourites(folder: Path) -> Read:
    place = make_library(folder / "dreams", _ITEMS)

    def read(data: bytes) -> None:
        (place / FAVOURITES_FILE).write_bytes(data)
        Favourites(Library(place).place).choose(item_id(1), True)

    return read


def _page(folder: Path) -> Read:
    """Take a request as JSON: method, path, headers, and a body as text or data."""
    from starlette.testclient import TestClient

    from innerear.library.page.app import make_app

    place = make_library(folder / "dreams", _ITEMS, sounds=1)
    app = make_app(Library(place), [_HOST])
    client = TestClient(app, base_url=f"http://{_HOST}", raise_server_exceptions=True)
    map_version = client.get("/map").json()["version"]

    def read(data: bytes) -> None:
        try:
            method, path, headers, body = json.loads(data)
            path = str(path).replace("VERSION", map_version)
            text = body if isinstance(body, str) else json.dumps(body)
            request = client.build_request(
                str(method), path, headers=headers, content=text.encode("utf-8", "replace")
            )
        except Exception:  # the client cannot ask that
            return
        answer = client.send(request)
        assert answer.status_code < 500 or answer.status_code == 503, answer.text[:300]
        assert b"root:" not in answer.content

    return read


def _requests() -> tuple[bytes, ...]:
    origin = {"Origin": f"http://{_HOST}"}
    item = item_id(0)
    chosen = {
        "filter": {
            "conditions": [
                {"kind": "between", "column": "score_after", "low": 0.1, "high": None},
                {"kind": "one-of", "column": "target", "values": ["Brass"]},
                {"kind": "contains", "column": "model", "text": "cnn"},
            ],
            "items": [item],
        },
        "by": "score_after",
        "largest_first": True,
    }
    asked = (
        ("GET", "/map", {}, ""),
        ("GET", "/map/VERSION/columns/target", {}, ""),
        ("POST", "/map/VERSION/matches", origin, chosen),
        ("GET", f"/items/{item}", {}, ""),
        ("GET", f"/items/{item}/sound?download", {"Range": "bytes=0-99"}, ""),
        ("GET", f"/items/{item}/alike", {}, ""),
        ("GET", f"/items/{item}/preset", {}, ""),
        ("POST", f"/items/{item}/favourite", origin, {"favourite": True}),
        ("POST", f"/items/{item}/live", origin, {"slot": "a"}),
        ("GET", "/static/../../../../etc/passwd", {}, ""),
    )
    return tuple(json.dumps(each).encode() for each in asked)


TARGETS = (
    Target("library-header", _header, _header_seed, mutate_json, _NEEDS, examples=15),
    Target("library-table", _table, _tables, mutate_table, _NEEDS, examples=5),
    Target("library-map", _map, _map_seed, mutate_archive, _NEEDS, examples=10),
    Target("library-favourites", _favourites, lambda: (b'["a"]',), mutate_json, _NEEDS),
    Target("library-page", _page, _requests, mutate_json, _NEEDS),
)
