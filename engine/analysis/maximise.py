"""Activation maximisation: find the sound that excites a unit, a class, or a mix of them most."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..errors import ModelError, ParameterError, nearest
from ..packs.network import Network
from ..targets.objectives import Objective, directions, parse_mix
from .a_weighting import Ear
from .initial_noise import LEVEL, STARTS, Generators, Start, at_level, generators_for
from .optimisers import Adam, Optimiser
from .parameterisations import PARAMETERISATIONS, Parameterisation, Shape
from .transforms import Jitter, Pull, Transform, apply

Part = TypeVar("Part")
Result = TypeVar("Result")

STEPS = 256
LEARNING_RATE = 0.2
ADAM = Adam(LEARNING_RATE)
EAR = Ear()
JITTER_MS = 30.0
PATIENCE = 24
"""Steps over which a gain is judged."""
SMALLEST_GAIN = 0.01
"""Of the climb so far: less than that in `PATIENCE` steps, and the ascent has converged."""
BATCH = {"cpu": 4, "cuda": 64}
"""Waveforms at once: what fits a core's cache, or fills a graphics card."""


@dataclass(frozen=True)
class Method:
    """How a sound is sought: four parts that do not know one another, and when to stop.

    Attributes:
        parameterisation: what is changed.
        optimiser: how it climbs.
        transforms: what befalls the sound before the network hears it.
        ear: what keeps it from hiding where nobody listens.
        starts: noise to start from, one after the other, while a unit stays inactive.
        steps: at most.
        converge: whether to stop earlier, when hardly anything is gained any more.
    """

    parameterisation: Parameterisation = PARAMETERISATIONS["spectrum"]
    optimiser: Optimiser = ADAM
    transforms: Sequence[Transform] = (Jitter(JITTER_MS),)
    ear: Ear = EAR
    starts: Sequence[Start] = STARTS
    steps: int = STEPS
    converge: bool = True

    def __post_init__(self) -> None:
        """Refuse a number of steps that cannot be."""
        if self.steps < 1:
            raise ParameterError(f"{self.steps} steps: take at least 1.")


@dataclass(frozen=True)
class Maximised:
    """The sound that was found for one objective.

    Attributes:
        objective: what was sought.
        sound: float32 (window,), at a root mean square of 0.1; silence where it is dead.
        template: float32 (513,), its magnitudes from 0 Hz to half the rate, peak 1; zeros if dead.
        at_start: how well the noise did.
        at_end: how well the sound does.
        rise: the objective before each step, under the transforms.
        converged: whether it stopped because hardly anything was gained any more.
        dead: whether no noise woke it: its gradient was zero, or led nowhere.
        starts: how many noises were tried.
        process: the noise, then the sound after each step; only where it was asked for.
    """

    objective: Objective
    sound: Float
    template: Float
    at_start: float
    at_end: float
    rise: Float
    converged: bool
    dead: bool
    starts: int
    process: Sequence[Float] = ()

    @property
    def steps(self) -> int:
        """How many steps were taken from the noise that woke it."""
        return len(self.rise)


def maximise(
    network: Network,
    objectives: str | Objective | Sequence[Objective],
    *,
    parameterisation: str | Parameterisation | None = None,
    steps: int | None = None,
    seed: int = 0,
    method: Method | None = None,
    keep_process: bool = False,
    progress: Callable[[float], None] = lambda share: None,
) -> list[Maximised]:
    """Find sounds that excite units, classes or mixes of them most, from noise.

    The gradient of the mean activation over time is climbed (Lee, 2019). Sounds stay at one level,
    so that loudness wins nothing. The same seed gives the same sounds, each independent of what
    else is sought with it. On a CPU batches run side by side, one on each core.

    Args:
        network: a pack.
        objectives: in words (`conv5/12`, `Brass`, `Brass + conv5/12*0.5`), or objectives.
        parameterisation: `spectrum`, `waveform` or `filter`; instead of the method's.
        steps: at most; instead of the method's.
        seed: of the noise and the transforms, 0 or more.
        method: everything else.
        keep_process: keep the sound of each step.
        progress: called with the share of the work that is done.

    Returns:
        what was found, in the order of the objectives.

    Raises:
        ModelError: a layer, unit or class that the network does not have, or a network that
            answers with a number that is not finite.
        ParameterError: a setting that cannot be.
    """
    method = with_settings(method or Method(), parameterisation, steps)
    if isinstance(objectives, str):
        objectives = parse_mix(network, objectives)
    wanted = [objectives] if isinstance(objectives, Objective) else list(objectives)
    found: dict[int, Maximised] = {}
    parts = balanced(network, len(wanted))

    def work(part: range) -> list[Maximised]:
        chosen = [wanted[index] for index in part]
        return maximise_batch(network, chosen, method, seed, keep_process)

    for part, each in in_parallel(network, work, parts):
        found.update(zip(part, each, strict=True))
        progress(len(found) / len(wanted))
    return [found[index] for index in range(len(wanted))]


