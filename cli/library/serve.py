"""`innerear library serve`: the page of a library, in a browser."""

import sys
from typing import Annotated

import typer

from .options import LibraryAddress, shown

EXAMPLES = """
innerear library serve dreams
innerear library serve dreams --port 9000 --open
"""


def serve(
    address: LibraryAddress,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="<address>",
            help="An address of this machine; whoever reaches it can use the page.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="<n>", min=0, max=65_535, help="0: one that is free.")
    ] = 8765,
    open_page: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser at once.")
    ] = False,
) -> None:
    """Serve the page of a library: a map of its dreams, to play, compare and keep.

    It is served to this machine alone, and needs no network.
    """
    from ...library.library import Library
    from ...library.page.server import serve as serve_page

    library = Library(address)

    def ready(page: str) -> None:
        print(f"{shown(library.name)}: {page} (Ctrl-C ends)", flush=True)
        if open_page:
            typer.launch(page)

    serve_page(library, host, port, lambda line: print(line, file=sys.stderr), ready)
