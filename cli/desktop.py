"""`innerear desktop`: Innerear among the programs of a Linux desktop."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .shared.help import Command, Group
from .shared.window import load_window

if TYPE_CHECKING:
    from ..engine.parameter_values import ParameterSet

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    help="Put Innerear among the programs of a Linux desktop, with the files that it opens.",
    epilog="""
        innerear desktop install
        innerear desktop open mine.innerear.json
        innerear desktop remove
    """,
)


@app.command("install", cls=Command, epilog="innerear desktop install")
def install() -> None:
    """Add Innerear to the programs of your desktop: an entry, an icon, and what it opens.

    A double click then opens presets (files whose names end in .innerear.json) and model packs
    (.innerear-pack). It writes into ~/.local/share only, and starts this Python: install again
    after moving or replacing that.
    """
    from ..desktop.install import data_folder, opening_command
    from ..desktop.install import install as install_files

    for path in install_files(data_folder(), opening_command()):
        print(f"wrote {path}")


@app.command("remove", cls=Command, epilog="innerear desktop remove")
def remove() -> None:
    """Remove what `innerear desktop install` wrote, and nothing else."""
    from ..desktop.install import data_folder
    from ..desktop.install import remove as remove_files

    removed = remove_files(data_folder())
    for path in removed:
        print(f"removed {path}")
    if not removed:
        print("Innerear is not among the programs of your desktop.")


@app.command("open", cls=Command, epilog="innerear desktop open\ninnerear desktop open mine.json")
def open_file(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A preset, or a packed model.")
    ] = None,
) -> None:
    """Open the window, with a preset or with a model, which is added to yours first.

    This is what the desktop calls. What is wrong with a file, the window says.
    """
    from ..engine.errors import InnerearError
    from ..engine.parameter_values import ParameterSet

    run = load_window()
    parameters, greeting, whole = ParameterSet(), "", False
    try:
        if file is not None:
            parameters, whole = _opened(file)
    except InnerearError as problem:
        greeting = str(problem)
    raise typer.Exit(run(parameters, greeting=greeting, whole=whole))


def _opened(file: Path) -> "tuple[ParameterSet, bool]":
    """Return the values with which a file is opened, and whether all of them hold.

    A packed model is added.
    """
    from ..engine.control.presets import load_preset
    from ..engine.packs.adding.archive import SUFFIX
    from ..engine.packs.store import add_archive
    from ..engine.parameter_values import ParameterSet

    if file.suffix == SUFFIX:
        return ParameterSet(model=add_archive(file).name), False
    preset = load_preset(file)
    preset.check_words()
    return ParameterSet(**preset.values()), True
