"""Measures a pack's graphs side by side with plain torch, in one run."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from ...engine.arrays import Float
from ...engine.packs.manifest import OUTPUT_LAYER
from ...engine.packs.network import PackLike
from ...engine.packs.pack import Pack
from ...exporters.capture.reference import torch_dream
from ...exporters.capture.threads import torch_threads
from ...models.networks.restore import restore

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
        torch_device: that torch ran on: the same, where torch can; None for a pack that does not
            say which torch network it comes from, as are the other figures of torch's then.
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
    torch_device: str | None
    forward_ms: float
    onnx_gradient_ms: float
    torch_gradient_ms: float | None
    gradient_over_forward: float
    torch_over_onnx: float | None

    def as_dict(self) -> dict[str, str | int | float | None]:
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
        pack: it says the device; without an architecture in its manifest, torch is left out.
        batch: waveforms at once.
        threads: for ONNX Runtime and for torch.
        repetitions: of each.
        layer: to excite; by default the deepest, whose gradient passes through everything.
        progress: called with the repetitions done.

    Raises:
        ModelError: where the torch network cannot be built again, or there is no such layer.
    """
    pack = Pack(pack.folder, threads, pack.device)
    has_network = pack.manifest.architecture is not None
    waveform = noise(pack, batch)
    direction = np.zeros(pack.layers[layer].units if layer in pack.layers else 0, np.float32)
    direction[:1] = 1.0
    tasks: list[Callable[[], object]] = [
        lambda: pack.hear(waveform),
        lambda: pack.dream(waveform, {layer: direction}),
    ]
    torch_device = pack.device if torch.cuda.is_available() else "cpu"
    if has_network:
        tasks.append(dream_in_torch(pack, torch_device, waveform, {layer: direction}))
    with torch_threads(threads):
        times = in_turns(tasks, repetitions, progress)
    forward, gradient, *others = map(lower_quartile_ms, times)
    reference = others[0] if others else None
    return GradientRow(
        model=pack.name,
        layer=layer,
        batch=batch,
        threads=threads,
        device=pack.device,
        torch_device=torch_device if has_network else None,
        forward_ms=forward,
        onnx_gradient_ms=gradient,
        torch_gradient_ms=reference,
        gradient_over_forward=gradient / forward,
        torch_over_onnx=reference / gradient if reference else None,
    )


def noise(pack: PackLike, batch: int) -> Float:
    """Return waveforms for a pack, [batch, window]."""
    generator = np.random.default_rng(0)
    return np.asarray(0.1 * generator.standard_normal((batch, pack.window)), np.float32)


def lower_quartile_ms(seconds: Sequence[float]) -> float:
    """Return milliseconds: what else a machine does can only add to them."""
    return float(np.quantile(seconds, 0.25)) * 1e3


def dream_in_torch(
    pack: Pack, device: str, waveform: Float, directions: Mapping[str, Any]
) -> Callable[[], object]:
    """Return a task that computes a pack's gradient in torch, from memory to memory."""
    listener = restore(pack).to(device)
    given = torch.from_numpy(waveform)
    wanted = {name: torch.from_numpy(each).to(device) for name, each in directions.items()}

    def dream() -> object:
        # From memory to memory, as the graphs: that waits until the card has finished.
        _, gradient = torch_dream(listener, given.to(device), wanted)
        return gradient.cpu()

    return dream


def in_turns(
    tasks: Sequence[Callable[[], object]],
    repetitions: int,
    progress: Callable[[int], None] = lambda done: None,
) -> list[list[float]]:
    """Return the seconds that each task takes, `repetitions` times; a few before do not count."""
    times: list[list[float]] = [[] for _ in tasks]
    for number in range(-_WARM_UP, repetitions):
        for task, taken in zip(tasks, times, strict=True):
            start = time.perf_counter()
            task()
            if number >= 0:
                taken.append(time.perf_counter() - start)
        progress(max(number + 1, 0))
    return times
