"""`innerear bench dream`: a step of the offline recursion against the paper's loop in torch."""

from typing import Annotated

import typer

from ..shared.options import AsJson
from ..shared.output import print_json, print_table, progress_bar
from ..shared.torch_needed import need_torch
from .machine import machine

EXAMPLES = """
innerear bench dream
innerear bench dream --model samplecnn-instruments --threads 1 --json
"""


def dream(
    model: Annotated[
        str | None,
        typer.Option(
            metavar="<name>",
            help="A pack's name or folder.  [default: yamnet where it was added]",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1, max=256, metavar="<number>", help="That ours may use.  [default: all cores]"
        ),
    ] = None,
    repetitions: Annotated[
        int, typer.Option(min=1, max=100_000, metavar="<number>", help="Of each measurement.")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    """Measure a step of the recursion on 3.42 s of sound, windows every 0.1 s.

    The baseline is the paper's loop in eager torch, float32, all windows in one batch, with one
    thread or as many as ours, whichever is faster. Times are lower quartiles, taken in turns. The
    gradient alone, forward and backward through every window, is the floor of a step.
    """
    need_torch()
    from ...engine.packs.pack import load_pack
    from ...engine.plots.paper import papers_pack
    from .measure_dream import COMBINATIONS, benchmark_dream

    pack = load_pack(model) if model else papers_pack()
    with progress_bar("measuring", repetitions * (1 + len(COMBINATIONS))) as advance:
        rows = [row.as_dict() for row in benchmark_dream(pack, threads, repetitions, advance)]
    if as_json:
        print_json({"machine": machine(), "rows": rows})
        return
    heads = (
        *("what", "model", "windows", "threads", "ours (s)", "in torch (s)", "ratio"),
        *("ours (CPU s)", "in torch (CPU s)"),
    )
    table = [
        [
            *(str(row[name]) for name in ("what", "model", "windows", "threads")),
            *(f"{row[name]:.3f}" for name in ("ours_s", "baseline_s")),
            f"{row['ratio']:.2f}",
            *(f"{row[name]:.3f}" for name in ("ours_cpu_s", "baseline_cpu_s")),
        ]
        for row in rows
    ]
    print_table(heads, table, numbers=set(range(2, len(heads))))
