"""`innerear bench auralise`: all units of a layer against interpreted loops."""

from typing import Annotated

import typer

from ...engine.defaults import PAPERS_PACK
from ..shared.options import AsJson
from ..shared.output import print_json, print_table
from ..shared.torch_needed import need_torch
from .machine import machine

EXAMPLES = """
innerear bench auralise
innerear bench auralise --layer conv1 --json
"""


def auralise(
    model: Annotated[
        str, typer.Option(metavar="<name>", help="A pack that looks at a short-time spectrum.")
    ] = PAPERS_PACK,
    layer: Annotated[str, typer.Option(metavar="<name>", help="Whose units are heard.")] = "conv5",
    as_json: AsJson = False,
) -> None:
    """Measure auralising all units of a layer, against interpreted loops.

    The loops take one step of the interpreter for every number of every map, or for every product.
    Their forward pass and one unit's backward pass are timed; the other units are extrapolated.
    """
    need_torch()
    from ...engine.packs.pack import load_pack
    from .measure_auralise import benchmark_auralise

    rows = benchmark_auralise(load_pack(model), layer)
    if as_json:
        data = [{"model": model, **row.as_dict()} for row in rows]
        print_json({"machine": machine(), "rows": data})
        return
    heads = ("against", "ours (s)", "baseline (s)", "ratio", "forward (s)", "one unit back (s)")
    table = [
        [
            row.what,
            *(f"{value:.2f}" for value in (row.ours_s, row.baseline_s, row.ratio)),
            *(f"{value:.2f}" for value in (row.forward_s, row.back_s)),
        ]
        for row in rows
    ]
    print_table(heads, table, set(range(1, len(heads))))
    print(
        f"{rows[0].units} units of {layer}; forward and back were timed, the rest is extrapolated"
    )
