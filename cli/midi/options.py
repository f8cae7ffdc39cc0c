"""Options and helpers that the commands of `innerear midi` share."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ...engine.control.midi import MidiController, MidiPorts

Ports = Annotated[
    list[str] | None,
    typer.Option(metavar="<name>", help="Part of a port's name; by default all ports."),
]
Api = Annotated[
    str | None,
    typer.Option(
        metavar="<system>",
        help="alsa, jack, core or windows; by default the platform's own, or else JACK.",
    ),
]


@contextmanager
def open_ports(
    controller: "MidiController", names: list[str] | None, api: str | None
) -> Iterator["MidiPorts"]:
    """Open MIDI ports for as long as the block lasts."""
    from ...engine.control.midi import MidiPorts

    ports = MidiPorts(controller, names or None, api)
    try:
        yield ports
    finally:
        ports.close()


def say(line: str) -> None:
    """Print a line for people, beside what the command prints."""
    print(line, file=sys.stderr, flush=True)
