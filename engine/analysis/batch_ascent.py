"""The gradient ascent of one batch of objectives, from one kind of noise after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..arrays import Float
from ..errors import ModelError
from ..packs.network import Network
from ..targets.objectives import Objective, directions
from .initial_noise import LEVEL, Generators, Start, at_level, generators_for
from .method import Method
from .optimisers import Climb
from .parameterisations import Shape
from .transforms import Pull, apply

PATIENCE = 24
"""Steps over which a gain is measured."""
SMALLEST_GAIN = 0.01
"""Share of the whole gain: with less than that in `PATIENCE` steps the ascent has converged."""


@dataclass(frozen=True)
class MaximisedSound:
    """The sound that was found for one objective.

    Attributes:
        objective: what was excited.
        sound: float32 (window,), at a root mean square of 0.1; silence for a dead unit.
        sample_rate: of the sound, in hertz: the network's.
        template: float32 (513,), magnitudes from 0 Hz to half the rate, peak 1; zeros for a dead
            unit.
        at_start: the objective of the noise that the ascent started from.
        at_end: the objective of the sound.
        rise: float32 (steps,), the objective before each step, under the transforms.
        converged: whether the ascent stopped early because hardly anything was gained.
        dead: whether the unit stayed inactive: from every noise its gradient was zero, or led to
            no higher objective.
        starts: how many kinds of noise were tried.
        process: the noise, then the sound after each step; empty unless it was asked for.
    """

    objective: Objective
    sound: Float
    sample_rate: int
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
        """How many steps were taken from the last noise."""
        return len(self.rise)


def maximise_batch(
    network: Network,
    objectives: Sequence[Objective],
    method: Method,
    seed: int = 0,
    keep_process: bool = False,
) -> list[MaximisedSound]:
    """Find the sounds of one batch.

    A unit that stays inactive is tried again from the next kind of noise; one that stays inactive
    for all of them is dead.

    Args:
        network: see `maximise`, as the errors.
        objectives: one for each row of the batch.
        method: how they are sought.
        seed: of the noise and the transforms.
        keep_process: whether to keep the sound of each step.

    Returns:
        what was found, in the order of the objectives.
    """
    found: dict[int, MaximisedSound] = {}
    inactive = list(range(len(objectives)))
    for attempt, start in enumerate(method.starts):
        if not inactive:
            break
        ascent = _BatchAscent(
            network,
            [objectives[row] for row in inactive],
            method,
            start,
            seed,
            attempt,
            keep_process,
        )
        ascent.run()
        results = ascent.results()
        found.update(zip(inactive, results, strict=True))
        inactive = [row for row, each in zip(inactive, results, strict=True) if each.dead]
    return [found[row] for row in range(len(objectives))]


@dataclass
class _Record:
    """The course of one objective's ascent."""

    name: str
    at_start: float = 0.0
    rise: list[float] = field(default_factory=list)
    process: list[Float] = field(default_factory=list)
    converged: bool = False


