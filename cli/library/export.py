"""`innerear library export`: sounds, presets and a table of chosen items."""

from pathlib import Path
from typing import Annotated

import typer

from ...engine.errors import ParameterError
from ..shared.outputs import Force, claim_outputs
from .options import Items, LibraryAddress, Where, chosen_items

EXAMPLES = """
innerear library export dreams 3f2a91 -o kept
innerear library export dreams --where "judged_after > 0.8" -o kept --suffix .wav
innerear library export dreams --where "state = 'done'" --table dreams.csv
"""


def export(
    address: LibraryAddress,
    items: Items = None,
    where: Where = "",
    folder: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="<folder>",
            help="Write each item's sound there, and a preset of those that were rendered.",
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(metavar="<file>", help="Write the items' columns (.csv or .parquet)."),
    ] = None,
    suffix: Annotated[
        str, typer.Option(metavar="<suffix>", help="Of the sounds: .flac, .wav, .ogg, ...")
    ] = ".flac",
    force: Force = False,
) -> None:
    """Write chosen items' sounds, presets that play them live, or their columns."""
    from ...engine.io.audio_files import SUFFIXES
    from ...library import exporting
    from ...library.library import Library

    if folder is None and table is None:
        raise ParameterError("Name a folder with -o, or a table with --table.")
    if suffix not in SUFFIXES:
        raise ParameterError(f"--suffix {suffix!r}: take one of {', '.join(SUFFIXES)}.")
    if table is not None and table.suffix not in exporting.TABLES:
        raise ParameterError(f"{table}: end its name in {' or '.join(exporting.TABLES)}.")
    library = Library(address)
    chosen = chosen_items(library, items, where)
    rows = library.items(chosen)
    outputs = exporting.outputs(rows, folder, suffix) if folder is not None else {}
    claim_outputs([*outputs, table], (), force)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        exporting.export_items(library, outputs)
        print(f"wrote {len(outputs)} files to {folder}")
    if table is not None:
        exporting.export_table(library, chosen, table)
        print(f"wrote {table}: {len(chosen)} items")
