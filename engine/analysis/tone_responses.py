"""Frequency responses: the activation of every unit on pure tones."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..packs.network import PackLike
from .initial_noise import LEVEL

LOWEST_HZ = 40.0
TONES = 256
_BATCH = 4


def tone_frequencies(sample_rate: int, count: int = TONES) -> NDArray[np.float64]:
    """Return frequencies in hertz, evenly spaced from 40 Hz to just under half the rate.

    None of them divides the rate: a network with strides would always meet such a tone at the same
    phase.
    """
    spaced = np.linspace(LOWEST_HZ, sample_rate / 2 - LOWEST_HZ, count)
    return np.asarray(spaced + np.resize((0.0, np.sqrt(2) - 1, np.sqrt(3) - 1), count), np.float64)


def tone_responses(pack: PackLike, hertz: NDArray[np.float64]) -> dict[str, Float]:
    """Return the activation of every unit on tones of one level.

    Args:
        pack: the network.
        hertz: of the tones.

    Returns:
        layer -> float32 [units, tones], activation averaged over frames. For `output` the scores.
    """
    seconds = np.arange(pack.window) / pack.sample_rate
    found: dict[str, list[Float]] = {name: [] for name in pack.layers}
    for first in range(0, len(hertz), _BATCH):
        part = hertz[first : first + _BATCH, np.newaxis]
        tones = np.sqrt(2) * LEVEL * np.sin(2 * np.pi * part * seconds)
        for name, activation in pack.hear(np.asarray(tones, np.float32)).items():
            found[name].append(activation.mean(axis=2))
    return {name: np.concatenate(rows).T for name, rows in found.items()}
