"""Measures auralising all units of a layer against the same in interpreted loops, in one run."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ...engine.analysis.auralise import auralise_units
from ...engine.dsp.demo_phrase import SAMPLE_RATE, short_phrase
from ...engine.dsp.resample import resample
from ...engine.errors import ModelError
from ...engine.packs.onnx_runners import check_layers
from ...engine.packs.pack import Pack
from ...exporters.compare import relative_error
from ...models.networks.restore import restore
from ...models.networks.spectral_cnn import SpectralCNN
from ...models.networks.spectral_images import GAIN

Array = NDArray[np.float64]

SECONDS = 4.0
"""Of sound, as in the paper."""


@dataclass(frozen=True)
class AuraliseRow:
    """How long it takes to auralise every unit of a layer.

    Attributes:
        what: the loops' kind: how much each of their steps does.
        ours_s: seconds that Innerear took for all units, from the sound to all masked sounds.
        baseline_s: seconds that interpreted loops would take for all units: the forward pass once,
            and the way back once for each unit, of which one was timed.
        ratio: baseline_s / ours_s.
        forward_s: seconds of the loops' forward pass, measured.
        back_s: seconds of the loops' way back of one unit, measured.
        units: how many.
        agreement: relative L2 difference of the two on one window, the median of five units. In
            float32 another of two nearly equal samples may win a pooling, and moves what it won.
    """

    what: str
    ours_s: float
    baseline_s: float
    ratio: float
    forward_s: float
    back_s: float
    units: int
    agreement: float

    def as_dict(self) -> dict[str, str | float | int]:
        """Return the row as data."""
        return asdict(self)


def benchmark_auralise(pack: Pack, layer: str, repetitions: int = 3) -> list[AuraliseRow]:
    """Measure both on four seconds of the demo's phrase, at the network's rate.

    The loops compute every number of every map by one step of the interpreter (a product of small
    arrays), and in a second row, on the way back, every product by one. They take the whole sound
    as one picture, as the paper's network does; Innerear takes windows that overlap by half, about
    twice the work. Ours is the best of a few runs.

    Args:
        pack: of blocks of convolution, pooling and ReLU on a short-time Fourier transform.
        layer: one of its blocks.
        repetitions: of ours.

    Raises:
        ModelError: the network is another, or has no such block.
    """
    network = restore(pack)
    check_layers({layer: None}, pack.layers)
    if not isinstance(network, SpectralCNN) or network.spectrum is None:
        raise ModelError(f"{pack.name!r} does not look at a short-time Fourier transform.")
    if layer not in network.blocks:
        raise ModelError(f"{layer!r} is no convolution; name one of {', '.join(network.blocks)}.")
    sound = short_phrase().mean(axis=0)[: round(SECONDS * SAMPLE_RATE)]
    waveform = resample(sound, SAMPLE_RATE, pack.sample_rate)
    units = pack.layers[layer].units
    graph = pack.auraliser()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        for _ in auralise_units(
            waveform[np.newaxis], pack.sample_rate, pack, layer, range(units), graph=graph
        ):
            pass
        times.append(time.perf_counter() - start)
    ours = min(times)
    loops = _Loops(network, layer)
    start = time.perf_counter()
    loops.forward(_picture(waveform, network.spectrum))
    forward = time.perf_counter() - start
    backs = {}
    for what, correlate in (("a step a number", _correlate), ("a step a product", _by_products)):
        start = time.perf_counter()
        loops.back(0, correlate)
        backs[what] = time.perf_counter() - start
    window = waveform[: pack.window]
    loops.forward(_picture(window, network.spectrum))
    kept = np.eye(units, dtype=np.float32)
    errors = [
        relative_error(graph.run(window, {layer: kept[unit]})[0], loops.back(unit))
        for unit in range(min(units, 5))
    ]
    return [
        AuraliseRow(
            what=what,
            ours_s=ours,
            baseline_s=forward + units * back,
            ratio=(forward + units * back) / ours,
            forward_s=forward,
            back_s=back,
            units=units,
            agreement=float(np.median(errors)),
        )
        for what, back in backs.items()
    ]


def _picture(waveform: NDArray[np.float32], spectrum: tuple[int, int]) -> Array:
    length, hop = spectrum
    level = np.sqrt(np.mean(np.square(waveform, dtype=np.float64)) + 1e-7)
    frames = np.lib.stride_tricks.sliding_window_view(waveform / level, length)[::hop]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    return np.asarray(np.log(1 + GAIN * np.abs(np.fft.rfft(frames * window)).T), np.float64)


class _Loops:
    """The network and its deconvolution as loops over every number of every map."""

    def __init__(self, network: SpectralCNN, layer: str) -> None:
        self._kernels: list[tuple[Array, Array]] = []
        for name, block in network.blocks.items():
            assert isinstance(block, nn.Sequential)
            convolution, norm = block[0], block[1]
            assert isinstance(convolution, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            assert norm.running_mean is not None
            assert norm.running_var is not None
            scale = norm.weight / (norm.running_var + norm.eps).sqrt()
            kernel = (convolution.weight * scale.reshape(-1, 1, 1, 1)).numpy().astype(np.float64)
            shift = (norm.bias - norm.running_mean * scale).numpy().astype(np.float64)
            self._kernels.append((kernel, shift))
            if name == layer:
                break

    def forward(self, picture: Array) -> None:
        """Hear a spectrogram, (bins, frames), and remember the switches."""
        maps = picture[np.newaxis]
        self._steps: list[tuple[tuple[int, ...], tuple[int, ...], list[tuple[int, int, int]]]] = []
        for kernel, shift in self._kernels:
            size = kernel.shape[2]
            border = (size // 2, size // 2)
            padded = np.pad(maps, ((0, 0), border, border))
            convolved = _correlate(padded, kernel) + shift[:, None, None]
            pooled, switches = _pool(convolved)
            self._steps.append((maps.shape, convolved.shape, switches))
            maps = np.maximum(pooled, 0)
        self._maps = maps

    def back(self, unit: int, correlate: Callable[[Array, Array], Array] | None = None) -> Array:
        """Keep one map and return what it brings back, (bins, frames)."""
        signal = np.zeros_like(self._maps)
        signal[unit] = self._maps[unit]
        for (kernel, _), (before, shape, switches) in zip(
            reversed(self._kernels), reversed(self._steps), strict=True
        ):
            spread = np.zeros(shape)
            numbers = np.maximum(signal, 0).ravel().tolist()
            for place, number in zip(switches, numbers, strict=True):
                spread[place] = number
            size = kernel.shape[2]
            reach = size - 1 - size // 2
            after = (before[1] + size // 2 - shape[1], before[2] + size // 2 - shape[2])
            padded = np.pad(spread, ((0, 0), (reach, after[0]), (reach, after[1])))
            turned = kernel.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
            signal = (correlate or _correlate)(padded, turned)
        return np.asarray(signal[0])


def _correlate(maps: Array, kernel: Array) -> Array:
    """Return (outputs, height, width), every number of it by a product of its own."""
    outputs, _, high, wide = kernel.shape
    rows, columns = maps.shape[1] - high + 1, maps.shape[2] - wide + 1
    result = np.zeros((outputs, rows, columns))
    for row in range(rows):
        for column in range(columns):
            patch = maps[:, row : row + high, column : column + wide].ravel()
            for output, weights in enumerate(kernel.reshape(outputs, -1)):
                result[output, row, column] = weights @ patch
    return result


def _by_products(maps: Array, kernel: Array) -> Array:
    """Return the same, every product by a step of its own."""
    outputs, _, high, wide = kernel.shape
    rows, columns = maps.shape[1] - high + 1, maps.shape[2] - wide + 1
    result = np.zeros((outputs, rows, columns))
    every = kernel.reshape(outputs, -1).tolist()
    for row in range(rows):
        for column in range(columns):
            patch = maps[:, row : row + high, column : column + wide].ravel().tolist()
            for output, weights in enumerate(every):
                total = 0.0
                for weight, number in zip(weights, patch, strict=True):
                    total += weight * number
                result[output, row, column] = total
    return result


def _pool(maps: Array) -> tuple[Array, list[tuple[int, int, int]]]:
    units, rows, columns = maps.shape
    pooled = np.zeros((units, rows // 2, columns // 2))
    switches = []
    for unit, row, column in np.ndindex(pooled.shape):
        block = maps[unit, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        down, right = divmod(int(block.argmax()), 2)
        pooled[unit, row, column] = block[down, right]
        switches.append((unit, 2 * row + down, 2 * column + right))
    return pooled, switches
