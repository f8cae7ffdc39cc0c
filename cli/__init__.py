"""The `innerear` command."""

import sys
from collections.abc import Sequence

from ..engine.ipc.one_thread import compute_arrays_in_one_thread
from ..engine.optional import MissingLibraryError, require


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: those of the command `innerear`; by default those of the process.

    Returns:
        The exit status: 0 for success, 2 for wrong input, 130 for an interruption.
    """
    compute_arrays_in_one_thread()
    try:
        require("the command line needs", "typer", "rich")
    except MissingLibraryError as error:
        print("innerear: error:", error, file=sys.stderr)
        return 2
    from .app import command
    from .shared.errors import run

    given = list(sys.argv[1:] if arguments is None else arguments)
    return run(command(given[0] if given else ""), given or ["--help"])
