"""What the page's server reads from requests, and how it answers: plain functions in threads."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...engine.errors import DeviceError, InnerearError, LibraryError
from ...engine.files import parse_json

MOST_BYTES = 1_000_000
"""Of what a request says."""


class NotFoundError(LibraryError):
    """There is nothing of that name in the library."""


class ChangedError(LibraryError):
    """The page shows an older state of the library."""


_STATUSES = {NotFoundError: 404, ChangedError: 409, DeviceError: 503}


def get(path: str, answer: Callable[[Request], Response]) -> Route:
    """Return a route of which the page reads."""

    async def handle(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return Route(path, handle, methods=["GET"])


def post(path: str, answer: Callable[[Request, Mapping[str, Any]], Response]) -> Route:
    """Return a route to which the page sends a JSON object."""

    async def handle(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                raise LibraryError(f"A request takes up to {MOST_BYTES} bytes.")
        return await run_in_threadpool(answer, request, _json_object(body))

    return Route(path, handle, methods=["POST"])


async def refuse(request: Request, problem: Exception) -> Response:
    """Answer with an error's one line."""
    assert isinstance(problem, InnerearError)
    return JSONResponse({"problem": str(problem)}, _STATUSES.get(type(problem), 400))


def binary(values: np.ndarray[Any, np.dtype[np.float32]]) -> Response:
    """Answer with numbers: little-endian float32."""
    content = values.astype("<f4", copy=False).tobytes()
    return Response(content, media_type="application/octet-stream")


def attachment(name: str) -> Mapping[str, str]:
    """Return the headers that make an answer a download.

    Args:
        name: of the file: letters, digits, hyphens and dots.
    """
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON can say of a row: no NaN, and nothing but text and numbers."""
    return {
        name: value
        for name, value in row.items()
        if value is None
        or isinstance(value, str | int)
        or (isinstance(value, float) and np.isfinite(value))
    }


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        data = parse_json(body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise LibraryError("This is no JSON object.")
    return data
