"""`innerear export neutone`: write a pack as a model of Neutone FX."""

from pathlib import Path
from typing import Annotated

import typer

from ...engine.optional import require
from ..shared.torch_needed import need_torch
from .options import (
    DEFAULT_LAYER,
    DEFAULT_N_FFT,
    DEFAULT_RATE,
    DEFAULT_TARGET,
    FilterWindow,
    Layer,
    PackName,
    Rate,
    Target,
    one_pack,
)

EXAMPLES = """
innerear export neutone stftcnn-robust -o dream-neutone
innerear export neutone samplecnn-instruments -o brass-neutone --target Brass
innerear export neutone samplecnn-instruments -o checked --submission
"""


def export(
    pack: PackName,
    folder: Annotated[
        Path, typer.Option("--output", "-o", metavar="<folder>", help="To make; a new one.")
    ],
    layer: Layer = DEFAULT_LAYER,
    target: Target = DEFAULT_TARGET,
    rate: Rate = DEFAULT_RATE,
    n_fft: FilterWindow = DEFAULT_N_FFT,
    submission: Annotated[
        bool,
        typer.Option(
            "--submission", help="Make all checks of Neutone's SDK, sounds and benchmarks: minutes."
        ),
    ] = False,
) -> None:
    """Write a pack as a model of Neutone FX, which plays without Innerear.

    It has four knobs: step, target (left: what is strongest), range and mix.
    """
    need_torch()
    require("this command needs", "neutone_sdk")
    loaded = one_pack(pack)
    from ...exporters.torchscript.neutone import export_neutone
    from ...exporters.torchscript.settings import export_settings

    settings = export_settings(loaded, layer, target, rate, n_fft)
    print(f"wrote {export_neutone(loaded, settings, folder, submission)}")
