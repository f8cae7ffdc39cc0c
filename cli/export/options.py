"""Options that the exports to other hosts share."""

from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.errors import ModelError
from ...engine.packs.manifest import OUTPUT_LAYER
from ...engine.parameters import PARAMETERS
from ..shared.completion import complete_model

if TYPE_CHECKING:
    from ...engine.packs.pack import Pack

PackName = Annotated[
    str,
    typer.Argument(
        metavar="PACK", help="A model pack's name or folder.", autocompletion=complete_model
    ),
]
Layer = Annotated[
    str,
    typer.Option(
        metavar="<layer>", help="In which a unit is excited, and whose activations are heard."
    ),
]
Target = Annotated[
    str,
    typer.Option(
        metavar="<target>",
        help="What is excited at first: a class, a unit's index, or auto (what is strongest).",
    ),
]
Rate = Annotated[int, typer.Option(metavar="<Hz>", help="The sample rate of the host.")]
FilterWindow = Annotated[
    int,
    typer.Option(
        "--n-fft",
        metavar=f"<{'|'.join(str(each) for each in PARAMETERS['n_fft'].choices)}>",
        help=PARAMETERS["n_fft"].meaning,
    ),
]
DEFAULT_LAYER = OUTPUT_LAYER
DEFAULT_TARGET = "auto"
DEFAULT_RATE = 48_000
DEFAULT_N_FFT = int(PARAMETERS["n_fft"].default)


def one_pack(name: str) -> "Pack":
    """Load a pack.

    Raises:
        ModelError: there is none of that name, or several are named.
    """
    from ...engine.packs.pack import Pack
    from ...engine.packs.resolve import load

    pack = load(name)
    if not isinstance(pack, Pack):
        raise ModelError(f"{name!r} names several packs; export one at a time.")
    return pack
