"""`innerear library show`: everything about one item."""

from typing import Annotated

import typer

from ..shared.options import AsJson
from ..shared.output import print_json
from .options import LibraryAddress, shown

EXAMPLES = """
innerear library show dreams 3f2a91
innerear library show dreams 3f2a91 --json
"""


def show(
    address: LibraryAddress,
    item: Annotated[
        str, typer.Argument(metavar="ITEM", help="An item, or the beginning of its name.")
    ],
    as_json: AsJson = False,
) -> None:
    """Show every column of an item, and its files."""
    from ...engine.errors import InnerearError
    from ...library.library import Library
    from ...library.place import FileKind

    library = Library(address)
    row = library.item(library.id_of(item))
    files: dict[str, str] = {}
    kinds: tuple[FileKind, ...] = ("sound", "original", "thumbnail")
    for kind in kinds if row["state"] == "done" else ():
        if kind == "original" and not row["sound_hash"]:
            continue
        try:
            files[kind] = str(library.path_of(row["item"], kind))
        except InnerearError as problem:
            files[kind] = str(problem)
    if as_json:
        print_json({**row, "files": files})
        return
    for name, value in row.items():
        if name == "embedding":
            continue
        if isinstance(value, dict):
            for key, inner in value.items():
                print(f"{name}: {shown(key)} = {shown_pair(inner)}")
        elif value not in (None, ""):
            print(f"{name}: {shown(value)}")
    for kind_name, path in files.items():
        print(f"{kind_name} file: {path}")


def shown_pair(value: object) -> str:
    """Return a setting, or a judge's scores before and after."""
    if isinstance(value, list):
        return " before, ".join(shown(each) for each in value) + " after"
    return shown(value)
