"""`innerear export nn`: write a pack as a TorchScript file for nn~ (Max, Pure Data)."""

from pathlib import Path
from typing import Annotated

import typer

from ...engine.errors import InnerearError
from ..shared.options import AsJson
from ..shared.output import print_json
from ..shared.outputs import Force, claim_outputs
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

_SUFFIX = ".ts"

EXAMPLES = """
innerear export nn stftcnn-robust -o dream.ts
innerear export nn samplecnn-instruments -o brass.ts --target Brass --rate 44100
innerear export nn crnn-robust -o conv2.ts --layer conv2 --target 7
"""


def export(
    pack: PackName,
    file: Annotated[Path, typer.Option("--output", "-o", metavar="<file.ts>", help="To write.")],
    layer: Layer = DEFAULT_LAYER,
    target: Target = DEFAULT_TARGET,
    rate: Rate = DEFAULT_RATE,
    n_fft: FilterWindow = DEFAULT_N_FFT,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write a pack as a TorchScript file that nn~ plays without Innerear.

    Its method `dream` dreams into one channel, `hear` gives the layer's activations. The attributes
    target, step, range_db and mix can be set while it plays.
    """
    need_torch()
    loaded = one_pack(pack)
    if file.suffix.lower() != _SUFFIX:
        raise InnerearError(f"{file}: the name of what nn~ plays ends in {_SUFFIX}")
    claim_outputs((file,), (), force)
    from ...exporters.torchscript.nn_tilde import export_nn
    from ...exporters.torchscript.settings import export_settings

    about = export_nn(loaded, export_settings(loaded, layer, target, rate, n_fft), file)
    if as_json:
        print_json(about)
        return
    print(
        f"wrote {file}: {about['sample_rate']} Hz, buffers of a multiple of {about['ratio']}"
        f" samples, latency {about['latency_samples']} samples, {about['units']} units of"
        f" {about['layer']}"
    )
    print(f"in Max and Pure Data: nn~ {file.name} dream")