class _BatchAscent:
    """The ascent of one batch from one kind of noise; rows leave the batch as they converge."""

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
        self._active_at_start = np.ones(len(objectives), bool)

    def run(self) -> None:
        """Take steps until all rows have converged, or the steps are used up."""
        method = self._method
        _, objective, self._active_at_start = self._evaluate(self._rows)
        for record, value in zip(self._records, objective, strict=True):
            record.at_start = float(value)
        # A row whose gradient is zero takes no step: other noise may give it one.
        climb = method.optimiser.begin()
        self._leave(~self._active_at_start, None)
        for _ in range(method.steps):
            if not len(self._rows):
                break
            sound, pull = self._sound(self._rows)
            heard, pull_back = apply(
                method.transforms, sound, self._shape.sample_rate, self._active_generators()
            )
            objective, gradient = self._value_and_grad(heard, self._rows)
            pulled = pull(pull_back(gradient))
            self._keep_best(objective)
            for row, value, each in zip(self._rows, objective, sound, strict=True):
                self._records[row].rise.append(float(value))
                if self._keep_process:
                    self._records[row].process.append(each.copy())
            self._parameters = method.parameterisation.weigh(
                self._shape, climb.step(self._parameters, pulled), self._gain
            )
            # A gradient of zero means that the last step made the unit inactive: take it back.
            lost = ~gradient.any(axis=1)
            self._parameters[lost] = self._best[self._rows[lost]]
            if method.converge:
                done = np.array([_converged(self._records[row].rise) for row in self._rows])
                for row in self._rows[done]:
                    self._records[row].converged = True
                if done.any():
                    self._leave(done, climb)
        self._leave(np.ones(len(self._rows), bool), None)

    def results(self) -> list[MaximisedSound]:
        """Return the sounds, with their objectives measured without transforms."""
        everyone = np.arange(len(self._objectives))
        starts = np.array([record.at_start for record in self._records])
        self._rows, self._parameters = everyone, self._final
        sound, objective, active = self._evaluate(everyone)
        worse = self._active_at_start & ~(active & (objective > starts))
        if worse.any():
            self._final[worse] = self._best[worse]
            sound, objective, active = self._evaluate(everyone)
        template = self._method.parameterisation.template(self._shape, self._final, sound)
        found = []
        for row, record in enumerate(self._records):
            better = objective[row] > record.at_start and active[row]
            alive = np.float32(self._active_at_start[row] and better)
            found.append(
                MaximisedSound(
                    objective=self._objectives[row],
                    sound=alive * sound[row],
                    sample_rate=self._shape.sample_rate,
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

    def _active_generators(self) -> Generators:
        return [self._generators[int(row)] for row in self._rows]

    def _leave(self, done: NDArray[np.bool_], climb: Climb | None) -> None:
        """Take the rows that are `done` out of the batch."""
        self._final[self._rows[done]] = self._parameters[done]
        self._rows, self._parameters = self._rows[~done], self._parameters[~done]
        if climb is not None:
            climb.keep(~done)

    def _sound(self, rows: NDArray[np.intp]) -> tuple[Float, Pull]:
        """Return the sounds at their level, and the function that passes gradients back."""
        raw, pull = self._method.parameterisation.sound(
            self._shape, self._start, self._parameters, [self._generators[int(row)] for row in rows]
        )
        sound = at_level(raw)
        size = np.sqrt(np.mean(np.square(raw), axis=1, keepdims=True))
        scale = np.float32(LEVEL) / np.maximum(size, np.float32(1e-9))

        def pull_level(gradient: Float) -> Float:
            # A change along the sound itself is undone by the levelling.
            along = np.mean(gradient * sound, axis=1, keepdims=True) / np.float32(LEVEL**2)
            return pull(scale * (gradient - along * sound))

        return sound, pull_level

    def _keep_best(self, objective: Float) -> None:
        """Keep the parameters of the rows whose objective is the highest so far."""
        better = objective > self._highest[self._rows]
        rows = self._rows[better]
        self._highest[rows] = objective[better]
        self._best[rows] = self._parameters[better]

    def _evaluate(self, rows: NDArray[np.intp]) -> tuple[Float, Float, NDArray[np.bool_]]:
        """Return the sounds, their objectives, and whether their gradients are not zero."""
        sound, _ = self._sound(rows)
        objective, gradient = self._value_and_grad(sound, rows)
        return sound, objective, np.asarray(gradient.any(axis=1), bool)

    def _value_and_grad(self, sound: Float, rows: NDArray[np.intp]) -> tuple[Float, Float]:
        """Return objective and gradient.

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
    """Whether the last steps gained hardly anything, compared with the whole ascent."""
    if len(rise) < 2 * PATIENCE:
        return False
    before, now = np.mean(rise[-2 * PATIENCE : -PATIENCE]), np.mean(rise[-PATIENCE:])
    return bool(now - before <= SMALLEST_GAIN * max(float(now) - rise[0], 0.0))
