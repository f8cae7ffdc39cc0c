"""A network whose answers are known on paper: each unit is one filter and a ReLU."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from innerear.engine.packs.manifest import LayerInfo

RATE = 8000
WINDOW = 2048
HERTZ = (500.0, 1500.0, 3000.0)
FIR = 128


class FirNetwork:
    """Units `tones:0` to `tones:2` answer a frequency each, `tones:3` is dead; `output` is linear.

    The gradient is written out by hand: a correlation of the filter with where the ReLU is open.
    """

    sample_rate = RATE
    window = WINDOW
    classes = ("Low", "Middle")

    def __init__(self) -> None:
        seconds = np.arange(FIR) / RATE
        tones = np.sin(2 * np.pi * np.outer(HERTZ, seconds)) * np.hanning(FIR)
        self.kernels = np.concatenate([tones, tones[:1]])
        self.bias = np.array([0.0, 0.0, 0.0, -1e6])
        self.calls = 0
        layers = {
            "tones": LayerInfo(name="tones", units=4, hop=1, receptive_field=FIR),
            "output": LayerInfo(name="output", units=2, hop=WINDOW, receptive_field=WINDOW),
        }
        self.layers: Mapping[str, LayerInfo] = MappingProxyType(layers)

    def value_and_grad(
        self, waveform: ArrayLike, directions: Mapping[str, ArrayLike]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        self.calls += 1
        sound = np.asarray(waveform, np.float64)
        weights = np.zeros((len(sound), 4))
        for layer, direction in directions.items():
            units = self.layers[layer].units
            weights[:, :units] += np.broadcast_to(direction, (len(sound), units))
        objective, gradient = np.zeros(len(sound)), np.zeros_like(sound)
        for row, unit in zip(*np.nonzero(weights), strict=True):
            kernel = self.kernels[unit]
            answer = np.correlate(sound[row], kernel, "valid") + self.bias[unit]
            objective[row] += weights[row, unit] * np.maximum(answer, 0).mean()
            through = (answer > 0) / len(answer)
            gradient[row] += weights[row, unit] * np.convolve(through, kernel)
        return objective.astype(np.float32), gradient.astype(np.float32)


@pytest.fixture
def fir_network() -> FirNetwork:
    """Give a new such network."""
    return FirNetwork()
