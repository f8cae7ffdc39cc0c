"""Which of several networks take part in an update that must be done in time."""

import time
from collections.abc import Callable, Collection, Iterator

Clock = Callable[[], float]


class UpdateTurns:
    """Gives the members of a set their turns, within a budget of time for each update.

    A member whose turn would end too late, if it took as long as last time, is left out of the
    update with those behind it, and is the first of the next one. So each member takes part as
    often as the others, and an update that waits for nobody is never older than its budget.
    """

    def __init__(
        self, members: int, budget_seconds: float | None = None, clock: Clock = time.perf_counter
    ) -> None:
        """Start with the first member.

        Args:
            members: how many there are.
            budget_seconds: of one update; None leaves nobody out.
            clock: the present time in seconds.
        """
        self._count, self._budget, self._clock = members, budget_seconds, clock
        self._first = 0
        self._seconds = [0.0] * members
        """What each member's last turn took."""

    def update(self, needed: Collection[int] = ()) -> Iterator[int]:
        """Yield the members whose turn it is; whoever iterates does their work in between.

        Args:
            needed: members that take part whatever the time. The first always does.
        """
        begun = self._clock()
        order = [(self._first + step) % self._count for step in range(self._count)]
        first_left_out: int | None = None
        for member in order:
            before = self._clock()
            is_late = self._budget is not None and (
                before - begun + self._seconds[member] > self._budget
            )
            left_out = member != order[0] and (first_left_out is not None or is_late)
            if left_out and first_left_out is None:
                first_left_out = member
            if left_out and member not in needed:
                continue
            yield member
            self._seconds[member] = self._clock() - before
        if first_left_out is not None:
            self._first = first_left_out
