"""Measures a pack's graphs side by side with plain torch, in one run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch

from ..engine.manifest import OUTPUT_LAYER
from ..engine.modelpack import Pack
from ..models.restore import restore
from .reference import torch_dream
from .threads import torch_threads

_WARM_UP = 5


@dataclass(frozen=True)
class GradientRow:
    """How long a gradient takes, in milliseconds.

    Times are lower quartiles: what else the machine does can only add to them, and hits the longer
    task more often.

    Attributes:
        model: name of the pack.
        layer: that was excited.
        batch: waveforms at once.
        threads: that each could use.
        device: that the graphs ran on.
        torch_device: that torch ran on: the same, where torch can.
        forward_ms: of the graph that hears.
        onnx_gradient_ms: of the graph that dreams, which hears as well.
        torch_gradient_ms: of the same network in torch, forwards and backwards by autograd.
        gradient_over_forward: onnx_gradient_ms / forward_ms.
        torch_over_onnx: torch_gradient_ms / onnx_gradient_ms.
    """

    model: str
    layer: str
    batch: int
    threads: int
    device: str
    torch_device: str
    forward_ms: float
    onnx_gradient_ms: float
    torch_gradient_ms: float
    gradient_over_forward: float
    torch_over_onnx: float

    def as_dict(self) -> dict[str, str | int | float]:
        """Return the row as data."""
        return asdict(self)


def benchmark_gradient(
    pack: Pack,
    batch: int = 1,
    threads: int = 1,
    repetitions: int = 100,
    layer: str = OUTPUT_LAYER,
    progress: Callable[[int], None] = lambda done: None,
) -> GradientRow:
    """Measure hearing, dreaming, and dreaming in torch, in turns.

    In turns, so that whatever else the machine does meanwhile slows all three alike.

    Args:
        pack: with the architecture in its manifest; it says the device.
        batch: waveforms at once.
        threads: for ONNX Runtime and for torch.
        repetitions: of each.
        layer: to excite; by default the deepest, whose gradient passes through everything.
        progress: called with the repetitions done.

    Raises:
        ModelError: where the torch network cannot be built again, or there is no such layer.
    """
    pack = Pack(pack.folder, threads, pack.device)
    torch_device = "cuda" if pack.device == "cuda" and torch.cuda.is_available() else "cpu"
    listener = restore(pack).to(torch_device)
    generator = np.random.default_rng(0)
    waveform = 0.1 * generator.standard_normal((batch, pack.window)).astype(np.float32)
    direction = np.zeros(pack.layers[layer].units if layer in pack.layers else 0, np.float32)
    direction[:1] = 1.0
    in_torch = torch.from_numpy(waveform)
    direction_in_torch = torch.from_numpy(direction).to(torch_device)

    def dream_in_torch() -> object:
        # From memory to memory, as the graphs: that waits until the card has finished.
        _, gradient = torch_dream(listener, in_torch.to(torch_device), {layer: direction_in_torch})
        return gradient.cpu()

    tasks: Sequence[Callable[[], object]] = (
        lambda: pack.hear(waveform),
        lambda: pack.dream(waveform, {layer: direction}),
        dream_in_torch,
    )
    with torch_threads(threads):
        times = _in_turns(tasks, repetitions, progress)
    forward, gradient, reference = (float(np.quantile(each, 0.25)) * 1e3 for each in times)
    return GradientRow(
        model=pack.name,
        layer=layer,
        batch=batch,
        threads=threads,
        device=pack.device,
        torch_device=torch_device,
        forward_ms=forward,
        onnx_gradient_ms=gradient,
        torch_gradient_ms=reference,
        gradient_over_forward=gradient / forward,
        torch_over_onnx=reference / gradient,
    )


def _in_turns(
    tasks: Sequence[Callable[[], object]], repetitions: int, progress: Callable[[int], None]
) -> list[list[float]]:
    times: list[list[float]] = [[] for _ in tasks]
    for number in range(-_WARM_UP, repetitions):
        for task, taken in zip(tasks, times, strict=True):
            start = time.perf_counter()
            task()
            if number >= 0:
                taken.append(time.perf_counter() - start)
        progress(max(number + 1, 0))
    return times
