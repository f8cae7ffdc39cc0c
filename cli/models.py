"""`innerear models`: list, describe, verify and compact model packs.

`models_add` adds and removes them.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from ..engine.errors import ModelError
from .models_add import ADD_EXAMPLES, REMOVE_EXAMPLES, add_model, remove_model
from .shared.help import Command, Group
from .shared.options import AsJson
from .shared.output import print_json, print_table

if TYPE_CHECKING:
    from pathlib import Path

    from ..engine.packs.pack import Pack

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    help="List, describe, verify, compact, add and remove model packs.",
    epilog="""
        innerear models list
        innerear models info samplecnn-instruments
        innerear models verify
        innerear models add yamnet
    """,
)
app.command("add", cls=Command, epilog=ADD_EXAMPLES)(add_model)
app.command("remove", cls=Command, epilog=REMOVE_EXAMPLES)(remove_model)


@app.command("list", cls=Command, epilog="innerear models list --json")
def list_models(as_json: AsJson = False) -> None:
    """List the model packs that are installed."""
    from ..engine.packs.pack import available_packs, load_pack

    packs, damaged = [], []
    for name, folder in available_packs().items():
        try:
            packs.append(load_pack(folder))
        except ModelError:  # list the others
            damaged.append(name)
    if as_json:
        print_json({"models": [_summary(pack) for pack in packs], "damaged": damaged})
        return
    if not packs and not damaged:
        print("No model pack is installed.")
        return
    rows = [
        [
            pack.name,
            pack.title,
            str(pack.sample_rate),
            f"{pack.window / pack.sample_rate:.2f}",
            str(len(pack.layers)),
            str(len(pack.classes)),
        ]
        for pack in packs
    ]
    rows += [[name, "damaged: see innerear models verify", "", "", "", ""] for name in damaged]
    heads = ("name", "title", "rate (Hz)", "window (s)", "layers", "classes")
    print_table(heads, rows, numbers={2, 3, 4, 5})


@app.command("info", cls=Command, epilog="innerear models info samplecnn-instruments --json")
def model_info(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="A pack's name or folder.")],
    as_json: AsJson = False,
) -> None:
    """Describe one model pack: its layers, classes, accuracy and licence."""
    from ..engine.packs.pack import load_pack

    pack = load_pack(name)
    manifest = pack.manifest
    if as_json:
        print_json({"folder": str(pack.folder), **manifest.model_dump(mode="json")})
        return
    print(f"{manifest.title} ({manifest.name})")
    print(f"  in {pack.folder}")
    print(f"  listens at {manifest.sample_rate} Hz, {manifest.window} samples at a time")
    print(f"  front end: {manifest.front_end}")
    print(f"  trained on: {manifest.training_data}")
    print(f"  licence: {manifest.licence}")
    if manifest.accuracy:
        print(f"  {manifest.accuracy_in_words()}")
    print()
    rows = [
        [layer.name, str(layer.units), str(layer.hop), str(layer.receptive_field)]
        for layer in manifest.layers
    ]
    heads = ("layer", "units", "hop (samples)", "sees (samples)")
    print_table(heads, rows, numbers={1, 2, 3})
    print()
    print(f"{len(manifest.classes)} classes: {', '.join(manifest.classes)}")


@app.command("verify", cls=Command, epilog="innerear models verify samplecnn-instruments")
def verify_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL", help="Packs' names or folders; by default all."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify model packs from end to end: files, graphs, and what they compute."""
    from ..engine.packs.pack import available_packs, load_pack

    folders = {name: load_pack(name).folder for name in names} if names else available_packs()
    problems = {name: _problem(folder) for name, folder in folders.items()}
    if as_json:
        results = [
            {"name": name, "folder": str(folders[name]), "problem": problem}
            for name, problem in problems.items()
        ]
        print_json({"models": results})
    else:
        for name, problem in problems.items():
            print(f"{name}: {'damaged' if problem else 'verified'}")
        if not problems:
            print("No model pack is installed.")
    if found := [problem for problem in problems.values() if problem]:
        raise ModelError(" ".join(found))


@app.command("compact", cls=Command, epilog="innerear models compact yamnet")
def compact_models(
    names: Annotated[list[str], typer.Argument(metavar="MODEL", help="Packs' names or folders.")],
) -> None:
    """Store the tensors that the graphs of a model pack have in common once.

    Packs of older versions hold them several times. What they compute stays the same.
    """
    from ..engine.packs.pack import load_pack
    from ..engine.packs.pack_files import store_graphs

    for pack in [load_pack(name) for name in names]:
        before = _megabytes(pack.folder)
        store_graphs(pack.folder)
        print(f"{pack.name}: {_megabytes(pack.folder)}, before {before}")


def _megabytes(folder: "Path") -> str:
    """Return the size of a pack's files in words."""
    total = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return f"{total / 1e6:.2f} MB"


def _problem(folder: "Path") -> str | None:
    """Return the problem of the pack in a folder, in one sentence."""
    from ..engine.packs.verify import verify

    try:
        verify(folder)
    except ModelError as error:
        return str(error)
    return None


def _summary(pack: "Pack") -> dict[str, object]:
    """Return what a list of packs shows of one."""
    return {
        "name": pack.name,
        "title": pack.title,
        "folder": str(pack.folder),
        "sample_rate": pack.sample_rate,
        "window_seconds": pack.window / pack.sample_rate,
        "layers": list(pack.layers),
        "classes": list(pack.classes),
    }
