"""`innerear models`: which networks there are, what they are, and whether they are whole."""

from typing import TYPE_CHECKING, Annotated

import typer

from ..engine.errors import ModelError
from .help import Command, Group
from .output import print_json, print_table

if TYPE_CHECKING:
    from ..engine.modelpack import Pack

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    help="List, describe and check model packs.",
    epilog="""
        innerear models list
        innerear models info samplecnn-instruments
        innerear models verify
    """,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]


@app.command("list", cls=Command, epilog="innerear models list --json")
def list_models(as_json: AsJson = False) -> None:
    """List the model packs that are installed."""
    from ..engine.modelpack import available_packs, load

    packs = [load(folder) for folder in available_packs().values()]
    if as_json:
        print_json({"models": [_summary(pack) for pack in packs]})
        return
    if not packs:
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
    heads = ("name", "title", "rate (Hz)", "window (s)", "layers", "classes")
    print_table(heads, rows, numbers={2, 3, 4, 5})


@app.command("info", cls=Command, epilog="innerear models info samplecnn-instruments --json")
def model_info(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="A pack's name or folder.")],
    as_json: AsJson = False,
) -> None:
    """Describe one model pack: its layers, classes, accuracy and licence."""
    from ..engine.modelpack import load

    pack = load(name)
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
    for what, share in manifest.accuracy.items():
        print(f"  {what}: {100 * share:.1f} % right")
    print()
    rows = [
        [layer.name, str(layer.units), str(layer.hop), str(layer.receptive_field)]
        for layer in manifest.layers
    ]
    print_table(("layer", "units", "hop", "receptive field"), rows, numbers={1, 2, 3})
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
    """Check model packs from end to end: files, graphs, and what they compute."""
    from ..engine.modelpack import available_packs, load

    packs = [load(name) for name in (names or available_packs().values())]
    problems = [_problem(pack) for pack in packs]
    if as_json:
        results = [
            {"name": pack.name, "folder": str(pack.folder), "problem": problem}
            for pack, problem in zip(packs, problems, strict=True)
        ]
        print_json({"models": results})
    else:
        for pack, problem in zip(packs, problems, strict=True):
            print(f"{pack.name}: {'damaged' if problem else 'whole'}")
    if any(problems):
        raise ModelError(" ".join(problem for problem in problems if problem))


def _problem(pack: "Pack") -> str | None:
    """Return what is wrong with a pack, in one sentence."""
    from ..engine.verify import verify

    try:
        verify(pack.folder)
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
