"""`innerear bench library`: what questions to a library cost, at sizes of your choice."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..shared.options import AsJson
from ..shared.output import print_json, print_table, progress_bar
from .machine import machine

if TYPE_CHECKING:
    from ...library.library import Library

EXAMPLES = """
innerear bench library
innerear bench library --rows 1000000 --json
"""

ROWS = (10_000, 100_000, 1_000_000)


def library(
    rows: Annotated[
        list[int] | None,
        typer.Option(
            min=20,
            metavar="<number>",
            help="Items of a library; may be given again.  [default: 10000, 100000, 1000000]",
        ),
    ] = None,
    repeat: Annotated[
        int, typer.Option(min=1, metavar="<number>", help="Take the best of so many.")
    ] = 3,
    as_json: AsJson = False,
) -> None:
    """Measure how long a library takes to answer, with random rows and no sounds.

    A column is asked, a setting, and the 20 nearest neighbours in 192 dimensions. Beside the
    duration stands the time of all processors together, which a busy machine changes least.
    """
    from ...library.synthetic import synthetic_library

    sizes = rows or list(ROWS)
    found = []
    with progress_bar("asking", len(sizes)) as advance:
        for done, size in enumerate(sizes):
            with tempfile.TemporaryDirectory(prefix="innerear-") as folder:
                made = synthetic_library(Path(folder) / "library", size)
                stored = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
                for name, ask in _questions(made).items():
                    seconds, work = _best(ask, repeat)
                    found.append(
                        {
                            "rows": size,
                            "bytes": stored,
                            "question": name,
                            "seconds": seconds,
                            "processor_seconds": work,
                        }
                    )
            advance(done + 1)
    if as_json:
        print_json({"machine": machine(), "questions": found})
        return
    heads = ("rows", "question", "seconds", "processor seconds")
    cells = [
        [
            str(row["rows"]),
            str(row["question"]),
            f"{row['seconds']:.3f}",
            f"{row['processor_seconds']:.3f}",
        ]
        for row in found
    ]
    print_table(heads, cells, numbers={0, 2, 3})


def _questions(library: "Library") -> dict[str, Callable[[], object]]:
    item = library.find(limit=1, columns=["item"])["item"][0].as_py()
    return {
        "column": lambda: library.find("score > 0.99 and model = 'model 1'"),
        "setting": lambda: library.find("step > 0.99 and model = 'model 1'"),
        "nearest 20": lambda: library.find(near=item),
    }


def _best(ask: Callable[[], object], repeat: int) -> tuple[float, float]:
    """Return the shortest duration, and the least time of all processors, in seconds."""
    durations, work = [], []
    for _ in range(repeat):
        started, spent = time.perf_counter(), time.process_time()
        ask()
        durations.append(time.perf_counter() - started)
        work.append(time.process_time() - spent)
    return min(durations), min(work)
