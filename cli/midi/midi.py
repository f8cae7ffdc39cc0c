"""`innerear midi`: which ports there are, what they send, and what their controls do."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...engine.errors import DeviceError
from ..shared.help import Command, Group
from ..shared.options import AsJson
from ..shared.output import print_json, print_table
from .learn import LEARN_EXAMPLES, learn
from .options import Api, Ports, open_ports, say

if TYPE_CHECKING:
    from ...engine.control.midi import Mapping, MidiController, MidiPorts
    from ...engine.control.midi.messages import Message

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    help="List MIDI ports, watch what they send, and map controls to parameters.",
    epilog="""
        innerear midi ports
        innerear midi monitor
        innerear midi mappings
        innerear midi learn feedback --to my-controller
    """,
)
app.command("learn", cls=Command, epilog=LEARN_EXAMPLES)(learn)

MONITOR_EXAMPLES = """
innerear midi monitor
innerear midi monitor --port nanoKONTROL2 --mapping korg-nanokontrol2
innerear midi monitor --seconds 10 --json
"""

_LOOK_EVERY_SECONDS = 0.02


@app.command("ports", cls=Command, epilog="innerear midi ports --json")
def ports(as_json: AsJson = False, api: Api = None) -> None:
    """List the MIDI ports of this computer."""
    from ...engine.control.midi.ports import list_ports

    found = list_ports(api)
    if as_json:
        print_json({"system": found.system, "inputs": found.inputs, "outputs": found.outputs})
    elif not found.system:
        print("There is no MIDI system here: start JACK, or load ALSA's sequencer (snd-seq).")
    elif not found.inputs and not found.outputs:
        print(f"No MIDI device is there (through {found.system}).")
    else:
        rows = [[name, "input"] for name in found.inputs]
        rows += [[name, "output"] for name in found.outputs]
        print_table(("port", "kind"), rows, numbers=set())


@app.command("mappings", cls=Command, epilog="innerear midi mappings --json")
def mappings(as_json: AsJson = False) -> None:
    """List the mappings: the shipped ones, and yours."""
    from ...engine.control.midi.mapping_files import available_mappings, load_mapping, user_folder

    rows, found, damaged = [], [], []
    for name, path in available_mappings().items():
        try:
            mapping = load_mapping(name)
        except DeviceError as problem:  # the others are still of use
            damaged.append({"name": name, "problem": str(problem)})
            rows.append([name, "damaged: see innerear midi monitor --mapping " + name, "", ""])
            continue
        yours = path.parent == user_folder()
        found.append(
            {
                "name": name,
                "title": mapping.title,
                "port": mapping.port,
                "bindings": len(mapping.bindings),
                "yours": yours,
                "file": str(path),
            }
        )
        title = mapping.title + (" (yours)" if yours else "")
        rows.append([name, title, mapping.port or "any", str(len(mapping.bindings))])
    if as_json:
        print_json({"mappings": found, "damaged": damaged, "folder": str(user_folder())})
    else:
        print_table(("name", "for", "port", "bindings"), rows, numbers={3})
        print(f"\nYours are in {user_folder()}")


@app.command("monitor", cls=Command, epilog=MONITOR_EXAMPLES)
def monitor(
    port: Ports = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<name>",
            help="A mapping's name or file; by default those of all devices that are known.",
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(min=0, metavar="<seconds>", help="Stop after as long; by default never."),
    ] = None,
    api: Api = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per line on stdout.")
    ] = False,
) -> None:
    """Show what MIDI controllers send and which parameters that turns. Ctrl-C ends it."""
    from ...engine.control.midi import MidiController
    from ...engine.parameter_values import ParameterSet

    parameters = ParameterSet()
    report = _Report(as_json)
    controller = MidiController(parameters, report.actions(), _chosen(mapping, report))
    controller.listener = report.message
    parameters.observe(lambda id, value: report.tell(parameter=id, value=value))
    with open_ports(controller, port, api) as opened:
        _watch(opened, controller, report, seconds)


def _chosen(names: list[str] | None, report: "_Report") -> "Mapping":
    from ...engine.control.midi.mapping import combine
    from ...engine.control.midi.mapping_files import default_mapping, load_mapping

    if names:
        return combine(load_mapping(name) for name in names)
    mapping, problems = default_mapping()
    for problem in problems:
        report.tell(news=problem)
    return mapping


def _watch(
    ports: "MidiPorts", controller: "MidiController", report: "_Report", seconds: float | None
) -> None:
    end = None if seconds is None else time.monotonic() + seconds
    problem = ""
    try:
        while end is None or time.monotonic() < end:
            for line in ports.poll():
                report.tell(news=line)
            if controller.problem != problem:
                problem = controller.problem
                report.tell(news=problem)
            time.sleep(_LOOK_EVERY_SECONDS)
    except KeyboardInterrupt:
        pass


class _Report:
    """Lines on the terminal, or JSON lines, one for each thing that happens."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def tell(self, **facts: Any) -> None:
        if self._as_json:
            import json

            print(json.dumps(facts, ensure_ascii=False), flush=True)
        elif "news" in facts:
            say(facts["news"])
        elif "parameter" in facts:
            print(f"    {facts['parameter']} = {facts['value']}", flush=True)
        else:
            numbers = " ".join(str(number) for number in facts["arguments"])
            print(f"    {facts['action']} {numbers}".rstrip(), flush=True)

    def message(self, port_name: str, message: "Message") -> None:
        kind, channel = message.kind, message.channel
        if self._as_json:
            numbers = {"channel": channel, "number": message.number, "value": message.value}
            self.tell(port=port_name, message=kind, **(numbers if channel else {}))
        elif kind != "clock":  # 48 a second would hide everything else
            print(f"{port_name}: {message}", flush=True)

    def actions(self) -> dict[str, Any]:
        from ...engine.control.midi import ACTIONS

        def action(name: str) -> Any:
            return lambda *arguments: self.tell(action=name, arguments=list(arguments))

        return {name: action(name) for name in ACTIONS}
