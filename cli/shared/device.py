"""The option `--device`, the same for every command in which a network computes."""

from typing import Annotated

import typer

Device = Annotated[
    str,
    typer.Option(
        metavar="<auto|cpu|cuda>",
        help="Where the network computes; auto is a graphics card where CUDA works, else the CPU.",
    ),
]
