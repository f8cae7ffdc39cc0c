"""The page's application: what it answers to each request."""

import base64
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from ...engine.errors import InnerearError, LibraryError
from ..item_preset import item_preset, preset_file, readable_name
from ..library import Library
from ..place import FileKind, file_name, is_id
from .conditions import read_filter
from .favourites import Favourites
from .guard import Guard
from .instrument import play_live
from .requests import ChangedError, NotFoundError, attachment, binary, get, plain, post, refuse
from .snapshot import PLACED, Snapshot, SnapshotReader

STATIC = Path(__file__).resolve().parent / "static"
RANKED = 100
ALIKE = 20
"""How many items are listed."""
_MEDIA: Mapping[str, str] = {
    "sound": "audio/flac",
    "original": "audio/flac",
    "thumbnail": "image/png",
}
_LISTED = ("item", "sound", "target", "model", "method")


def make_app(
    library: Library, hosts: Collection[str], say: Callable[[str], None] = lambda text: None
) -> Starlette:
    """Return the application.

    Args:
        library: what is shown; nothing outside it is ever read.
        hosts: see `Guard`.
        say: called with one line for the user.
    """
    return Starlette(
        routes=_Page(library, say).routes(),
        middleware=[Middleware(Guard, hosts=hosts)],
        exception_handlers={InnerearError: refuse},
    )


class _Page:
    """Answers requests; each method is one of them, and runs in a thread."""

    def __init__(self, library: Library, say: Callable[[str], None]) -> None:
        self._library = library
        self._reader = SnapshotReader(library, say)
        self._favourites = Favourites(library.place)

    def routes(self) -> Sequence[BaseRoute]:
        return [
            get("/", lambda request: FileResponse(STATIC / "index.html")),
            get("/map", self._map),
            get("/map/{version}/items", self._items),
            get("/map/{version}/places", self._places),
            get("/map/{version}/columns/{column}", self._column),
            post("/map/{version}/matches", self._matches),
            get("/items/{item}", self._item),
            get("/items/{item}/alike", self._alike),
            get("/items/{item}/preset", self._preset),
            get("/items/{item}/{kind}", self._file),
            post("/items/{item}/favourite", self._favourite),
            post("/items/{item}/live", self._live),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    # The map

    def _map(self, request: Request) -> Response:
        """Say what there is, from the library as it is now."""
        about = {
            "name": self._library.name,
            "favourites": self._favourites.items(),
            **self._reader.current(anew=True).as_dict(),
        }
        return JSONResponse(about)

    def _items(self, request: Request) -> Response:
        return PlainTextResponse("\n".join(self._snapshot(request).items))

    def _places(self, request: Request) -> Response:
        return binary(self._snapshot(request).places)

    def _column(self, request: Request) -> Response:
        columns, name = self._snapshot(request).columns, request.path_params["column"]
        if name not in columns:
            raise NotFoundError(f"There is no column {name[:40]!r}.")
        return binary(columns[name].values)

    def _matches(self, request: Request, said: Mapping[str, Any]) -> Response:
        """Say which items a filter lets through, and list the best of them."""
        snapshot = self._snapshot(request)
        condition, mask = self._reader.find(snapshot, read_filter(said.get("filter", {})))
        largest_first = said.get("largest_first") is not False
        best = snapshot.ranked(mask, str(said.get("by", "")), largest_first, RANKED)
        bits = np.packbits(mask, bitorder="little").tobytes()
        return JSONResponse(
            {
                "where": condition,
                "count": int(mask.sum()),
                "bits": base64.b64encode(bits).decode(),
                "best": self._listed([snapshot.items[number] for number in best]),
            }
        )

    # One item

    def _item(self, request: Request) -> Response:
        """Say everything about an item."""
        row = self._row(request)
        preset = problem = ""
        try:
            preset = preset_file(item_preset(row))
        except InnerearError as reason:
            problem = str(reason)
        return JSONResponse(
            {
                "item": plain(row),
                "files": {kind: self._has(row, kind) for kind in get_args(FileKind)},
                "preset": preset,
                "no_preset": problem,
                "file_name": readable_name(row),
            }
        )

    def _alike(self, request: Request) -> Response:
        """List the items that are nearest to one, itself first."""
        item = self._row(request)["item"]
        found = self._library.find(PLACED, item, ALIKE + 1, ["item"])
        distances = dict(
            zip(*(found[name].to_pylist() for name in ("item", "distance")), strict=True)
        )
        listed = self._listed(list(distances))
        return JSONResponse(
            {"best": [{**row, "distance": distances[row["item"]]} for row in listed]}
        )

    def _preset(self, request: Request) -> Response:
        row = self._row(request)
        return Response(
            preset_file(item_preset(row)),
            media_type="application/json",
            headers=attachment(f"{readable_name(row)}.json"),
        )

    def _file(self, request: Request) -> Response:
        """Send an item's sound, the sound that it is a dream of, or its thumbnail."""
        kind, row = request.path_params["kind"], self._row(request)
        if kind not in _MEDIA:
            raise NotFoundError(f"An item has no {kind[:40]!r}.")
        suffix = ".png" if kind == "thumbnail" else ".flac"
        wants_file = "download" in request.query_params
        headers = attachment(readable_name(row) + suffix) if wants_file else {}
        place = self._library.place
        try:
            name = _file_of(row, kind)
            if place.folder is None:
                return Response(place.read(name), media_type=_MEDIA[kind], headers=headers)
            return FileResponse(place.path(name), media_type=_MEDIA[kind], headers=headers)
        except LibraryError as problem:
            raise NotFoundError(str(problem)) from None

    def _favourite(self, request: Request, said: Mapping[str, Any]) -> Response:
        """Make an item a favourite, or no longer one."""
        item = self._row(request)["item"]
        kept = self._favourites.choose(item, said.get("favourite") is True)
        return JSONResponse({"favourites": kept})

    def _live(self, request: Request, said: Mapping[str, Any]) -> Response:
        """Let the instrument that plays take an item's settings."""
        preset, slot = item_preset(self._row(request)), said.get("slot")
        if slot not in (None, "a", "b"):
            raise LibraryError("A slot is a or b.")
        return JSONResponse({"done": play_live(preset, slot)})

    # What these have in common

    def _snapshot(self, request: Request) -> Snapshot:
        snapshot = self._reader.current()
        if request.path_params["version"] != snapshot.version:
            raise ChangedError("The library has changed; load the page again.")
        return snapshot

    def _row(self, request: Request) -> dict[str, Any]:
        """Return what the library says of the item that a request names."""
        item = request.path_params["item"]
        rows = self._reader.rows([item]) if is_id(item) else {}
        if item not in rows:
            raise NotFoundError("There is no such item.")
        return rows[item]

    def _has(self, row: Mapping[str, Any], kind: FileKind) -> bool:
        """Return whether an item has a file, inside the library."""
        place = self._library.place
        try:
            name = _file_of(row, kind)
            return place.exists(name) if place.folder is None else place.path(name).is_file()
        except LibraryError:
            return False

    def _listed(self, items: Sequence[str]) -> list[dict[str, Any]]:
        """Return what a list shows of items, in their order."""
        rows = self._reader.rows(items)
        return [
            plain({name: rows[item].get(name) for name in _LISTED})
            for item in items
            if item in rows
        ]


def _file_of(row: Mapping[str, Any], kind: FileKind) -> str:
    """Return the path of an item's file inside the library.

    Raises:
        LibraryError: it cannot have one.
    """
    return file_name(kind, row["sound_hash" if kind == "original" else "item"])
