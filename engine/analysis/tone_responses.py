"""Frequency responses: the activation of every unit on pure tones."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..packs.network import PackLike
from .batches import in_order, worker_count
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
    network, workers = pack.single_threaded(), worker_count(pack)

    def responses(first: int) -> list[Float]:
        part = hertz[first : first + _BATCH, np.newaxis]
        tones = np.sqrt(2) * LEVEL * np.sin(2 * np.pi * part * seconds)
        heard = network.hear(np.asarray(tones, np.float32))
        return [heard[name].mean(axis=2) for name in pack.layers]

    with ThreadPoolExecutor(workers) as pool:
        batches = list(in_order(pool, workers, responses, range(0, len(hertz), _BATCH)))
    rows = zip(*batches, strict=True)
    return {name: np.concatenate(each).T for name, each in zip(pack.layers, rows, strict=True)}
