"""The group of commands `innerear library`."""

import typer

from ..shared.help import Command, Group
from . import build, export, find, remove, serve, show, stats, verify

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    help="Dream many sounds with many settings, and find those worth keeping.",
    epilog="""
        innerear library build loops/ -o dreams --target Brass,Flute --set step=0.5,1
        innerear library find dreams "judged_after > 0.5 and step = 1"
        innerear library find dreams --near song.wav
        innerear library serve dreams
    """,
)


@app.callback()
def library() -> None:
    """Dream many sounds with many settings, and find those worth keeping."""


app.command(cls=Command, epilog=build.EXAMPLES)(build.build)
app.command(cls=Command, epilog=find.EXAMPLES)(find.find)
app.command(cls=Command, epilog=show.EXAMPLES)(show.show)
app.command(cls=Command, epilog=serve.EXAMPLES)(serve.serve)
app.command(cls=Command, epilog=export.EXAMPLES)(export.export)
app.command(cls=Command, epilog=stats.EXAMPLES)(stats.stats)
app.command(cls=Command, epilog=verify.EXAMPLES)(verify.verify)
app.command(cls=Command, epilog=remove.EXAMPLES)(remove.remove)
