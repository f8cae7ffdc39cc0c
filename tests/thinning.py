"""Which of many like cases run each time; `make test-soak` runs the others."""

import itertools
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pytest


def thinned(cases: Iterable[Any], often: Collection[Any]) -> list[Any]:
    """Return cases for `pytest.mark.parametrize`; all but a few get the mark `soak`.

    Args:
        cases: single values, or tuples of as many as there are arguments.
        often: those of the cases that run each time.

    Raises:
        ValueError: one of `often` is not among the cases, so that nothing would run it.
    """
    cases = list(cases)
    unknown = [case for case in often if case not in cases]
    if unknown:
        raise ValueError(f"not among the cases: {unknown}")
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=() if case in often else pytest.mark.soak,
        )
        for case in cases
    ]


def each_once(*choices: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the fewest cases in which each choice is there, the shorter lists over and over."""
    longest = max(map(len, choices))
    return list(itertools.islice(zip(*map(itertools.cycle, choices), strict=True), longest))


def each_pair(cases: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return few of the cases in which still every two choices meet: chosen greedily."""
    pairs = {case: set(itertools.combinations(enumerate(case), 2)) for case in cases}
    wanted = set().union(*pairs.values())
    chosen = []
    while wanted:
        best = max(pairs, key=lambda case: len(wanted & pairs[case]))
        chosen.append(best)
        wanted -= pairs[best]
    return chosen
