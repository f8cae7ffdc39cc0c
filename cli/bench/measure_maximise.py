"""Measures activation maximisation against plain torch, one unit at a time, in one run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch

from ...engine.analysis.a_weighting import LOWEST_HZ, Ear
from ...engine.analysis.initial_noise import LEVEL, STARTS, generators_for
from ...engine.analysis.maximise import maximise
from ...engine.analysis.method import ADAM, Method
from ...engine.analysis.parameterisations import TILT, TILT_HZ
from ...engine.analysis.transforms import Jitter
from ...engine.defaults import MAXIMISE_JITTER_MS
from ...engine.packs.pack import Pack
from ...engine.targets.objectives import unit
from ...exporters.capture.threads import torch_threads
from ...models.networks.listener import Listener
from ...models.networks.restore import restore

_TRIAL_STEPS = 5


@dataclass(frozen=True)
class MaximiseRow:
    """How long it takes to maximise some units of a layer.

    Attributes:
        what: in words.
        model: name of the pack.
        layer: whose units they are.
        units: how many.
        steps: of each; both take them all.
        ours_s: seconds for all of them.
        baseline_s: the same in torch.
        ratio: baseline_s / ours_s.
        ours_cpu_s: seconds of processor time, over all cores: what else the machine does matters
            less to it.
        baseline_cpu_s: the same in torch.
        units_per_second: ours.
        baseline_units_per_second: torch's.
        ours_objective: mean over the units of what was reached.
        baseline_objective: the same in torch.
        baseline_threads: that torch used: one or all, whichever was faster.
    """

    what: str
    model: str
    layer: str
    units: int
    steps: int
    ours_s: float
    baseline_s: float
    ratio: float
    ours_cpu_s: float
    baseline_cpu_s: float
    units_per_second: float
    baseline_units_per_second: float
    ours_objective: float
    baseline_objective: float
    baseline_threads: int

    def as_dict(self) -> dict[str, str | int | float]:
        """Return the row as data."""
        return asdict(self)


def benchmark_maximise(
    pack: Pack,
    layer: str,
    units: int = 16,
    steps: int = 64,
    progress: Callable[[float], None] = lambda share: None,
) -> MaximiseRow:
    """Maximise units of a layer, ours all at once and torch one by one, in turns.

    In turns, a few units each time, so that whatever else the machine does slows both alike. Both
    start from the same noise, take the same steps of Adam on the spectrum with the same jitter,
    and end on the same level.

    Args:
        pack: with the architecture in its manifest.
        layer: whose first units are maximised.
        units: how many.
        steps: of each.
        progress: called with the share of the work that is done.

    Raises:
        ModelError: where the torch network cannot be built again, or there is no such layer.
    """
    listener = restore(pack)
    objectives = [unit(pack, layer, index) for index in range(min(units, pack.layers[layer].units))]
    method = Method(
        transforms=(Jitter(MAXIMISE_JITTER_MS),),
        ear=Ear(0.0),
        starts=STARTS[:1],
        steps=steps,
        converge=False,
    )
    threads = _faster_threads(listener, pack, layer)
    pack.dream(np.zeros((1, pack.window), np.float32), {})  # opens the graph
    ours_s, baseline_s = _Clock(), _Clock()
    ours: list[float] = []
    baseline: list[float] = []
    for part in (objectives[: len(objectives) // 2], objectives[len(objectives) // 2 :]):
        with ours_s:
            ours += [each.at_end for each in maximise(pack, part, method=method)]
        progress((len(ours) + len(baseline)) / (2 * len(objectives)))
        with torch_threads(threads), baseline_s:
            for each in part:
                ((_, index),) = each.weights
                baseline.append(torch_maximise(listener, layer, index, each.name, steps))
        progress((len(ours) + len(baseline)) / (2 * len(objectives)))
    return MaximiseRow(
        what=f"{pack.name} {layer}: {len(objectives)} units, {steps} steps",
        model=pack.name,
        layer=layer,
        units=len(objectives),
        steps=steps,
        ours_s=ours_s.wall,
        baseline_s=baseline_s.wall,
        ratio=baseline_s.wall / ours_s.wall,
        ours_cpu_s=ours_s.cpu,
        baseline_cpu_s=baseline_s.cpu,
        units_per_second=len(objectives) / ours_s.wall,
        baseline_units_per_second=len(objectives) / baseline_s.wall,
        ours_objective=float(np.mean(ours)),
        baseline_objective=float(np.mean(baseline)),
        baseline_threads=threads,
    )


def torch_maximise(listener: Listener, layer: str, index: int, name: str, steps: int) -> float:
    """Maximise one unit as one would write it in torch; return the activation reached.

    Args:
        listener: in evaluation mode.
        layer: of the unit.
        index: of the unit.
        name: of the objective, from which the noise is drawn.
        steps: of Adam.
    """
    samples, rate = listener.window, listener.sample_rate
    generators = generators_for([name], 0, 0)
    noise = torch.from_numpy(STARTS[0].noise(generators, samples)[0])
    hertz = torch.fft.rfftfreq(samples, 1 / rate)
    tilt = (hertz.clamp(min=TILT_HZ) / TILT_HZ) ** TILT
    scale = LEVEL * samples / (4 * tilt.square().sum()).sqrt() * tilt
    heard = (hertz >= LOWEST_HZ).float()
    spectrum = torch.view_as_real(torch.fft.rfft(noise) * heard / scale).requires_grad_(True)
    optimiser = torch.optim.Adam([spectrum], lr=ADAM.learning_rate, maximize=True)
    most = round(MAXIMISE_JITTER_MS * rate / 1000)

    def sound() -> torch.Tensor:
        raw = torch.fft.irfft(torch.view_as_complex(spectrum) * scale * heard, samples)
        levelled: torch.Tensor = LEVEL * raw / raw.square().mean().sqrt()
        return levelled

    for _ in range(steps):
        shift = int(generators[0].integers(-most, most + 1))
        answer = listener(sound().roll(shift).unsqueeze(0))[layer][0, index].mean()
        optimiser.zero_grad()
        answer.backward()
        optimiser.step()
    with torch.no_grad():
        return float(listener(sound().unsqueeze(0))[layer][0, index].mean())


def layers_to_measure(pack: Pack) -> Sequence[str]:
    """Return the first layer, one in the middle, and the output."""
    names = list(pack.layers)
    return tuple(dict.fromkeys((names[0], names[len(names) // 2], names[-1])))


class _Clock:
    """Adds up the time spent inside of it."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def __enter__(self) -> None:
        self._start = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self._start[0]
        self.cpu += time.process_time() - self._start[1]


def _faster_threads(listener: Listener, pack: Pack, layer: str) -> int:
    """Return how many threads make torch faster here: one, or all."""
    name = unit(pack, layer, 0).name
    taken = {}
    for count in {1, torch.get_num_threads()}:
        with torch_threads(count):
            torch_maximise(listener, layer, 0, name, 1)
            start = time.perf_counter()
            torch_maximise(listener, layer, 0, name, _TRIAL_STEPS)
            taken[count] = time.perf_counter() - start
    return min(taken, key=lambda count: taken[count])