def with_settings(
    method: Method, parameterisation: str | Parameterisation | None, steps: int | None
) -> Method:
    """Return the method with other parts.

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
    return Method(
        parameterisation=parameterisation or method.parameterisation,
        optimiser=method.optimiser,
        transforms=method.transforms,
        ear=method.ear,
        starts=method.starts,
        steps=method.steps if steps is None else steps,
        converge=method.converge,
    )


def batch_size(network: Network) -> int:
    """Return how many waveforms go through a network at once."""
    return BATCH[getattr(network, "device", "cpu")]


def balanced(network: Network, count: int) -> list[range]:
    """Split work into batches that keep all cores busy to the end."""
    size = batch_size(network)
    workers = _workers(network)
    rounds = -(-count // (size * workers))
    size = max(1, -(-count // max(1, rounds * workers)))
    return [range(count)[first : first + size] for first in range(0, count, size)]


def in_parallel(
    network: Network, work: Callable[[Part], Result], parts: Sequence[Part]
) -> Iterator[tuple[Part, Result]]:
    """Do the parts of some work, and yield each with its result as it is done.

    On a CPU as many are done side by side as there are cores: a network's gradient keeps one core
    busy and leaves Python free. On a graphics card they go one after the other.
    """
    pool = ThreadPoolExecutor(_workers(network))
    try:
        pending = {pool.submit(work, part): part for part in parts}
        for each in as_completed(pending):
            yield pending[each], each.result()
    finally:
        pool.shutdown(cancel_futures=True)


def maximise_batch(
    network: Network,
    objectives: Sequence[Objective],
    method: Method,
    seed: int = 0,
    keep_process: bool = False,
) -> list[Maximised]:
    """Find the sounds of one batch; arguments and errors as `maximise`.

    Whatever noise leaves inactive, the next kind may wake; what none wakes is dead.
    """
    found: dict[int, Maximised] = {}
    inactive = list(range(len(objectives)))
    for attempt, start in enumerate(method.starts):
        if not inactive:
            break
        climb = _Climbing(
            network,
            [objectives[row] for row in inactive],
            method,
            start,
            seed,
            attempt,
            keep_process,
        )
        climb.run()
        results = climb.results()
        found.update(zip(inactive, results, strict=True))
        inactive = [row for row, each in zip(inactive, results, strict=True) if each.dead]
    return [found[row] for row in range(len(objectives))]


@dataclass
class _Record:
    """What is remembered of one objective of a batch while it climbs."""

    name: str
    at_start: float = 0.0
    rise: list[float] = field(default_factory=list)
    process: list[Float] = field(default_factory=list)
    converged: bool = False


class _Climbing:
    """The ascent of one batch from one kind of noise; rows leave it as they converge."""

    def __init__(
        self,
        network: Network,
        objectives: Sequence[Objective],
        method: Method,
        start: Start,
        seed: int,
        attempt: int,
        keep_process: bool,
    ) -> None:
        self._network, self._objectives, self._method = network, objectives, method
        self._start, self._attempt, self._keep_process = start, attempt, keep_process
        self._shape = Shape(network.window, network.sample_rate)
        names = [each.name for each in objectives]
        self._generators: Generators = generators_for(names, seed, attempt)
        self._directions = directions(objectives, network.layers)
        parameterisation = method.parameterisation
        bins = parameterisation.bins(self._shape)
        self._gain = method.ear.gain(bins, network.sample_rate)
        begin = parameterisation.begin(self._shape, start, self._generators)
        self._parameters = parameterisation.weigh(
            self._shape, begin, (self._gain > 0).astype(np.float32)
        )
        self._rows = np.arange(len(objectives))
        self._records = [_Record(name) for name in names]
        self._final = self._parameters.copy()
        self._best = self._parameters.copy()
        self._highest = np.full(len(objectives), -np.inf)
        self._awake = np.ones(len(objectives), bool)

    def run(self) -> None:
        """Climb until all have converged, or the steps are used up."""
        method = self._method
        _, objective, self._awake = self._judge(self._rows)
        for record, value in zip(self._records, objective, strict=True):
            record.at_start = float(value)
        # Who feels nothing at all need not climb: other noise may move it.
        ascent = method.optimiser.begin()
        self._leave(~self._awake, None)
        for _ in range(method.steps):
            if not len(self._rows):
                break
            sound, pull = self._sound(self._rows)
            heard, pull_back = apply(
                method.transforms, sound, self._shape.sample_rate, self._active()
            )
            objective, gradient = self._dream(heard, self._rows)
            pulled = pull(pull_back(gradient))
            self._keep_best(objective)
            for row, value, each in zip(self._rows, objective, sound, strict=True):
                self._records[row].rise.append(float(value))
                if self._keep_process:
                    self._records[row].process.append(each.copy())
            self._parameters = method.parameterisation.weigh(
                self._shape, ascent.step(self._parameters, pulled), self._gain
            )
            # Where nothing is felt any more the last step led into sleep: it is taken back.
            lost = ~gradient.any(axis=1)
            self._parameters[lost] = self._best[self._rows[lost]]
            if method.converge:
                done = np.array([_converged(self._records[row].rise) for row in self._rows])
                for row in self._rows[done]:
                    self._records[row].converged = True
                if done.any():
                    self._leave(done, ascent)
        self._leave(np.ones(len(self._rows), bool), None)

    def results(self) -> list[Maximised]:
        """Judge what was found, without transforms."""
        everyone = np.arange(len(self._objectives))
        starts = np.array([record.at_start for record in self._records])
        self._rows, self._parameters = everyone, self._final
        sound, objective, awake = self._judge(everyone)
        worse = self._awake & ~(awake & (objective > starts))
        if worse.any():
            self._final[worse] = self._best[worse]
            sound, objective, awake = self._judge(everyone)
        template = self._method.parameterisation.template(self._shape, self._final, sound)
        found = []
        for row, record in enumerate(self._records):
            better = objective[row] > record.at_start and awake[row]
            alive = np.float32(self._awake[row] and better)
            found.append(
                Maximised(
                    objective=self._objectives[row],
                    sound=alive * sound[row],
                    template=alive * template[row],
                    at_start=record.at_start,
                    at_end=float(objective[row]),
                    rise=np.array(record.rise, np.float32),
                    converged=record.converged,
                    dead=not alive,
                    starts=self._attempt + 1,
                    process=[*record.process, sound[row]] if self._keep_process else (),
                )
            )
        return found

    def _active(self) -> Generators:
        return [self._generators[int(row)] for row in self._rows]

    def _leave(self, done: NDArray[np.bool_], ascent: object) -> None:
        """Let the rows that are `done` out of the batch."""
        self._final[self._rows[done]] = self._parameters[done]
        self._rows, self._parameters = self._rows[~done], self._parameters[~done]
        if ascent is not None:
            ascent.keep(~done)  # type: ignore[attr-defined]

    def _sound(self, rows: NDArray[np.intp]) -> tuple[Float, Pull]:
        """Return the sounds at their level, and how gradients come back from there."""
        raw, pull = self._method.parameterisation.sound(
            self._shape, self._start, self._parameters, [self._generators[int(row)] for row in rows]
        )
        sound = at_level(raw)
        size = np.sqrt(np.mean(np.square(raw), axis=1, keepdims=True))
        scale = np.float32(LEVEL) / np.maximum(size, np.float32(1e-9))

        def pull_level(gradient: Float) -> Float:
            # Along the sound itself nothing changes: it is brought back to its level.
            along = np.mean(gradient * sound, axis=1, keepdims=True) / np.float32(LEVEL**2)
            return pull(scale * (gradient - along * sound))

        return sound, pull_level

    def _keep_best(self, objective: Float) -> None:
        """Remember the parameters of the rows that have never done better."""
        better = objective > self._highest[self._rows]
        rows = self._rows[better]
        self._highest[rows] = objective[better]
        self._best[rows] = self._parameters[better]

    def _judge(self, rows: NDArray[np.intp]) -> tuple[Float, Float, NDArray[np.bool_]]:
        """Return the sounds as they are, how well they do, and whether a gradient is felt."""
        sound, _ = self._sound(rows)
        objective, gradient = self._dream(sound, rows)
        return sound, objective, np.asarray(gradient.any(axis=1), bool)

    def _dream(self, sound: Float, rows: NDArray[np.intp]) -> tuple[Float, Float]:
        """Ask the network for objective and gradient.

        Raises:
            ModelError: one of them is not finite.
        """
        chosen = {layer: each[rows] for layer, each in self._directions.items()}
        objective, gradient = self._network.value_and_grad(sound, chosen)
        finite = np.isfinite(objective) & np.isfinite(gradient).all(axis=1)
        if not finite.all():
            name = self._objectives[rows[int(np.argmin(finite))]].name
            raise ModelError(
                f"The model answers {name} with a number that is not finite; check it with:"
                " innerear models verify"
            )
        return objective, gradient


def _converged(rise: Sequence[float]) -> bool:
    """Whether the last steps gained hardly anything, compared with the whole climb."""
    if len(rise) < 2 * PATIENCE:
        return False
    before, now = np.mean(rise[-2 * PATIENCE : -PATIENCE]), np.mean(rise[-PATIENCE:])
    return bool(now - before <= SMALLEST_GAIN * max(float(now) - rise[0], 0.0))


def _workers(network: Network) -> int:
    return 1 if getattr(network, "device", "cpu") == "cuda" else _cores()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
