"""Whether a soak was well: what must be zero, and what must be flat."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .counters import Process, Sample

WARM_UP_SECONDS = 60.0
"""Of a process's life, or a third of a short soak: caches fill."""
WATCHED_SECONDS = 300.0
"""Of a process's life behind that, or a sixth of a short soak: who lived for less says nothing of a
slow leak."""
ZOMBIE_SAMPLES = 3
"""A process that has ended may wait for its parent, but not in as many samples in a row."""


@dataclass(frozen=True)
class Tolerance:
    """How much something may grow in the whole soak: the larger of both."""

    absolute: float
    share: float = 0.0

    def of(self, level: float) -> float:
        """Return how much, where there is typically `level`."""
        return max(self.absolute, self.share * level)


TOLERANCES = {
    "memory": Tolerance(12e6, 0.05),
    "descriptors": Tolerance(2.0),
    "threads": Tolerance(1.0),
    "sockets": Tolerance(2.0),
    "shared memory": Tolerance(4.0),
    "temporary files": Tolerance(4.0),
}
"""Counter -> how much it may grow from the beginning to the end, by the slope of all of it."""


@dataclass(frozen=True)
class Verdict:
    """What became of one counter.

    Attributes:
        name: of the counter.
        rule: `must be zero`, `must be flat` or `counted`.
        value: what was found: a number, or the growth in the whole soak.
        limit: the most that is well.
        level: what there typically was.
    """

    name: str
    rule: str
    value: float
    limit: float = 0.0
    level: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether it is well."""
        return self.rule == "counted" or self.value <= self.limit


def slope(series: Iterable[Sequence[tuple[float, float]]]) -> float:
    """Return the typical growth a second: the median over all pairs within a series.

    Half of all values may be anything without a change of the result (Theil 1950, Sen 1968).

    Args:
        series: (seconds, value) of each process, which are compared with their own only.
    """
    found = []
    for each in series:
        if len(each) > 1:
            at, value = np.array(each).T
            later, earlier = np.triu_indices(len(each), 1)[::-1]
            found.append((value[later] - value[earlier]) / (at[later] - at[earlier]))
    return float(np.median(np.concatenate(found))) if found else 0.0


def flat(samples: Sequence[Sample]) -> list[Verdict]:
    """Return the verdicts over all that must be flat."""
    if not samples:
        return []
    seconds = samples[-1].at
    warm, watched = min(WARM_UP_SECONDS, seconds / 3), min(WATCHED_SECONDS, seconds / 6)
    lives: dict[tuple[str, int], list[tuple[float, Process]]] = defaultdict(list)
    for sample in samples:
        for process in sample.processes:
            lives[process.kind, process.pid].append((sample.at, process))
    verdicts = []
    for kind in sorted({kind for kind, _ in lives}):
        own = [life for (which, _), life in lives.items() if which == kind]
        old = [[(at, each) for at, each in life if at - life[0][0] >= warm] for life in own]
        old = [life for life in old if life and life[-1][0] - life[0][0] >= watched]
        for counter in ("memory", "descriptors", "threads", "sockets"):
            series = [[(at, float(getattr(each, counter))) for at, each in life] for life in old]
            verdicts.append(_flat(f"{counter} of {kind}", counter, series, seconds))
    for counter in samples[0].totals:
        later = [(each.at, float(each.totals[counter])) for each in samples if each.at >= warm]
        verdicts.append(_flat(counter, counter, [later], seconds))
    return verdicts


def _flat(
    name: str, counter: str, series: list[list[tuple[float, float]]], seconds: float
) -> Verdict:
    values = [value for each in series for _, value in each]
    level = float(np.median(values)) if values else 0.0
    growth = slope(series) * seconds
    return Verdict(name, "must be flat", growth, TOLERANCES[counter].of(level), level)


def lasting_zombies(samples: Sequence[Sample]) -> int:
    """Return how many ended processes were left waiting for their parent."""
    waiting: dict[int, int] = {}
    lasting: set[int] = set()
    for sample in samples:
        waiting = {pid: waiting.get(pid, 0) + 1 for pid in sample.zombies}
        lasting |= {pid for pid, times in waiting.items() if times >= ZOMBIE_SAMPLES}
    return len(lasting)
