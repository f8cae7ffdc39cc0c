"""`innerear bench gpu`: a graphics card beside cores of the processor, in one run."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import typer

from ...engine.defaults import LIVE_PACK, PACK
from ...engine.errors import ParameterError, nearest
from ...engine.optional import require
from ..shared.options import AsJson
from ..shared.output import print_json, print_table, progress_bar
from ..shared.torch_needed import need_torch
from .gradient import LARGEST_BATCH, numbers
from .machine import card, machine

EXAMPLES = """
innerear bench gpu
innerear bench gpu --only gradient --batch 1,64 --json
innerear bench gpu --only training,library --cores 4
"""

SET = "samplecnn-instruments,stftcnn-instruments,crnn-instruments"
TRAINED = ("samplecnn-instruments", "stftcnn-instruments", "crnn-robust")
LIBRARIES = ("render", "dream")
PARTS = ("gradient", "agreement", "settings", "set", "render", "training", "library")

Measure = Callable[[], Any]


def gpu(
    device: Annotated[
        str, typer.Option(metavar="<cuda|cuda:1|cpu>", help="That is measured.")
    ] = "cuda",
    beside: Annotated[
        str, typer.Option(metavar="<device>", help="That it is measured beside, in turns.")
    ] = "cpu",
    cores: Annotated[
        int,
        typer.Option(
            min=1, max=1024, metavar="<number>", help="Of the processor, for both (Linux)."
        ),
    ] = 2,
    only: Annotated[
        str, typer.Option(metavar="<part,...>", help=f"Of {', '.join(PARTS)}.")
    ] = ",".join(PARTS),
    models: Annotated[
        str, typer.Option("--model", metavar="<name,...>", help="Packs, or all.")
    ] = "all",
    batch: Annotated[
        str, typer.Option(metavar="<number,...>", help="Waveforms at once, for gradients.")
    ] = "1,16,64",
    repetitions: Annotated[
        int, typer.Option(min=1, max=100_000, metavar="<number>", help="Of each gradient.")
    ] = 40,
    seconds: Annotated[
        float, typer.Option(min=0.5, max=60, metavar="<seconds>", help="Of sound, to render.")
    ] = 4.0,
    steps: Annotated[
        int, typer.Option(min=1, max=10_000, metavar="<number>", help="Of training.")
    ] = 20,
    items: Annotated[
        int, typer.Option(min=1, max=100_000, metavar="<number>", help="Of a library.")
    ] = 48,
    as_json: AsJson = False,
) -> None:
    """Measure a graphics card beside cores of the processor.

    Gradients of every pack, how far results differ, options of CUDA, sets of networks, renders,
    trainings and libraries. Both devices have the same cores of the processor for all else.
    """
    need_torch()
    require("this command needs", "duckdb", "distributed", "pyarrow")
    from ...engine.packs.onnx_device import compute_device
    from ...engine.packs.pack import available_packs
    from .card import gradients, work

    parts = _chosen(only)
    names = list(available_packs()) if models == "all" else models.split(",")
    batches = numbers("--batch", batch, LARGEST_BATCH)
    devices = compute_device(beside), compute_device(device)
    rows: dict[str, list[dict[str, Any]]] = {part: [] for part in parts}
    measures: dict[str, list[Measure]] = {
        "gradient": [
            partial(gradients.gradients, name, devices, batches, repetitions) for name in names
        ],
        "agreement": [partial(gradients.agreement, name, devices) for name in names],
        "settings": [partial(gradients.settings, name, devices[1], repetitions) for name in names],
        "set": [partial(gradients.sets, name, devices, repetitions) for name in (LIVE_PACK, SET)],
        "render": [partial(work.renders, name, devices, seconds) for name in (LIVE_PACK, SET)],
        "training": [partial(work.training, name, devices, steps, cores) for name in TRAINED],
        "library": [
            partial(work.libraries, name, PACK, devices, items, seconds, cores)
            for name in LIBRARIES
        ],
    }
    todo = [(part, measure) for part in parts for measure in measures[part]]
    with work.cores(cores), progress_bar("measuring", len(todo)) as advance:
        for done, (part, measure) in enumerate(todo):
            found = measure()
            rows[part] += found if isinstance(found, list) else [found]
            advance(done + 1)
    if as_json:
        about = {
            "date": datetime.now(UTC).date().isoformat(),
            "cores": cores,
            "card": card(devices[1]),
        }
        sides = dict(zip(gradients.SIDES, devices, strict=True))
        print_json({"machine": machine(), **about, "devices": sides, **rows})
        return
    for part, found in rows.items():
        print(f"{part}:")
        cells = [_flat(row) for row in found]
        heads = list(dict.fromkeys(head for row in cells for head in row))
        table = [[row.get(head, "-") for head in heads] for row in cells]
        print_table(heads, table, numbers=set(range(1, len(heads))))
        print()


def _chosen(only: str) -> list[str]:
    """Return the parts that are asked for.

    Raises:
        ParameterError: there is no such part.
    """
    parts = [part.strip() for part in only.split(",")]
    for part in parts:
        if part not in PARTS:
            raise ParameterError(f"There is no part {part!r}. {nearest(part, PARTS)}")
    return parts


def _flat(row: dict[str, Any]) -> dict[str, str]:
    """Return a row of results as cells by their heads."""
    cells: dict[str, str] = {}
    for name, value in row.items():
        head = name.replace("_", " ")
        if isinstance(value, dict):
            cells |= {f"{head}, {side}": _cell(each) for side, each in value.items()}
        else:
            cells[head] = _cell(value)
    return cells


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
