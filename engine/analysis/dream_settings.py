"""The settings of the offline recursion: the parameters of live play that apply, and its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from ..combinations import OFFLINE_COMBINATIONS
from ..drives import DRIVES, Rule
from ..errors import ParameterError, nearest
from ..parameter import Parameter, Value
from ..parameterisations import DREAM_PARAMETERISATIONS, OFFLINE_PARAMETERISATIONS
from ..parameters import PARAMETERS

MOST_STEPS = 10_000

OFFLINE_DEFAULTS: Mapping[str, Value] = {
    # Ten steps that start from one another add up; a live step stands alone.
    "step": 0.1,
    # Gated, the dream has the sound's own partials; merely added, it is hiss with the same score.
    "combine": "gate",
    # The paper's raw gradient.
    "colour": 0.0,
    # The paper's.
    "parameterisation": "waveform",
    # The paper's window.
    "n_fft": 2048,
}
"""The settings whose defaults differ on purpose from those of live play; all others share them."""

_DECLARED = (
    Parameter(
        "steps", "Steps", "How often the gradient is taken and combined.", "number", 10,
        minimum=1, maximum=MOST_STEPS,
    ),
    replace(
        PARAMETERS["step"],
        meaning="How much each step adds to the sound, relative to its level, or replaces of it;"
        " of a filter, how far it moves each band, relative to the range.",
    ),
    replace(
        PARAMETERS["combine"],
        choices=OFFLINE_COMBINATIONS,
    ),
    replace(
        PARAMETERS["target"],
        meaning="What is excited: auto (at each step the unit that is strongest), energy (all of"
        " the layer), a class name, or a unit's index.",
    ),
    PARAMETERS["layer"],
    replace(
        PARAMETERS["drive"],
        choices=tuple(name for name, drive in DRIVES.items() if drive.rule is not None),
        meaning="How the gradient passes a ReLU.",
    ),
    replace(
        PARAMETERS["threshold_db"],
        meaning="Bins below it, relative to the loudest, are dropped; add and gradient have none.",
    ),
    replace(
        PARAMETERS["parameterisation"],
        choices=OFFLINE_PARAMETERISATIONS,
        meaning="What the gradient changes. "
        + "; ".join(f"{name}: {DREAM_PARAMETERISATIONS[name].meaning}"
                    for name in OFFLINE_PARAMETERISATIONS) + ".",
    ),
    PARAMETERS["range_db"],
    PARAMETERS["colour"],
    PARAMETERS["n_fft"],
    Parameter(
        "hop_ms", "Window hop",
        "Between two windows that the network hears; at most a quarter of its window.",
        "number", 100, minimum=1, maximum=10_000, unit="ms",
    ),
)  # fmt: skip

DREAM_SETTINGS: Mapping[str, Parameter] = {
    each.id: replace(each, default=OFFLINE_DEFAULTS.get(each.id, each.default))
    for each in _DECLARED
}
"""Every setting by its id, in the order of the help text."""


@dataclass(frozen=True)
class DreamSettings:
    """Checked values of `DREAM_SETTINGS`; made by `dream_settings`."""

    steps: int
    step: float
    combine: str
    target: str
    layer: str
    drive: Rule
    threshold_db: float
    parameterisation: str
    range_db: float
    colour: float
    n_fft: int
    hop_ms: float


def dream_settings(**values: Value) -> DreamSettings:
    """Return the settings: `values` by id, and the defaults for all others.

    Raises:
        ParameterError: an unknown id, or a value that the setting cannot take.
    """
    for id in values:
        if id not in DREAM_SETTINGS:
            raise ParameterError(f"There is no setting {id!r}. {nearest(id, DREAM_SETTINGS)}")
    checked = {
        id: setting.check(values.get(id, setting.default)) for id, setting in DREAM_SETTINGS.items()
    }
    steps = float(checked["steps"])
    if not steps.is_integer():
        raise ParameterError(f"steps cannot be {values['steps']!r}: it takes a whole number.")
    return DreamSettings(
        steps=int(steps),
        step=float(checked["step"]),
        combine=str(checked["combine"]),
        target=str(checked["target"]),
        layer=str(checked["layer"]),
        drive=cast("Rule", checked["drive"]),
        threshold_db=float(checked["threshold_db"]),
        parameterisation=str(checked["parameterisation"]),
        range_db=float(checked["range_db"]),
        colour=float(checked["colour"]),
        n_fft=int(checked["n_fft"]),
        hop_ms=float(checked["hop_ms"]),
    )
