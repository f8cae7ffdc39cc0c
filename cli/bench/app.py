"""The group of commands `innerear bench`: measurements beside a baseline, in one run."""

import typer

from ..shared.help import Command, Group
from . import (
    auralise,
    dream,
    export,
    gpu,
    gradient,
    library,
    maximise,
    render,
    start,
    stream,
    transfer,
)

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    help="Measure beside a baseline, in one run on this machine.",
    epilog="innerear bench gradient",
)


@app.callback()
def bench() -> None:
    """Measure beside a baseline, in one run on this machine."""


app.command(cls=Command, epilog=gradient.EXAMPLES)(gradient.gradient)
app.command(cls=Command, epilog=auralise.EXAMPLES)(auralise.auralise)
app.command(cls=Command, epilog=maximise.EXAMPLES)(maximise.maximise)
app.command(cls=Command, epilog=stream.EXAMPLES)(stream.stream)
app.command(cls=Command, epilog=render.EXAMPLES)(render.render)
app.command(cls=Command, epilog=start.EXAMPLES)(start.start)
app.command(cls=Command, epilog=dream.EXAMPLES)(dream.dream)
app.command(cls=Command, epilog=export.EXAMPLES)(export.export)
app.command(cls=Command, epilog=transfer.EXAMPLES)(transfer.transfer)
app.command(cls=Command, epilog=library.EXAMPLES)(library.library)
app.command(cls=Command, epilog=gpu.EXAMPLES)(gpu.gpu)
