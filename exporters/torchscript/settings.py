"""What an exported dream starts with, and the ranges of what its host may set."""

from dataclasses import dataclass
from typing import Any

from ..._version import VERSION
from ...engine.errors import ParameterError
from ...engine.packs.pack import Pack
from ...engine.parameters import PARAMETERS
from ...engine.targets.grammar import parse_layers, parse_target, write_unit
from .dream import AUTO, ScriptDream

RATES = 8_000, 192_000


@dataclass(frozen=True)
class ExportSettings:
    """What is fixed in an exported dream, and the target that it starts with.

    Attributes:
        layer: in which a unit is excited, and whose activations are heard.
        target: a unit of it, or -1 for the most active one.
        sample_rate: of the host, in hertz.
        n_fft: of the filter, in samples.
    """

    layer: str
    target: int
    sample_rate: int
    n_fft: int


def export_settings(
    pack: Pack, layer: str, target: str, sample_rate: int, n_fft: int
) -> ExportSettings:
    """Read and check what a user wants to export.

    Args:
        pack: the network.
        layer: one of its layers.
        target: a class, a unit's index, `layer/unit`, or `auto`.
        sample_rate: of the host, in hertz.
        n_fft: of the filter, in samples.

    Raises:
        InnerearError: an unknown layer or target, or a number that is out of range.
    """
    if not RATES[0] <= sample_rate <= RATES[1]:
        raise ParameterError(f"--rate cannot be {sample_rate}: {RATES[0]:,} to {RATES[1]:,} Hz.")
    PARAMETERS["n_fft"].check(n_fft)
    terms = parse_target(target, pack.layers, pack.classes, parse_layers(layer, pack.layers))
    found = [
        (name, unit) for term in terms for name in term.layers for unit in term.units or (AUTO,)
    ]
    if len(found) != 1 or terms[0].kind not in ("units", "auto"):
        raise ParameterError(
            f"--target cannot be {target!r} in layer {layer!r}: an exported dream has one target, a"
            " class, a unit of one layer, or auto."
        )
    ((name, unit),) = found
    return ExportSettings(name, unit, sample_rate, n_fft)


def metadata(pack: Pack, settings: ExportSettings, dream: ScriptDream) -> dict[str, Any]:
    """Return what an exported file says of itself, for JSON."""
    return {
        "made_by": f"innerear {VERSION}",
        "pack": pack.name,
        "dream_graph_sha256": pack.fingerprint,
        "layer": settings.layer,
        "units": dream.units,
        "unit_names": unit_names(pack, settings),
        "sample_rate": settings.sample_rate,
        "n_fft": settings.n_fft,
        "ratio": dream.hop,
        "latency_samples": dream.latency,
        "target": settings.target,
    }


def unit_names(pack: Pack, settings: ExportSettings) -> list[str]:
    """Return what the units of the exported layer are called."""
    units = range(pack.layers[settings.layer].units)
    return [write_unit(pack.classes, settings.layer, unit) for unit in units]
