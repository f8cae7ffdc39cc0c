"""The command line: all commands in one application."""

from typing import Annotated, Any

import typer
import typer.main

from .._version import VERSION
from . import (
    auralise,
    demo,
    devices,
    dream,
    filters,
    gui,
    hear,
    maximise,
    models,
    plugin,
    presets,
    render,
    replay,
    spectra,
    teach,
    train,
)
from .bench import app as bench
from .export import app as export
from .library import app as library
from .live import live
from .midi import midi
from .shared.help import Command, Group

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


def _print_version(wanted: bool) -> None:
    if wanted:
        from ..engine.kernel.binding import KERNEL

        print(f"innerear {VERSION}, the audio callback {KERNEL}")
        raise typer.Exit


@app.callback()
def innerear(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Hear the inner ear of a neural network: Deep Dream for live sound."""


app.command(cls=Command, epilog=demo.EXAMPLES)(demo.demo)
app.command(cls=Command, epilog=render.EXAMPLES)(render.render)
app.command(cls=Command, epilog=replay.EXAMPLES)(replay.replay)
app.command(cls=Command, epilog=dream.EXAMPLES)(dream.dream)
app.command(cls=Command, epilog=hear.EXAMPLES)(hear.hear)
app.command(cls=Command, epilog=auralise.EXAMPLES)(auralise.auralise)
app.command(cls=Command, epilog=gui.EXAMPLES)(gui.gui)
app.command(cls=Command, epilog=live.EXAMPLES)(live.live)
app.command(cls=Command, epilog=maximise.EXAMPLES)(maximise.maximise)
app.command(cls=Command, epilog=spectra.EXAMPLES)(spectra.spectra)
app.command(cls=Command, epilog=filters.EXAMPLES)(filters.filters)
app.command(cls=Command, epilog=devices.EXAMPLES)(devices.devices)
app.command(cls=Command, epilog=teach.EXAMPLES)(teach.teach)
app.command(cls=Command, epilog=train.EXAMPLES)(train.train)
app.add_typer(export.app, name="export")
app.add_typer(models.app, name="models")
app.add_typer(presets.app, name="presets")
app.add_typer(plugin.app, name="plugin")
app.add_typer(midi.app, name="midi")
app.add_typer(library.app, name="library")
app.add_typer(bench.app, name="bench")


def command() -> Any:
    """Return the whole command line as one command."""
    return typer.main.get_command(app)
