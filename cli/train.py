"""`innerear train`: a network after its recipe, or one layer of it alone."""

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..engine.errors import InnerearError, ParameterError
from .shared.device import Device
from .shared.options import AsJson
from .shared.output import print_json, print_table, progress_bar
from .shared.torch_needed import need_torch

if TYPE_CHECKING:
    from ..models.sounds.bank import Bank
    from ..models.studies.one_layer import Outcome
    from ..models.training.recipes import Recipe

EXAMPLES = """
innerear train --list
innerear train samplecnn-instruments
innerear train samplecnn-digits --data free-spoken-digit-dataset/recordings
innerear train stftcnn-instruments --only each --epochs 2
"""

EACH = "each"


def recipe_names() -> list[str]:
    """Return the names that the shell completes; none without torch."""
    try:
        need_torch()
    except InnerearError:
        return []
    from ..models.training.recipes import RECIPES

    return list(RECIPES)


def train(
    recipe: Annotated[
        str | None,
        typer.Argument(metavar="RECIPE", help="See --list.", autocompletion=recipe_names),
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List the recipes.")] = False,
    folder: Annotated[
        Path,
        typer.Option(metavar="<folder>", help="Keeps sounds, checkpoints and finished packs."),
    ] = Path("training"),
    data: Annotated[
        Path | None,
        typer.Option(metavar="<folder>", help="Of recordings, for recipes that learn from some."),
    ] = None,
    device: Device = "auto",
    only: Annotated[
        str | None,
        typer.Option(
            metavar="<layer>",
            help="Train this layer alone, the others stay random; each: every layer in turn.",
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, metavar="<number>", help="With --only, instead of the recipe's."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a network after a recipe, and make a model pack of it.

    After an interruption the same call goes on where it was. With --only it makes no pack: it
    measures what one trained layer achieves among random others (Raghu and others, 2017); with
    --only each it writes a table and a figure.
    """
    need_torch()
    if show_list:
        _list(as_json)
        return
    if recipe is None:
        raise ParameterError("Name a recipe; innerear train --list shows them.")
    if epochs is not None and only is None:
        raise ParameterError("--epochs goes with --only: without, the recipe decides.")
    from ..models.training.recipes import find_recipe
    from ..models.training.train import pick_device

    chosen = find_recipe(recipe)
    pick_device(device)
    if data is not None and not chosen.source.flags:
        raise ParameterError(f"{recipe} learns from no recordings: leave --data out.")
    if only is not None:
        _train_only(chosen, only, epochs, folder, data, device, as_json)
    else:
        _train_pack(chosen, folder, data, device, as_json)


def _list(as_json: bool) -> None:
    from ..models.training.recipes import RECIPES

    if as_json:
        print_json(
            [
                {"name": each.name, "title": each.title, "needs": each.source.needs}
                for each in RECIPES.values()
            ]
        )
        return
    rows = [
        [each.name, each.title, f"{each.total_steps * each.batch:,}"] for each in RECIPES.values()
    ]
    print_table(("recipe", "network", "examples"), rows, numbers={2})
    for needs in dict.fromkeys(each.source.needs for each in RECIPES.values()):
        names = [each.name for each in RECIPES.values() if each.source.needs == needs]
        print(f"\n{', '.join(names)}:\n  needs {needs.replace('`', '')}")


def _train_pack(
    recipe: "Recipe", folder: Path, data: Path | None, device: str, as_json: bool
) -> None:
    from rich.console import Console

    from ..engine.packs.pack import load_pack
    from ..models.training.train import train_pack

    _make(folder)
    # Lines of each epoch are worth a log; bars appear on a terminal only.
    place = train_pack(recipe.name, folder, device, Console(stderr=True), data)
    accuracy = load_pack(place).manifest.accuracy
    if as_json:
        print_json({"recipe": recipe.name, "folder": str(place), "accuracy": accuracy})
        return
    for what, share in accuracy.items():
        print(f"{what}: {share:.1%}")
    print(f"wrote {place}; listen with it: innerear hear IN --model {place}")


def _train_only(
    recipe: "Recipe",
    layer: str,
    epochs: int | None,
    folder: Path,
    data: Path | None,
    device: str,
    as_json: bool,
) -> None:
    from dataclasses import replace

    from ..models.studies.one_layer import check_layer, one_layer_experiment, trainable_layers
    from ..models.training.train import pick_device

    recipe = replace(recipe, epochs=epochs or recipe.epochs)
    layers = list(trainable_layers(recipe.untrained(("any", "other"))))
    if layer != EACH:
        check_layer(layer, layers)
    _make(folder)
    bank = _bank(recipe, folder, data)
    trained = ["none", *layers, "all"] if layer == EACH else [layer]
    place = folder / recipe.name if layer == EACH else None
    steps = itertools.count(1)
    with progress_bar("training", recipe.total_steps * len(set(trained) - {"none"})) as advance:
        outcomes = one_layer_experiment(
            recipe, bank, place, trained, pick_device(device), lambda: advance(next(steps))
        )
    _tell_outcomes(recipe, outcomes, 1 / len(bank.classes), place, as_json)


def _tell_outcomes(
    recipe: "Recipe",
    outcomes: "list[Outcome]",
    chance: float,
    place: Path | None,
    as_json: bool,
) -> None:
    if as_json:
        rows = [
            {
                "trained": outcome.trained,
                "weights": outcome.weights,
                "accuracy": round(outcome.accuracy, 4),
            }
            for outcome in outcomes
        ]
        data = {"recipe": recipe.name, "epochs": recipe.epochs, "chance": round(chance, 4)}
        print_json({**data, "folder": str(place) if place else None, "rows": rows})
        return
    table = [
        [outcome.trained, f"{outcome.weights:,}", f"{outcome.accuracy:.1%}"] for outcome in outcomes
    ]
    print_table(("trained", "weights", "accuracy (held out)"), table, numbers={1, 2})
    print(f"chance is {chance:.1%}")
    if place is not None:
        print(f"wrote {place / 'one-layer.csv'} and {place / 'one-layer.png'}")


def _bank(recipe: "Recipe", folder: Path, data: Path | None) -> "Bank":
    from rich.console import Console

    with Console(stderr=True).status("rendering sounds") as status:
        return recipe.bank(folder / "sounds", lambda name: status.update(f"rendered {name}"), data)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InnerearError(
            f"{folder}: cannot be made ({problem.strerror}); name another --folder"
        ) from problem
