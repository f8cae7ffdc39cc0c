"""`innerear models add` and `remove`: add and remove the user's own model packs."""

from pathlib import Path
from typing import Annotated

import typer

from ..engine.errors import ModelError, ParameterError, nearest
from .shared.output import progress_bar
from .shared.torch_needed import need_torch

ADD_EXAMPLES = """
innerear models add yamnet
innerear models add yamnet --from Downloads/yamnet.h5
innerear models add path/to/a-pack
"""
REMOVE_EXAMPLES = "innerear models remove yamnet"


def add_model(
    what: Annotated[
        str, typer.Argument(metavar="MODEL", help="yamnet, or the folder of a model pack.")
    ],
    weights: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="<file>", help="Take the weights from a file: no network is needed."
        ),
    ] = None,
) -> None:
    """Add a model pack: one that is published, or one in a folder.

    It is checked from end to end first, and added whole or not at all. A pack of the same name
    that you added before is replaced.
    """
    from ..engine.packs.pack import PUBLISHED

    if what in PUBLISHED:
        place = _add_yamnet(weights)
    elif weights is not None:
        raise ParameterError(
            f"--from goes with a published model, not with {what!r}: {', '.join(PUBLISHED)}"
        )
    elif Path(what).is_dir():
        from ..engine.packs.store import add_folder

        place = add_folder(what)
    elif len(Path(what).parts) > 1:
        raise ModelError(f"There is no folder {what}.")
    else:
        raise ModelError(f"There is no published model {what!r}. {nearest(what, PUBLISHED)}")
    print(f"Added {place.name}: {place}")


def remove_model(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="The name of a pack you added.")],
) -> None:
    """Remove a model pack that you added."""
    from ..engine.packs.store import remove_pack

    print(f"Removed {name}: {remove_pack(name)}")


def _add_yamnet(weights: Path | None) -> Path:
    """Build the pack of YAMNet from a file, or from what is downloaded."""
    need_torch()
    from ..models.training.add_yamnet import add_yamnet

    place, known = add_yamnet(weights, progress_bar)
    if not known:
        typer.echo(
            f"innerear: warning: {weights} is not one of the files that Google published "
            "(its checksum is another); its weights were taken as they are.",
            err=True,
        )
    return place
