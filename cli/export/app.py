"""The group of commands `innerear export`; without a command's name it exports a torch network."""

from typing import Any

import typer

from ..shared.help import Command, Group
from . import network, neutone, nn

DEFAULT = "network"


class _ExportGroup(Group):
    """A group that takes `export net.pt --module ...` for `export network net.pt --module ...`."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Put the default command in front, unless one is named or help is wanted."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ExportGroup,
    rich_markup_mode=None,
    help="Export a torch network as a model pack, or a pack for other hosts of sound.",
    epilog="""
        innerear export net.pt --module mynets.audio:Net --sample-rate 16000 --window 16000
        innerear export nn stftcnn-robust -o dream.ts
        innerear export neutone stftcnn-robust -o dream-neutone
    """,
)


@app.callback()
def export() -> None:
    """Export a torch network as a model pack, or a pack for other hosts of sound.

    Without a command it is `network`: `innerear export net.pt --module mynets.audio:Net`.
    """


app.command(DEFAULT, cls=Command, epilog=network.EXAMPLES)(network.export)
app.command("nn", cls=Command, epilog=nn.EXAMPLES)(nn.export)
app.command("neutone", cls=Command, epilog=neutone.EXAMPLES)(neutone.export)
