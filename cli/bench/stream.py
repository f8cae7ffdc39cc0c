"""`innerear bench stream`: how well live play keeps its time on this machine."""

from typing import Annotated, Any

import typer

from ...engine.errors import ParameterError
from ...engine.parameter_values import ParameterSet
from ..shared.options import AsJson
from ..shared.output import print_json, print_table, progress_bar
from ..shared.parameters import with_parameters
from .machine import machine

EXAMPLES = """
innerear bench stream
innerear bench stream --block 256 --json
innerear bench stream --block 128 --beside none --model yamnet
"""


@with_parameters(feedback=0.3)
def stream(
    parameters: ParameterSet,
    block: Annotated[
        int, typer.Option(min=16, max=4096, metavar="<samples>", help="In each block.")
    ] = 128,
    seconds: Annotated[
        float, typer.Option(min=5, max=3600, metavar="<seconds>", help="To play and measure.")
    ] = 30,
    beside: Annotated[
        str,
        typer.Option(
            metavar="<window,busy>",
            help="What else runs: our own window, a Python process that never rests, or none.",
        ),
    ] = "window,busy",
    as_json: AsJson = False,
) -> None:
    """Measure live play on a JACK server without hardware, at 48 kHz in stereo.

    A phrase is played into the audio engine. The command measures the audio callback, the age of
    dreams when they are heard, and the time from a MIDI control change at the port to the first
    sample that it changes.
    """
    from .measure_stream import BESIDE, benchmark_stream

    wanted = tuple(part for part in beside.split(",") if part not in ("", "none"))
    for part in wanted:
        if part not in BESIDE:
            raise ParameterError(
                f"--beside cannot be {part!r}. Valid are {', '.join(BESIDE)}, or none."
            )
    with progress_bar("playing", 100) as advance:
        row = benchmark_stream(
            parameters, block, seconds, wanted, lambda share: advance(round(100 * share))
        )
    if as_json:
        print_json({"machine": machine(), "rows": [row]})
        return
    print_table(("measured", "value"), _table(row), numbers={1})


def _table(row: dict[str, Any]) -> list[list[str]]:
    age, knob, block_ms = row["dreams"]["age_ms"], row["knob_to_ear_ms"], row["block_ms"]
    budget_ms = 1000 * row["block_size"] / row["sample_rate"]
    return [
        ["a block lasts", f"{budget_ms:.2f} ms"],
        *([f"callback {name}", f"{block_ms[name]:.2f} ms"] for name in ("p50", "p99", "p999")),
        ["callback p999 / budget", f"{row['budget_ratio_p999']:.2f}"],
        *([f"dream age {name}", f"{age[name]:.0f} ms"] for name in ("p50", "p99")),
        *([f"knob to ear {name}", f"{knob[name]:.1f} ms"] for name in ("p50", "p99")),
        ["late dreams", str(row["dreams"]["late"])],
        ["dropouts", str(row["xruns"])],
        ["latency", f"{row['latency_samples']} samples"],
    ]
