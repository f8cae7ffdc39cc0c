"""`innerear library find`: the items that meet a condition, or are most like a sound."""

from typing import Annotated

import typer

from ...engine.errors import ParameterError
from ...engine.files import names_file
from ..shared.options import AsJson
from ..shared.output import print_json, print_table
from .options import LibraryAddress, shown

EXAMPLES = """
innerear library find dreams
innerear library find dreams "where score > 0.5 and model = 'crnn-instruments'"
innerear library find dreams "judged_after - judged_before > 0.2 and step >= 0.5" --limit 5
innerear library find dreams --near song.wav
innerear library find dreams "target = 'Brass'" --near 3f2a91 --columns item,sound,centroid_hz
"""

COLUMNS = ("item", "sound", "model", "target", "settings", "score_after", "judged_after", "state")
_SHORT = 10


def find(
    address: LibraryAddress,
    where: Annotated[
        str,
        typer.Argument(
            metavar="CONDITION",
            help="An SQL expression over columns and settings, with texts in single quotes.",
        ),
    ] = "",
    near: Annotated[
        str | None,
        typer.Option(
            metavar="<item|file>", help="Sort by likeness to an item, or to a sound file."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="<number>", help="At most so many.")] = 20,
    columns: Annotated[
        str | None,
        typer.Option(metavar="<name,...>", help=f"What is shown.  [default: {', '.join(COLUMNS)}]"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the items that meet a condition; those that judges hear best come first.

    Columns are listed by innerear library show; docs/library.md says what they mean.
    """
    from ...library.library import Library
    from ...library.query import DISTANCE

    library = Library(address)
    names = list(COLUMNS)
    if columns is not None:
        names = [name.strip() for name in columns.split(",") if name.strip()]
        if not names:
            raise ParameterError("--columns names no column.")
    point = None
    if near is not None:
        point = near if names_file(near) or "." in near else library.id_of(near)
    rows = library.find(where, point, limit, names).to_pylist()
    if as_json:
        print_json(rows)
        return
    if not rows:
        print("nothing was found")
        return
    heads = [*names, *([DISTANCE] if near is not None else [])]
    table = [[_cell(head, row[head], columns is None) for head in heads] for row in rows]
    numbers = {
        index for index, head in enumerate(heads) if isinstance(rows[0][head], float | int | None)
    }
    print_table(heads, table, numbers)


def _cell(head: str, value: object, short: bool) -> str:
    text = shown(value)
    return text[:_SHORT] if head == "item" and short else text
