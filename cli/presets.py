"""`innerear presets`: list, show, save, add and remove presets."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..engine.errors import PresetError
from ..engine.parameter import Value
from ..engine.parameter_values import ParameterSet
from ..engine.parameters import PARAMETERS
from .shared.completion import complete_preset
from .shared.help import Command, Group
from .shared.options import AsJson
from .shared.output import print_json, print_table
from .shared.parameters import with_parameters

if TYPE_CHECKING:
    from ..engine.control.presets import Preset

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    help="List, show, save, add and remove presets.",
    epilog="""
        innerear presets list
        innerear presets show brass-halo
        innerear render song.wav dreamed.wav --preset brass-halo
        innerear presets save my-halo --preset brass-halo --feedback 0.6
    """,
)

SAVE_EXAMPLES = """
innerear presets save dark-choir --target "Singing voice" --colour 1 --alignment aligned
innerear presets save my-halo --preset brass-halo --feedback 0.6 --title "My halo"
innerear presets save my-halo --preset my-halo --step 1.5 --replace
innerear presets save my-own --preset brass-halo --morph-to tunnel-drone --morph 0.4
"""

Name = Annotated[
    str,
    typer.Argument(metavar="PRESET", help="A preset's name.", autocompletion=complete_preset),
]
Replace = Annotated[bool, typer.Option("--replace", help="Replace one that you saved earlier.")]


@app.command("list", cls=Command, epilog="innerear presets list --json")
def list_presets(as_json: AsJson = False) -> None:
    """List the presets, and how they sound."""
    from ..engine.control.presets import available_presets, load_preset, user_folder

    rows, found, damaged = [], [], []
    for number, (name, path) in enumerate(available_presets().items(), 1):
        yours = path.parent == user_folder()
        try:
            preset = load_preset(path)
        except PresetError as problem:  # the others are still of use
            damaged.append({"name": name, "problem": str(problem)})
            rows.append([str(number), name, "damaged: see innerear presets show " + name])
            continue
        try:
            preset.check_words()
            missing = ""
        except PresetError as problem:
            missing = str(problem)
        found.append({"number": number, **_as_data(preset), "yours": yours, "problem": missing})
        notes = ["yours"] * yours + [f"needs {preset.values()['model']}"] * bool(missing)
        described = preset.description + (f" ({', '.join(notes)})" if notes else "")
        rows.append([str(number), name, described])
    if as_json:
        print_json({"presets": found, "damaged": damaged})
    elif rows:
        print_table(("number", "name", "sounds like"), rows, numbers={0})
    else:
        print("There is no preset.")


@app.command("show", cls=Command, epilog="innerear presets show brass-halo --json")
def show_preset(name: Name, as_json: AsJson = False) -> None:
    """Show what a preset sets; everything else is as by default."""
    from ..engine.control.presets import load_preset

    preset = load_preset(name)
    if as_json:
        print_json(_as_data(preset))
        return
    print(f"{preset.title} ({preset.name})")
    if preset.description:
        print(f"  {preset.description}")
    print()
    rows = [
        [id, _shown(id, value)]
        for id, value in preset.parameters.items()
        if value != PARAMETERS[id].default
    ]
    if rows:
        print_table(("parameter", "value"), rows, numbers=set())
    else:
        print("Everything is as by default.")


@app.command("save", cls=Command, epilog=SAVE_EXAMPLES)
@with_parameters()
def save(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and hyphens.")],
    parameters: ParameterSet,
    title: Annotated[str, typer.Option(metavar="<text>", help="Its name for people.")] = "",
    description: Annotated[
        str, typer.Option(metavar="<text>", help="How it sounds, in one line.")
    ] = "",
    replace: Replace = False,
) -> None:
    """Save what the flags say as a preset of yours.

    One of a shipped preset's name stands in for it until you remove it.
    """
    from ..engine.control.presets import Preset, save_preset

    for id, parameter in PARAMETERS.items():
        if not (parameter.stored or id == "morph") and parameters[id] != parameter.default:
            raise PresetError(f"{id} is not kept in presets: leave {parameter.flag} out.")
    preset = Preset.of(parameters, name, title, description)
    preset.check_words()
    print(f"wrote {save_preset(preset, replace)}")


@app.command("add", cls=Command, epilog="innerear presets add from-a-friend.json")
def add(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A preset's JSON file.")],
    replace: Replace = False,
) -> None:
    """Add a preset from a file to yours, once it is found to be sound."""
    from ..engine.control.presets import load_preset, save_preset

    print(f"wrote {save_preset(load_preset(source), replace)}")


@app.command("remove", cls=Command, epilog="innerear presets remove my-halo")
def remove(name: Name) -> None:
    """Remove a preset of yours."""
    from ..engine.control.presets import remove_preset

    print(f"removed {remove_preset(name)}")


def _shown(id: str, value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    unit = PARAMETERS[id].unit
    number = isinstance(value, int | float) and math.isfinite(value)
    return f"{value:g} {unit}".strip() if number else str(value)


def _as_data(preset: "Preset") -> dict[str, object]:
    return {
        "name": preset.name,
        "title": preset.title,
        "description": preset.description,
        "tags": list(preset.tags),
        "parameters": dict(preset.parameters),
    }
