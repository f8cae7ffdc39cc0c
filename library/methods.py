"""The methods that make the items of a library: which settings each has, and how it is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ..engine.analysis.dream_settings import DREAM_SETTINGS
from ..engine.arrays import Float
from ..engine.defaults import (
    AURALISE_RULE,
    AURALISE_UNIT,
    MAXIMISE_PARAMETERISATION,
    MAXIMISE_STEPS,
    SEED,
)
from ..engine.errors import ParameterError, nearest
from ..engine.packs.manifest import OUTPUT_LAYER
from ..engine.packs.network import PackLike
from ..engine.parameter import Parameter, Value
from ..engine.parameters import PARAMETERS

Settings = Mapping[str, Value]
Make = Callable[[Float, int, PackLike, str, Settings], tuple[Float, int]]

_OF_THE_ITEM = ("model", "target", "target_sound")


@dataclass(frozen=True)
class Method:
    """One way to make an item.

    Attributes:
        name: of the method.
        settings: what can be set, by id.
        needs_sound: whether it dreams into a sound.
        default_target: what is excited where nothing is named.
        make: called with the sound, float32 (channels, samples), its rate, the network, the target
            and the settings; returns the dream and its rate.
    """

    name: str
    settings: Mapping[str, Parameter]
    needs_sound: bool
    default_target: str
    make: Make

    def check(self, values: Settings) -> dict[str, Value]:
        """Return settings as their parameters want them, by id.

        Raises:
            ParameterError: an unknown id, or a value that the setting cannot take.
        """
        for id in values:
            if id not in self.settings:
                raise ParameterError(
                    f"{self.name} has no setting {id!r}. {nearest(id, self.settings)}"
                )
        return {id: self.settings[id].check(values[id]) for id in sorted(values)}


def _render(
    sound: Float, rate: int, pack: PackLike, target: str, settings: Settings
) -> tuple[Float, int]:
    from ..engine.parameter_values import ParameterSet
    from ..engine.plugin.render import render

    parameters = ParameterSet(**{**settings, "target": target})
    return render(sound, rate, pack, parameters=parameters), rate


def _dream(
    sound: Float, rate: int, pack: PackLike, target: str, settings: Settings
) -> tuple[Float, int]:
    from ..engine.analysis.dream_settings import dream_settings
    from ..engine.analysis.offline_dream import OfflineDream

    chosen = dream_settings(**{**settings, "target": target})
    # One thread each: as many items are made at once as there are cores.
    dreaming = OfflineDream(sound, rate, pack, chosen, workers=1)
    for _ in range(chosen.steps):
        dreaming.advance()
    return dreaming.result(), rate


def _maximise(
    sound: Float, rate: int, pack: PackLike, target: str, settings: Settings
) -> tuple[Float, int]:
    from ..engine.analysis.maximise import maximise

    found = maximise(
        pack,
        target,
        parameterisation=str(settings.get("parameterisation", MAXIMISE_PARAMETERISATION)),
        steps=int(settings.get("steps", MAXIMISE_STEPS)),
        seed=int(settings.get("seed", SEED)),
    )
    return np.atleast_2d(found.sound), found.sample_rate


def _auralise(
    sound: Float, rate: int, pack: PackLike, target: str, settings: Settings
) -> tuple[Float, int]:
    from ..engine.analysis.auralise import auralise

    # A class is a unit of the output; of other units auralise itself knows the layer.
    layer = settings.get("layer", OUTPUT_LAYER if target in pack.classes else None)
    rule = str(settings.get("rule", AURALISE_RULE))
    found = auralise(sound, rate, pack, None if layer is None else str(layer), target, rule)
    return found.sound, rate


METHODS: Mapping[str, Method] = {
    each.name: each
    for each in (
        Method(
            "render",
            {
                id: parameter
                for id, parameter in PARAMETERS.items()
                if parameter.stored and id not in _OF_THE_ITEM
            },
            True,
            str(PARAMETERS["target"].default),
            _render,
        ),
        Method(
            "dream",
            {id: each for id, each in DREAM_SETTINGS.items() if id not in _OF_THE_ITEM},
            True,
            str(DREAM_SETTINGS["target"].default),
            _dream,
        ),
        Method(
            "maximise",
            {
                "steps": Parameter(
                    "steps", "Steps", "At most.", "number", MAXIMISE_STEPS, 1, 10_000
                ),
                "parameterisation": Parameter(
                    "parameterisation", "Parameterisation", "What is changed.", "choice",
                    MAXIMISE_PARAMETERISATION, choices=("spectrum", "waveform", "filter"),
                ),
                "seed": Parameter("seed", "Seed", "Of the noise.", "number", SEED, 0, 2**31),
            },
            False,
            "",
            _maximise,
        ),
        Method(
            "auralise",
            {
                "layer": Parameter("layer", "Layer", "Of the unit.", "text", "output"),
                "rule": Parameter(
                    "rule", "Rule", "How ReLUs pass backwards.", "choice", AURALISE_RULE,
                    choices=("deconv", "gradient", "guided"),
                ),
            },
            True,
            AURALISE_UNIT,
            _auralise,
        ),
    )
}  # fmt: skip
"""Every method by its name."""


def method(name: str) -> Method:
    """Return a method.

    Raises:
        ParameterError: there is none of that name.
    """
    if name not in METHODS:
        raise ParameterError(f"There is no method {name!r}. {nearest(name, METHODS)}")
    return METHODS[name]
