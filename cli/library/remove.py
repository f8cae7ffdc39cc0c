"""`innerear library remove`: delete items and their files."""

import sys
from typing import Annotated

import typer

from ...engine.errors import InnerearError
from .options import Items, LibraryAddress, Where, chosen_items

EXAMPLES = """
innerear library remove dreams 3f2a91
innerear library remove dreams --where "state = 'failed'" --force
"""


def remove(
    address: LibraryAddress,
    items: Items = None,
    where: Where = "",
    force: Annotated[bool, typer.Option("--force", help="Remove without a question.")] = False,
) -> None:
    """Remove items, their files, and sounds that no other item needs."""
    from ...library import upkeep
    from ...library.library import Library

    library = Library(address)
    chosen = chosen_items(library, items, where)
    if not chosen:
        print("nothing was found")
        return
    if not force:
        question = f"Remove {len(chosen)} of {library.count} items of {address}?"
        if not sys.stdin.isatty():
            raise InnerearError(f"{len(chosen)} items would be removed; say so with --force")
        if not typer.confirm(question, err=True):
            raise InnerearError("nothing was removed")
    print(f"{upkeep.remove(library, chosen)} items removed")
