"""How a maximising sound is sought: parameterisation, optimiser, transforms and stopping rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..defaults import (
    MAXIMISE_JITTER_MS,
    MAXIMISE_LEARNING_RATE,
    MAXIMISE_PARAMETERISATION,
    MAXIMISE_STEPS,
)
from ..errors import ParameterError, nearest
from .a_weighting import Ear
from .initial_noise import STARTS, Start
from .optimisers import Adam, Optimiser
from .parameterisations import PARAMETERISATIONS, Parameterisation
from .transforms import Jitter, Transform

ADAM = Adam(MAXIMISE_LEARNING_RATE)
EAR = Ear()


@dataclass(frozen=True)
class Method:
    """How a sound is sought: four parts that are independent of one another, and when to stop.

    Attributes:
        parameterisation: what is changed.
        optimiser: how the parameters follow the gradient.
        transforms: random changes of the sound before the network hears it.
        ear: the regulariser, a decay of the frequencies that ears hardly hear.
        starts: kinds of noise to start from, tried one after the other while a unit is inactive.
        steps: at most.
        converge: whether to stop earlier, once hardly anything is gained.
    """

    parameterisation: Parameterisation = PARAMETERISATIONS[MAXIMISE_PARAMETERISATION]
    optimiser: Optimiser = ADAM
    transforms: Sequence[Transform] = (Jitter(MAXIMISE_JITTER_MS),)
    ear: Ear = EAR
    starts: Sequence[Start] = STARTS
    steps: int = MAXIMISE_STEPS
    converge: bool = True

    def __post_init__(self) -> None:
        """Refuse a number of steps below 1.

        Raises:
            ParameterError: `steps` is below 1.
        """
        if self.steps < 1:
            raise ParameterError(f"{self.steps} steps: take at least 1.")


def with_settings(
    method: Method, parameterisation: str | Parameterisation | None, steps: int | None
) -> Method:
    """Return the method with another parameterisation or number of steps.

    Args:
        method: to start from.
        parameterisation: `spectrum`, `waveform`, `filter`, or one of your own; None keeps it.
        steps: at most; None keeps it.

    Raises:
        ParameterError: there is no such parameterisation, or fewer than 1 step.
    """
    if isinstance(parameterisation, str):
        if parameterisation not in PARAMETERISATIONS:
            raise ParameterError(
                f"There is no parameterisation {parameterisation!r}."
                f" {nearest(parameterisation, PARAMETERISATIONS)}"
            )
        parameterisation = PARAMETERISATIONS[parameterisation]
    return replace(
        method,
        parameterisation=parameterisation or method.parameterisation,
        steps=method.steps if steps is None else steps,
    )
