"""Options that the commands of libraries share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ...library.library import Library

LibraryAddress = Annotated[
    str, typer.Argument(metavar="LIBRARY", help="Its folder, or a URL such as s3://bucket/dreams.")
]
Items = Annotated[
    list[str] | None,
    typer.Argument(metavar="ITEMS", help="Items, or the beginnings of their names."),
]
Where = Annotated[
    str,
    typer.Option(
        "--where", metavar="<condition>", help="Those that meet a condition, as of library find."
    ),
]


def chosen_items(library: "Library", items: Sequence[str] | None, where: str) -> list[str]:
    """Return the ids of items that are named, and of those that meet a condition.

    Raises:
        InnerearError: there is no such item, or nothing was chosen.
    """
    from ...engine.errors import ParameterError

    if not items and not where:
        raise ParameterError("Name items, or choose them by --where.")
    found = [library.id_of(item) for item in items or ()]
    if where:
        rows: Any = library.find(where, limit=None, columns=["item"])
        found += rows["item"].to_pylist()
    return list(dict.fromkeys(found))


def shown(value: Any) -> str:
    """Return a cell of a table as text: numbers short, and nothing that moves a terminal's cursor.

    Args:
        value: of a column.
    """
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    return "".join(letter if letter.isprintable() else "?" for letter in str(value))
