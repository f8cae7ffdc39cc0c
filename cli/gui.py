"""`innerear gui`: open the window."""

from pathlib import Path
from typing import Annotated

import typer

from ..engine.parameter_values import ParameterSet
from .shared.device import Device
from .shared.parameters import with_parameters
from .shared.window import load_window

EXAMPLES = """
innerear gui
innerear gui --preset tunnel-drone
innerear gui --model yamnet --target Whistle
innerear gui --log concert
"""


@with_parameters()
def gui(
    parameters: ParameterSet,
    preset: str | None,
    device: Device = "cpu",
    join: Annotated[
        bool,
        typer.Option("--join/--no-join", help="Join the sound that a window before has left."),
    ] = True,
    restore: Annotated[
        bool,
        typer.Option(
            "--restore/--no-restore",
            help="Begin as the last window was left, unless a knob or preset is named here.",
        ),
    ] = True,
    log: Annotated[
        Path | None,
        typer.Option(metavar="<folder>", help="Log the performance there, to replay it."),
    ] = None,
) -> None:
    """Open the window: see the network hear, touch what it dreams.

    Closing the window does not stop the sound; another joins it. "Stop sound and quit" in the menu
    ends both.
    """
    whole = preset is not None
    raise typer.Exit(load_window()(parameters, device, join, log, restore, whole=whole))
