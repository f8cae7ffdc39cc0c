"""The parameterisations of a live dream: what the gradient changes.

The word is Lucid's ("Feature Visualization", 2017). What is changed while a sound is maximised from
noise is another table: `analysis/parameterisations.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Form = Literal["magnitude", "log-gain", "partials"]
"""What the spectrum of a dream is: magnitudes relative to the sound's level, the natural logarithm
of a filter's gain, or partials one after the other (`dsp/partial_row.py`)."""


MOST_ADDED = 0.5
"""The most that is added to a filtered sound, relative to the sound around it: -6 dB."""


@dataclass(frozen=True)
class DreamParameterisation:
    """One thing that the gradient of a dream can change.

    Attributes:
        name: as the parameter `parameterisation` has it.
        meaning: one line for help texts.
        form: what the spectrum of its newest dream is.
        adds: whether what no filter can make is added to the filtered sound.
        is_offline: whether `innerear dream` can have it, on a whole sound.
    """

    name: str
    meaning: str
    form: Form
    adds: bool = False
    is_offline: bool = True


DREAM_PARAMETERISATIONS: Mapping[str, DreamParameterisation] = {
    each.name: each
    for each in (
        DreamParameterisation(
            "filter+waveform",
            "a smooth filter of the sound, and what is added to it, 6 dB below it",
            "log-gain",
            adds=True,
        ),
        DreamParameterisation(
            "filter",
            "a smooth filter of the sound alone",
            "log-gain",
        ),
        DreamParameterisation(
            "waveform",
            "every sample, which the dreaming network alone hears",
            "magnitude",
        ),
        DreamParameterisation(
            "partials",
            "the strength of the sound's partials, and of tones beside them",
            "partials",
            is_offline=False,
        ),
    )
}
"""Every parameterisation by its name, in the order in which menus show them."""

LIVE_PARAMETERISATIONS = tuple(DREAM_PARAMETERISATIONS)
"""What a stream can have: all of them."""
OFFLINE_PARAMETERISATIONS = tuple(
    name for name, each in DREAM_PARAMETERISATIONS.items() if each.is_offline
)
