"""The ascent of each parameterisation."""

from collections.abc import Callable, Mapping

from ..parameterisations import DreamParameterisation
from .ascent import Ascent, AscentShape
from .filter_ascent import FilterAscent
from .waveform_ascent import WaveformAscent

_ASCENTS: Mapping[str, Callable[[AscentShape], Ascent]] = {
    "filter": FilterAscent,
    "waveform": WaveformAscent,
}


def make_ascent(parameterisation: DreamParameterisation, shape: AscentShape) -> Ascent:
    """Return an ascent that starts from silence."""
    return _ASCENTS[parameterisation.name](shape)
