"""`innerear bench gradient`: a pack's gradient graph against torch's autograd."""

import itertools
from typing import Annotated

import typer

from ...engine.defaults import PACK
from ...engine.errors import ParameterError
from ..shared.device import Device
from ..shared.options import AsJson
from ..shared.output import print_json, print_table, progress_bar
from ..shared.torch_needed import need_torch
from .machine import machine

LARGEST_BATCH, MOST_THREADS = 1024, 256

EXAMPLES = """
innerear bench gradient
innerear bench gradient --model samplecnn-instruments --batch 1,8 --threads 1,2
innerear bench gradient --model all --batch 1,16
innerear bench gradient --repetitions 200 --json
"""


def gradient(
    models: Annotated[
        list[str] | None,
        typer.Option(
            "--model", metavar="<name>", help="A pack's name or folder, or all; may be given again."
        ),
    ] = None,
    batch: Annotated[
        str, typer.Option(metavar="<number,...>", help="Waveforms at once; one or several sizes.")
    ] = "1",
    threads: Annotated[
        str, typer.Option(metavar="<number,...>", help="That each may use; one or several.")
    ] = "1",
    repetitions: Annotated[
        int, typer.Option(min=1, max=100_000, metavar="<number>", help="Of each measurement.")
    ] = 50,
    layer: Annotated[
        str, typer.Option(metavar="<name>", help="That is excited: the deepest costs most.")
    ] = "output",
    device: Device = "cpu",
    as_json: AsJson = False,
) -> None:
    """Measure a gradient: the pack's dream graph against torch's autograd.

    Every model is measured with every batch and number of threads. The two are measured in turns,
    so that other load on the machine slows both alike. Times are lower quartiles. A pack without
    the name of its torch network, such as one of `innerear export`, has no figures of torch.
    """
    need_torch()
    from ...engine.packs.pack import available_packs, load_pack
    from .measure_gradient import benchmark_gradient

    ways = list(
        itertools.product(
            numbers("--batch", batch, LARGEST_BATCH), numbers("--threads", threads, MOST_THREADS)
        )
    )
    packs = []
    for name in models or [PACK]:
        if name == "all":
            packs += [load_pack(each, device=device) for each in available_packs()]
        else:
            packs.append(load_pack(name, device=device))
    rows = []
    with progress_bar("measuring", repetitions * len(packs) * len(ways)) as advance:
        for number, (pack, (size, count)) in enumerate(itertools.product(packs, ways)):

            def measured(done: int, before: int = number * repetitions) -> None:
                advance(before + done)

            row = benchmark_gradient(pack, size, count, repetitions, layer, measured)
            rows.append(row.as_dict())
    if as_json:
        print_json({"machine": machine(), "rows": rows})
        return
    table = [
        [
            str(row["model"]),
            str(row["batch"]),
            str(row["threads"]),
            *(f"{row[name]:.2f}" for name in ("forward_ms", "onnx_gradient_ms")),
            _figure(row["torch_gradient_ms"]),
            f"{row['gradient_over_forward']:.2f}",
            _figure(row["torch_over_onnx"]),
        ]
        for row in rows
    ]
    heads = (
        "model",
        "batch",
        "threads",
        "forward (ms)",
        "gradient (ms)",
        "in torch (ms)",
        "gradient / forward",
        "torch / gradient",
    )
    print_table(heads, table, numbers=set(range(1, len(heads))))


def _figure(number: object) -> str:
    return "-" if number is None else f"{number:.2f}"


def numbers(option: str, text: str, most: int) -> list[int]:
    """Return the whole numbers of a list with commas.

    Raises:
        ParameterError: one of them is none, or is not from 1 to `most`.
    """
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        if not (part.isascii() and part.isdigit() and 1 <= int(part) <= most):
            raise ParameterError(
                f"{option} {text!r}: {part!r} is no whole number from 1 to {most}; give one, or"
                " several with commas"
            )
    return [int(part) for part in parts]
