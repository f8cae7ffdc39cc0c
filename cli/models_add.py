"""`innerear models add` and `remove`: add and remove the user's own model packs."""

from pathlib import Path
from typing import Annotated

import typer

from ..engine.errors import ModelError, ParameterError, nearest
from ..engine.files import names_file, names_folder
from .shared.completion import complete_addable
from .shared.output import progress_bar
from .shared.torch_needed import need_torch

ADD_EXAMPLES = """
innerear models add yamnet
innerear models add yamnet --from Downloads/yamnet.h5
innerear models add stftcnn12-instruments --from dist/stftcnn12-instruments.innerear-pack
innerear models add path/to/a-pack
"""
REMOVE_EXAMPLES = "innerear models remove yamnet"


def add_model(
    what: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="The name of a model that can be added, or a model pack: its folder or file.",
            autocompletion=complete_addable,
        ),
    ],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="<file>", help="Take the model from a file: no network is needed."
        ),
    ] = None,
) -> None:
    """Add a model pack: one that is known by name, or one of your own.

    It is checked from end to end first, and added whole or not at all. A pack of the same name
    that you added before is replaced.
    """
    from ..engine.packs.adding.addable import ADDABLE, PUBLISHED, RELEASED
    from ..engine.packs.store import add_archive, add_folder, add_released

    path = Path(what)
    if what in PUBLISHED:
        place = _add_yamnet(source)
    elif what in RELEASED:
        with progress_bar(f"downloading {what}", RELEASED[what].size) as progress:
            place = add_released(what, source, progress)
    elif source is not None:
        raise ParameterError(
            f"--from goes with a model that is known by name, not with {what!r}: "
            f"{', '.join(ADDABLE)}"
        )
    elif names_folder(path):
        place = add_folder(path)
    elif names_file(path):
        place = add_archive(path)
    elif len(path.parts) > 1:
        raise ModelError(f"There is no folder or file {what}.")
    else:
        raise ModelError(f"There is no model {what!r} to add. {nearest(what, ADDABLE)}")
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
