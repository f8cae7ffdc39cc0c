"""`innerear filters`: a figure of a network's first filters and its second layer's bases."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .shared.options import AsJson
from .shared.output import print_json
from .shared.torch_needed import need_torch

EXAMPLES = """
innerear filters stftcnn12-instruments --figure filters.png
innerear filters samplecnn-instruments --figure filters.svg --json
"""


def filters(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model pack's name or folder.")],
    figure: Annotated[
        Path,
        typer.Option(metavar="<file>", help="The picture to write (.png, .svg, .pdf)."),
    ] = Path("filters.png"),
    as_json: AsJson = False,
) -> None:
    """Draw a network's first filters, before and after training, and its second layer's bases.

    Filters before training come from the seed of the recipe of that name, if there is one. A base
    is the filter on the input that a unit of the second layer has without pooling and ReLU.
    """
    need_torch()
    from ..engine.packs.pack import load_pack
    from ..engine.plots.style import check_figure_output
    from ..models.studies.filters import draw_filters, filters_of

    check_figure_output(figure)
    pack = load_pack(model)
    found = filters_of(pack)
    draw_filters(figure, f"Filters of {pack.name}", found, waveform=found.learned.shape[1] == 1)
    changes = found.changes()
    data: dict[str, Any] = {
        "model": pack.name,
        "shape": list(found.learned.shape),
        "bases": list(found.bases.shape),
        "change": None if changes is None else [round(float(each), 4) for each in changes],
        "figure": str(figure),
    }
    if as_json:
        print_json(data)
        return
    units, height, width = found.learned.shape
    print(f"{units} filters of {height} x {width} and {len(found.bases)} bases of {pack.name}")
    if changes is not None:
        print(
            f"training turned them by 1 - cosine of {changes.min():.2f} to {changes.max():.2f}"
            f" (0: not at all), median {sorted(changes)[len(changes) // 2]:.2f}"
        )
    print(f"wrote {figure}")
