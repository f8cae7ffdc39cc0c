"""Options that several commands have, declared once."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .completion import complete_model

Report = Annotated[
    Path | None,
    typer.Option(metavar="<file>", help="Write what was done, as JSON, to a file."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]

SOUND_HELP = "A sound file: WAV, FLAC, OGG, MP3 or AIFF."
FORMATS_HELP = ".wav (32-bit float, exact), .flac or .aiff (24 bit), .ogg or .mp3"
"""Of files that are written."""

MODELS_HELP = "A model pack's name or folder, or several separated by commas."


def models_option(help: str = MODELS_HELP) -> Any:
    """Return the option of commands that take one network or a set of them."""
    return typer.Option("--model", metavar="<name>", help=help, autocompletion=complete_model)
