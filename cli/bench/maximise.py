"""`innerear bench maximise`: all units at once against torch, one unit at a time."""

from typing import Annotated

import typer

from ...engine.defaults import PACK
from ..shared.options import AsJson
from ..shared.output import print_json, print_table, progress_bar
from ..shared.torch_needed import need_torch
from .machine import machine

EXAMPLES = """
innerear bench maximise
innerear bench maximise --model samplecnn-digits --layer conv5 --units 16 --json
"""


def maximise(
    model: Annotated[
        str, typer.Option(metavar="<name>", help="A model pack's name or folder.")
    ] = PACK,
    layer: Annotated[
        str | None,
        typer.Option(
            metavar="<name,...>", help="One or several.  [default: first, middle and last]"
        ),
    ] = None,
    units: Annotated[
        int, typer.Option(min=1, max=10_000, metavar="<number>", help="Of each layer.")
    ] = 16,
    steps: Annotated[
        int, typer.Option(min=1, max=10_000, metavar="<number>", help="Of each unit.")
    ] = 64,
    as_json: AsJson = False,
) -> None:
    """Measure activation maximisation: all units at once against torch, one by one.

    Both take the same steps from the same noise; the objectives that they reach are shown too.
    Torch uses one thread or all, whichever is faster here.
    """
    need_torch()
    from ...engine.packs.onnx_runners import check_layers
    from ...engine.packs.pack import load_pack
    from .measure_maximise import benchmark_maximise, layers_to_measure

    pack = load_pack(model)
    layers = (
        layers_to_measure(pack) if layer is None else [each.strip() for each in layer.split(",")]
    )
    check_layers(dict.fromkeys(layers), pack.layers)
    rows = []
    with progress_bar("measuring", len(layers)) as advance:
        for number, name in enumerate(layers):

            def measured(share: float, before: int = number) -> None:
                advance(before + share)

            rows.append(benchmark_maximise(pack, name, units, steps, measured).as_dict())
    if as_json:
        print_json({"machine": machine(), "rows": rows})
        return
    columns = ("ours_s", "baseline_s", "ratio", "ours_cpu_s", "baseline_cpu_s", "units_per_second")
    reached = ("ours_objective", "baseline_objective")
    table = [
        [
            str(row["what"]),
            *(f"{row[name]:.2f}" for name in columns),
            *(f"{row[name]:.4g}" for name in reached),
        ]
        for row in rows
    ]
    heads = (
        "what",
        "ours (s)",
        "torch (s)",
        "ratio",
        "ours (CPU s)",
        "torch (CPU s)",
        "units/s",
        "ours reached",
        "torch reached",
    )
    print_table(heads, table, numbers=set(range(1, len(heads))))
