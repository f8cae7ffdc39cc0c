"""The ascent of each parameterisation."""

from collections.abc import Callable, Mapping

from ..parameterisations import DreamParameterisation
from .adding_ascents import FrameAddingAscent, present_ascent
from .ascent import Ascent, AscentShape
from .filter_ascent import FilterAscent
from .frame_filter_ascent import FrameFilterAscent
from .partials_ascent import PartialsAscent
from .waveform_ascent import WaveformAscent

_MakeAscent = Callable[[AscentShape], Ascent]
_ASCENTS: Mapping[str, tuple[_MakeAscent, _MakeAscent]] = {
    "filter": (FilterAscent, FrameFilterAscent),
    "waveform": (WaveformAscent, WaveformAscent),
    "partials": (PartialsAscent, PartialsAscent),
    "filter+waveform": (present_ascent, FrameAddingAscent),
}
"""Parameterisation -> the ascent whose newest dream shapes the present sound, and the one whose
finished waveform is read."""


def make_ascent(parameterisation: DreamParameterisation, shape: AscentShape) -> Ascent:
    """Return an ascent that starts from silence."""
    shapes_present, gives_waveform = _ASCENTS[parameterisation.name]
    return shapes_present(shape) if shape.shapes_present else gives_waveform(shape)
