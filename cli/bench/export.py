"""`innerear bench export`: how fast an exported dream is, beside Innerear's own processor."""

from typing import Annotated

import typer

from ..shared.options import AsJson, models_option
from ..shared.output import print_json, print_table, progress_bar
from ..shared.torch_needed import need_torch
from .machine import machine

EXAMPLES = """
innerear bench export
innerear bench export --model samplecnn-instruments --seconds 20 --json
"""


def export(
    model: Annotated[str, models_option("A pack's name or folder.")] = "stftcnn-robust",
    seconds: Annotated[
        float, typer.Option(min=1, max=600, metavar="<seconds>", help="Of sound, for each buffer.")
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Measure the TorchScript of `innerear export nn`: one thread, 48 kHz, buffers of 512 and 2048.

    What is counted is seconds of sound for each second of computing: by the clock, and by the
    processor's time, which on a busy machine says more. The processor of Innerear, with the same
    settings, takes turns with it, half a second each.
    """
    need_torch()
    from ...engine.packs.pack import load_pack
    from .measure_export import BUFFERS, benchmark_export

    with progress_bar("measuring", len(BUFFERS)) as advance:
        rows = [row.as_dict() for row in benchmark_export(load_pack(model), seconds, advance)]
    if as_json:
        print_json({"machine": machine(), "rows": rows})
        return
    heads = ("buffer", "what", "times real time", "by processor time", "longest buffer (ms)")
    table = [
        [
            str(row["buffer"]),
            str(row["what"]),
            f"{row['times_real_time']:.2f}",
            f"{row['by_cpu_time']:.2f}",
            f"{row['longest_ms']:.1f}",
        ]
        for row in rows
    ]
    print_table(heads, table, numbers={0, 2, 3, 4})
