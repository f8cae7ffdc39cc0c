"""The combinations: how a dream meets the sound.

What they compute is in `dsp/spectral_combinations.py`, where each function names its combination.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Combination:
    """One way for a dream to meet a sound.

    Attributes:
        name: as the parameter `combine` has it.
        meaning: one line for help texts: what becomes of the sound.
        is_live: whether a stream can have it; what it computes there is a function of one frame.
        is_offline: whether `innerear dream` can have it, on a whole sound.
        replaces: whether offline what it makes replaces the sound, and is not added to it.
        adds_dream: whether a dream's own waveform is heard in it, not its magnitudes alone.
        adds_all: whether the dream is added as it is, so that a filter is heard as it is.
        takes_filter: whether it makes sense with a dream that is a filter of the sound.
        gates_gradient: whether the gradient is cut where the sound is below the threshold, before
            each step of the gradient ascent.
        needs_third_sound: whether it works with a third sound besides sound and dream.
    """

    name: str
    meaning: str
    is_live: bool = True
    is_offline: bool = True
    replaces: bool = False
    adds_dream: bool = True
    adds_all: bool = False
    takes_filter: bool = True
    gates_gradient: bool = False
    needs_third_sound: bool = False


COMBINATIONS: Mapping[str, Combination] = {
    combination.name: combination
    for combination in (
        Combination("add", "the sound, and the dream", adds_all=True),
        Combination(
            "gate",
            "the sound, and the dream where the sound is above the threshold",
            gates_gradient=True,
        ),
        Combination("filter", "the sound, and the dream filtered by its own resonances"),
        Combination(
            "flip", "the dream, and the sound filtered by its own resonances", replaces=True
        ),
        Combination("gradient", "the dream alone", replaces=True),
        Combination(
            "mask",
            "the sound with its magnitudes shaped by the dream's",
            replaces=True,
            adds_dream=False,
            takes_filter=False,
        ),
        Combination(
            "target",
            "as gate, with the cut and phase of a third sound",
            is_live=False,
            takes_filter=False,
            needs_third_sound=True,
        ),
    )
}
"""Every combination by its name, in the order in which menus show them."""

LIVE_COMBINATIONS = tuple(name for name, each in COMBINATIONS.items() if each.is_live)
OFFLINE_COMBINATIONS = tuple(name for name, each in COMBINATIONS.items() if each.is_offline)


def filter_problem(combination: str) -> str:
    """Return why a combination makes no sense with a dream that is a filter, in one line."""
    return (
        f"combine {combination!r} makes no sense with parameterisation 'filter', whose dream has no"
        " sound of its own: choose add or gate, or parameterisation waveform."
    )
