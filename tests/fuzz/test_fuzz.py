"""Every reader, with hostile input: it answers, or says in one line what is wrong.

This is the short pass, the same in each run; `make fuzz SECONDS=600` is the long one. Readers that
take seconds to begin get mutated input in `make test-soak`, and what was wrong once in each run.
"""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..thinning import thinned
from .readers import TARGETS
from .target import Target

EXAMPLES = 30
SHORT = [target for target in TARGETS.values() if not target.long_only]
WRONG_ONCE = [target for target in TARGETS.values() if target.kept]


@pytest.mark.parametrize("target", thinned(TARGETS.values(), SHORT), ids=lambda target: target.name)
def test_hostile_input_ends_in_one_line(target: Target, require: Callable[..., None]) -> None:
    require(*target.needs)
    reader = target.reader

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=target.examples or EXAMPLES,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=False))
    def attempt(random: Random) -> None:
        reader.attempt(reader.input(random))

    attempt()


@pytest.mark.parametrize("target", WRONG_ONCE, ids=lambda target: target.name)
def test_what_was_wrong_once_is_right(target: Target, require: Callable[..., None]) -> None:
    require(*target.needs)
    for name, data in target.kept.items():
        try:
            target.reader.attempt(data)
        except AssertionError as problem:
            raise AssertionError(f"{target.name}/{name}: {problem}") from None
