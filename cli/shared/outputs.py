"""What a command may write over: never its own inputs, and other files only when it is told to."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from ...engine.errors import InnerearError
from ...engine.files import check_separate

Force = Annotated[bool, typer.Option("--force", help="Replace files that are there already.")]

_NAMED = 3


def claim_outputs(
    outputs: Iterable[Path | None], inputs: Iterable[Path | None] = (), force: bool = False
) -> None:
    """Raise where a command must not write its files, before it does any work.

    Files that are there already are replaced only with `force`, or after a question on a terminal.

    Args:
        outputs: all files that will be written; None for what is left out.
        inputs: all that are read.
        force: whether files may be replaced.

    Raises:
        InnerearError: an output is an input or another output; or a file is there, and is to stay.
    """
    written = [path for path in outputs if path is not None]
    check_separate(written, [path for path in inputs if path is not None])
    there = [path for path in written if path.is_file()]
    if force or not there:
        return
    names = ", ".join(map(str, there[:_NAMED])) + (", ..." if len(there) > _NAMED else "")
    are, them = ("is", "it") if len(there) == 1 else ("are", "them")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InnerearError(
            f"{names} {are} there already; replace {them} with --force, or name another output"
        )
    if not typer.confirm(f"{names} {are} there already. Replace {them}?", err=True):
        raise InnerearError(f"nothing was written: {names} stay{'s'[: len(there) == 1]} as before")
