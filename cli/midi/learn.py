"""`innerear midi learn`: bind the next control that is moved, and keep that in a mapping."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ...engine.errors import DeviceError, ParameterError
from ...engine.parameters import PARAMETERS
from .options import Api, Ports, open_ports, say

if TYPE_CHECKING:
    from ...engine.control.midi import Binding, Mapping, MidiPorts

LEARN_EXAMPLES = """
innerear midi learn feedback --to my-controller
innerear midi learn freeze --to my-controller --button toggle
innerear midi learn step --to my-controller --takeover scale --values 0.2 1.5
innerear midi learn step --to my-controller --encoding binary-offset
innerear midi learn preset --preset 3 --to my-controller
"""

_POLL_SECONDS = 0.02
_LEFT_TURN_SECONDS = 3.0

Kind = Literal[
    "cc",
    "cc14",
    "nrpn",
    "nrpn14",
    "nrpn-step",
    "note",
    "pitch-bend",
    "pressure",
    "poly-pressure",
    "program",
]


def learn(
    target: Annotated[
        str, typer.Argument(metavar="PARAMETER", help="A parameter's id, or an action.")
    ],
    name: Annotated[
        str, typer.Option("--to", metavar="<name>", help="The mapping of yours to add it to.")
    ],
    kind: Annotated[
        Kind | None,
        typer.Option(help="What it is; by default that is recognised."),
    ] = None,
    encoding: Annotated[
        Literal["absolute", "twos-complement", "binary-offset", "sign-magnitude"] | None,
        typer.Option(help="Of an endless encoder; likewise."),
    ] = None,
    button: Annotated[
        Literal["toggle", "momentary", "velocity"] | None,
        typer.Option(help="What a press does."),
    ] = None,
    takeover: Annotated[
        Literal["jump", "pick-up", "scale"] | None,
        typer.Option(help="What happens when the parameter is elsewhere than the control."),
    ] = None,
    values: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="<low> <high>", help="The parameter's values at both ends."),
    ] = None,
    preset: Annotated[
        int | None, typer.Option(min=1, metavar="<number>", help="For the action preset.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="The control goes on doing what it did, too.")
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=0, metavar="<seconds>", help="How long to wait for it.")
    ] = 60.0,
    port: Ports = None,
    api: Api = None,
) -> None:
    """Wait for a control to be moved; let it turn PARAMETER from now on.

    Turn an endless encoder right, then left. Actions are panic, mute, dim, clear, tap,
    bypass, freeze, record, preset, next-preset, previous-preset, transport-start and
    transport-stop.
    """
    from ...engine.control.midi import Mapping, MidiController
    from ...engine.control.midi.mapping_files import (
        available_mappings,
        check_name,
        default_mapping,
        load_mapping,
        save_mapping,
    )
    from ...engine.parameter_values import ParameterSet

    check_name(name)
    target = target.replace("-", "_") if target.replace("-", "_") in PARAMETERS else target
    is_new = name not in available_mappings()
    before = default_mapping()[0] if is_new else load_mapping(name)
    controller = MidiController(ParameterSet(), mapping=before)
    controller.learn(target, kind=kind, encoding=encoding, button=button, preset=preset, keep=keep)
    with open_ports(controller, port, api) as ports:
        say(f"Move the control for {target} (an endless encoder right, then left).")
        if not _wait(ports, lambda: controller.learning is None, seconds):
            raise DeviceError(
                f"No control was moved in {seconds:g} seconds. innerear midi monitor shows what"
                " arrives."
            )
        _wait(ports, lambda: controller.is_sure, _LEFT_TURN_SECONDS)
    learned = controller.mapping.bindings[-1]
    changes = {"takeover": takeover, "values": values and tuple(_number(each) for each in values)}
    binding = _changed(learned, {key: value for key, value in changes.items() if value})
    controller.bind(binding)
    mapping = controller.mapping
    if is_new:  # it begins with what the device did until now
        mapping = Mapping(title=name, bindings=_of_one_port(mapping, binding.control.port))
    path = save_mapping(mapping, name)
    print(f"{binding.control} turns {target}; wrote {path}")


def _of_one_port(mapping: "Mapping", port_name: str) -> tuple["Binding", ...]:
    from ...engine.control.midi.port_names import matches

    return tuple(
        each
        for each in mapping.bindings
        if each.control.port and matches(each.control.port, port_name)
    )


def _wait(ports: "MidiPorts", done: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is done; return whether it was in time."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() >= end:
            return False
        for line in ports.poll():
            say(line)
        time.sleep(_POLL_SECONDS)
    return True


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _changed(binding: "Binding", changes: dict[str, Any]) -> "Binding":
    from pydantic import ValidationError

    from ...engine.control.midi import Binding

    try:
        return Binding.model_validate({**binding.model_dump(exclude_unset=True), **changes})
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise ParameterError(message) from None
