"""Errors of one process as JSON data, raised again in another."""

from collections.abc import Mapping
from typing import Any

from .. import errors
from ..errors import InnerearError


def error_data(problem: InnerearError) -> dict[str, str]:
    """Return an error as JSON data: `error`, its text, and `kind`, its class."""
    return {"error": str(problem), "kind": type(problem).__name__}


def raise_error(answer: Mapping[str, Any]) -> None:
    """Raise the error that another process answered; do nothing for other answers.

    Raises:
        InnerearError: `answer` is what `error_data` returned; of the same class, where it is known.
    """
    if "error" not in answer:
        return
    kind = getattr(errors, str(answer.get("kind", "")), InnerearError)
    is_ours = isinstance(kind, type) and issubclass(kind, InnerearError)
    raise (kind if is_ours else InnerearError)(str(answer["error"]))
