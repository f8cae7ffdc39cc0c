"""`innerear library verify`: find what is damaged or missing."""

from typing import Annotated

import typer

from ..shared.options import AsJson
from ..shared.output import print_json, progress_bar
from .options import LibraryAddress

EXAMPLES = """
innerear library verify dreams
innerear library verify dreams --listen
innerear library verify dreams --repair
"""

_DAMAGED = 1


def verify(
    address: LibraryAddress,
    listen: Annotated[
        bool, typer.Option("--listen", help="Decode every sound from end to end.")
    ] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Set damaged tables aside, forget items whose files are lost, and delete damaged"
            " originals and files of no item: the next build makes what is missing.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find damaged tables, missing or damaged files, and files that belong to no item."""
    from ...library import upkeep
    from ...library.library import Library

    library = Library(address)
    look = upkeep.repair if repair else upkeep.verify
    with progress_bar("looking", 1.0) as advance:
        found = look(library, listen=listen, progress=lambda done, total: advance(done / total))
    if as_json:
        print_json({**vars(found), "repaired": repair})
    else:
        for line in found.problems:
            print(line)
        if found.strays:
            print(f"{len(found.strays)} files belong to no item")
        print(f"{found.items} items, {len(found.problems)} problems")
        if repair and (found.problems or found.strays):
            print("repaired: build again to make what is missing")
    if found.problems and not repair:
        raise typer.Exit(_DAMAGED)
