"""The command line: all commands in one application, each loaded where it is asked for."""

from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main

from .._version import VERSION
from .shared.help import Command, Group

COMMANDS = {
    "demo": "demo",
    "render": "render",
    "replay": "replay",
    "dream": "dream",
    "hear": "hear",
    "auralise": "auralise",
    "gui": "gui",
    "live": "live.live",
    "maximise": "maximise",
    "spectra": "spectra",
    "filters": "filters",
    "devices": "devices",
    "teach": "teach",
    "train": "train",
}
"""Command -> its module, which has a function of that name and `EXAMPLES`."""
GROUPS = {
    "export": "export.app",
    "models": "models",
    "presets": "presets",
    "plugin": "plugin",
    "desktop": "desktop",
    "midi": "midi.midi",
    "library": "library.app",
    "bench": "bench.app",
}
"""Group of commands -> its module, which has an `app`."""


def command(wanted: str = "") -> Any:
    """Return the whole command line as one command.

    Args:
        wanted: where it is the name of a command or of a group, only that one is in it: to load all
            takes longer than most of them.
    """
    app = typer.Typer(
        cls=Group,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        epilog="""
            innerear demo
            innerear hear song.wav
            innerear render song.wav dreamed.wav --target Brass
            innerear dream song.wav dreamed.wav --combine flip
            innerear gui
            innerear live
            innerear render --help
        """,
    )
    app.callback()(innerear)
    is_known = wanted in COMMANDS or wanted in GROUPS
    for name, place in COMMANDS.items():
        if name == wanted or not is_known:
            module = _load(place)
            app.command(cls=Command, epilog=module.EXAMPLES)(getattr(module, name))
    for name, place in GROUPS.items():
        if name == wanted or not is_known:
            app.add_typer(_load(place).app, name=name)
    return typer.main.get_command(app)


def _load(module: str) -> Any:
    return import_module(f".{module}", __package__)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"innerear {VERSION}")
        raise typer.Exit


def innerear(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Hear the inner ear of a neural network: Deep Dream for live sound."""
