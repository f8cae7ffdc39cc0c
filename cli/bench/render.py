"""`innerear bench render`: how fast sound is rendered, beside what its gradients alone take."""

from typing import Annotated

import typer

from ..shared.options import AsJson
from ..shared.output import print_json, print_table
from .machine import machine

EXAMPLES = """
innerear bench render
innerear bench render --seconds 9 --rounds 5 --json
"""


def render(
    seconds: Annotated[
        float, typer.Option(min=1, max=9.5, metavar="<seconds>", help="Of sound, each time.")
    ] = 5,
    rounds: Annotated[
        int, typer.Option(min=1, metavar="<number>", help="How often; medians are given.")
    ] = 3,
    as_json: AsJson = False,
) -> None:
    """Render a phrase, and time the gradients of its updates alone: no rendering can be faster.

    All numbers are seconds of sound for a second: by the clock, of processor time, and what the
    first would be if only gradients were computed, one after the other or each network on a core
    of its own.
    """
    from .measure_render import benchmark_render

    rows = benchmark_render(seconds, rounds)
    if as_json:
        print_json({"machine": machine(), "rows": rows})
        return
    factors = ("realtime_factor", "processor_factor", "gradients_factor", "at_once_factor")
    table = [[each["what"], *(f"{each[name]:.1f}" for name in factors)] for each in rows]
    heads = ("what is rendered", "by the clock", "of processor time", "gradients", "at once")
    print_table(heads, table, numbers={1, 2, 3, 4})
