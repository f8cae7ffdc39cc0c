"""Options that several commands have, declared once."""

from pathlib import Path
from typing import Annotated

import typer

Report = Annotated[
    Path | None,
    typer.Option(metavar="<file>", help="Write what was done, as JSON, to a file."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
