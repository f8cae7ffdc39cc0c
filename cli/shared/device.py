"""The option `--device`, the same for every command in which a network computes."""

from typing import Annotated

import typer

Device = Annotated[
    str,
    typer.Option(
        metavar="<auto|cpu|cuda|cuda:1>",
        help="Where the network computes: cuda is the first graphics card, cuda:1 the second, auto"
        " the first where CUDA works, else the CPU.",
    ),
]
