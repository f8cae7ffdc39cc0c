"""`innerear export network`: make a model pack of any torch network."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...engine.errors import ModelError, ParameterError
from ...engine.files import names_file, parse_json
from ..shared.options import AsJson
from ..shared.output import print_json, print_table, progress_bar
from ..shared.torch_needed import need_torch

if TYPE_CHECKING:
    from torch import nn

EXAMPLES = """
innerear export net.pt --module mynets.audio:Net --sample-rate 16000 --window 16000
innerear export net.safetensors --module mynets.audio:Net --settings '{"width": 64}'
innerear export net.pt --module mynets.audio:Net --name bells --classes bell,gong,none
innerear render song.wav dreamed.wav --model bells
"""


def export(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CHECKPOINT", help="Weights: of torch.save, or .safetensors.")
    ],
    module: Annotated[
        str,
        typer.Option(
            metavar="<package.module:Class>",
            help="The network's class. The code of that module is run: name one that you trust.",
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option(metavar="<name>", help="Of the new model; by default made from the class."),
    ] = None,
    sample_rate: Annotated[
        int | None,
        typer.Option(metavar="<Hz>", help="It listens at; by default its own attribute."),
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(metavar="<samples>", help="It takes at once; by default its own attribute."),
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(
            metavar="<a,b,...>",
            help="Modules within it that become layers; by default they are found.",
        ),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            metavar="<file | a,b,...>", help="Names of its scores; a file has one a line."
        ),
    ] = None,
    scores: Annotated[
        str,
        typer.Option(
            metavar="<sigmoid|softmax|none>",
            help="Makes scores of 0..1, unless the network ends in such itself.",
        ),
    ] = "sigmoid",
    settings: Annotated[
        str | None, typer.Option(metavar="<JSON>", help="Keyword arguments for the class.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="<folder>", help="Of the pack; by default with your models."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Export a torch network that you have, with its gradient, as a model.

    It takes a waveform [batch, window] or [batch, 1, window] and gives scores [batch, classes] or
    [batch, classes, frames]. The checkpoint is read as weights only; no code in it is run.
    """
    need_torch()
    keywords = _keywords(settings)
    names = _names(classes)
    from ...exporters import export as export_module
    from ...exporters.capture.load_module import load_module

    network = load_module(checkpoint, module, keywords)
    with progress_bar("exporting", 1.0) as progress:
        exported = export_module(
            network,
            _own(network, "sample_rate", sample_rate),
            _own(network, "window", window),
            layers.split(",") if layers else None,
            name=name,
            classes=names,
            scores=scores,  # type: ignore[arg-type]  # checked there
            folder=folder,
            progress=progress,
        )
    pack = exported.pack
    if as_json:
        print_json(
            {
                "name": pack.name,
                "folder": str(pack.folder),
                "layers": [layer.model_dump() for layer in pack.layers.values()],
                "classes": len(pack.classes),
                "hear_error": exported.hear_error,
                "dream_error": exported.dream_error,
            }
        )
        return
    rows = [[each.name, str(each.units), str(each.hop)] for each in pack.layers.values()]
    print_table(("layer", "units", "hop (samples)"), rows, numbers={1, 2})
    print(
        f"\nwrote {pack.folder}; beside torch its activations are within"
        f" {exported.hear_error:.1e}, its gradients within {exported.dream_error:.1e}"
    )
    print(f"dream with it: innerear render IN OUT --model {folder or pack.name}")


def _keywords(text: str | None) -> dict[str, Any]:
    """Return what --settings says."""
    try:
        found = parse_json(text or "{}")
    except ValueError as problem:
        raise ParameterError(f"--settings is not valid JSON: {problem}.") from None
    if not isinstance(found, dict):
        raise ParameterError("--settings must be a JSON object, such as '{\"width\": 64}'.")
    return found


def _names(text: str | None) -> list[str] | None:
    """Return what --classes says: the lines of a file, or names between commas."""
    if text is None:
        return None
    path = Path(text)
    try:
        lines = (
            path.read_text(encoding="utf-8").splitlines() if names_file(path) else text.split(",")
        )
    except (OSError, UnicodeDecodeError) as problem:
        raise ModelError(f"{path} cannot be read: {problem}.") from None
    return [line.strip() for line in lines if line.strip()]


def _own(network: "nn.Module", attribute: str, value: int | None) -> int:
    """Return the number that was given, or the network's own."""
    own = getattr(network, attribute, None) if value is None else value
    if not isinstance(own, int):
        flag = "--" + attribute.replace("_", "-")
        raise ParameterError(f"{flag} is missing: the network has no such attribute.")
    return own
