"""`innerear bench start`: how long live play and the window take to start on this machine."""

from typing import Annotated

import typer

from ..shared.options import AsJson
from ..shared.output import print_json, print_table, progress_bar
from .machine import machine

EXAMPLES = """
innerear bench start
innerear bench start --rounds 9 --json
"""


def start(
    rounds: Annotated[
        int, typer.Option(min=1, metavar="<number>", help="How often each is started.")
    ] = 5,
    as_json: AsJson = False,
) -> None:
    """Start live play and the window, each from nothing, in turns; give the medians.

    Live play is there when sound goes through: of a file without a sound device, and, where it is
    installed, of a JACK server without hardware. The window is there when it has been painted, in
    memory. Nothing of yours is touched.
    """
    from .measure_start import benchmark_start

    with progress_bar("starting", 100) as advance:
        rows = benchmark_start(rounds, lambda share: advance(round(100 * share)))
    if as_json:
        print_json({"machine": machine(), "rows": rows})
        return
    table = [
        [each["what"], f"{each['seconds']:.2f} s", f"{each['processor_seconds']:.2f} s"]
        for each in rows
    ]
    print_table(("what starts", "median", "processor time"), table, numbers={1, 2})
