"""`innerear teach`: teach a network classes of your own, from sounds."""

from pathlib import Path
from typing import Annotated

import typer

from ..engine.defaults import PACK
from .shared.options import AsJson
from .shared.output import print_json, print_table, progress_bar
from .shared.torch_needed import need_torch

EXAMPLES = """
innerear teach kitchen --from sounds/        # sounds/kettle/*.wav, sounds/glass/*.wav, ...
innerear teach kitchen --from sounds/ --model samplecnn-instruments
innerear render song.wav dreamed.wav --model kitchen --target kettle
"""


def teach(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the new model.")],
    source: Annotated[
        Path,
        typer.Option(
            "--from", metavar="<folder>", help="With one sub-folder of sounds for each class."
        ),
    ],
    model: Annotated[str, typer.Option(metavar="<name>", help="Whose network listens.")] = PACK,
    as_json: AsJson = False,
) -> None:
    """Teach a network classes of your own, from a folder of sounds; they are dream targets at once.

    The network's last layer is trained anew, the others stay as they are. Each class needs at least
    three sounds; more sounds, and more different ones, are better.
    """
    need_torch()
    from ..engine.packs.pack import load_pack
    from ..models.training.teach import teach as teach_pack

    with progress_bar("teaching", 1.0) as advance:
        lesson = teach_pack(load_pack(model), name, source, advance=advance)
    if as_json:
        print_json(
            {
                "name": name,
                "folder": str(lesson.folder),
                "accuracy": round(lesson.accuracy, 4),
                "classes": [
                    {"name": class_, "sounds": count, "right": lesson.right[class_]}
                    for class_, count in lesson.sounds.items()
                ],
                "skipped": [str(path) for path in lesson.skipped],
            }
        )
        return
    rows = [
        [class_, str(count), f"{lesson.right[class_] / count:.0%}"]
        for class_, count in lesson.sounds.items()
    ]
    print_table(("class", "sounds", "recognised in cross-validation"), rows, numbers={1, 2})
    for path in lesson.skipped:
        print(f"left out {path}: silent, or no sound")
    first = next(iter(lesson.sounds))
    print(
        f"\nwrote {lesson.folder}; dream of it: innerear render IN OUT --model {name}"
        f" --target '{first}'"
    )
