"""Spectral templates: for each unit the spectrum through which noise excites it most."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..packs.manifest import TEMPLATE_BINS
from ..packs.network import Network
from ..targets.objectives import Objective, unit
from .a_weighting import Ear
from .batch_ascent import MaximisedSound, maximise_batch
from .batches import balanced, in_parallel
from .initial_noise import STARTS, Start
from .method import Method
from .optimisers import Adam
from .parameterisations import NoiseFilter, Waveform

STEPS = 48
METHODS = (
    Method(
        parameterisation=NoiseFilter(),
        optimiser=Adam(0.25),  # in nepers: about 2 dB in a step
        transforms=(),
        ear=Ear(0.0),
        starts=(Start(-0.5, False), Start(-0.5, True)),
        steps=STEPS,
        converge=False,
    ),
    Method(parameterisation=Waveform(), starts=STARTS, steps=STEPS, converge=False),
)
"""Tried one after the other: the second is for units that no steady spectrum excites."""


@dataclass(frozen=True)
class Templates:
    """The templates of a network.

    Attributes:
        spectra: layer -> float16 [units, 513], magnitudes from 0 Hz to half the rate, peak 1;
            zeros for dead units.
        dead: layer -> units that stayed inactive from every noise.
    """

    spectra: dict[str, NDArray[np.float16]]
    dead: dict[str, list[int]]


def find_templates(
    network: Network,
    seed: int = 1,
    progress: Callable[[float], None] = lambda share: None,
    layers: Collection[str] | None = None,
) -> Templates:
    """Find the templates of every unit of every layer.

    First a filter on noise is maximised, steady or in bursts. For a unit that stays inactive a
    waveform is maximised, from noise of one colour after the other. A unit that stays inactive
    from all of them is dead.

    Args:
        network: a pack.
        seed: of the noise.
        progress: called with the share of the work that is done.
        layers: their names; by default all.

    Raises:
        ModelError: the network answers with a number that is not finite.
    """
    chosen = [name for name in network.layers if layers is None or name in layers]
    objectives = [
        unit(network, name, index) for name in chosen for index in range(network.layers[name].units)
    ]
    parts = balanced(network, len(objectives))
    magnitudes = np.zeros((len(objectives), TEMPLATE_BINS), np.float32)
    dead = np.ones(len(objectives), bool)
    done = 0

    def work(part: range) -> list[MaximisedSound]:
        return seek_templates(network, [objectives[index] for index in part], seed)

    for part, found in in_parallel(network, work, parts):
        for index, each in zip(part, found, strict=True):
            magnitudes[index], dead[index] = each.template, each.dead
        done += len(part)
        progress(done / len(objectives))
    found_templates = Templates({}, {})
    first = 0
    for name in chosen:
        rows = slice(first, first + network.layers[name].units)
        found_templates.spectra[name] = magnitudes[rows].astype(np.float16)
        found_templates.dead[name] = np.flatnonzero(dead[rows]).tolist()
        first = rows.stop
    return found_templates


def seek_templates(
    network: Network, objectives: Sequence[Objective], seed: int
) -> list[MaximisedSound]:
    """Find the templates of one batch by one method after the other."""
    found: dict[int, MaximisedSound] = {}
    inactive = list(range(len(objectives)))
    for method in METHODS:
        if inactive:
            results = maximise_batch(network, [objectives[row] for row in inactive], method, seed)
            found.update(zip(inactive, results, strict=True))
            inactive = [row for row in inactive if found[row].dead]
    return [found[row] for row in range(len(objectives))]
