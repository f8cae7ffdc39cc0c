"""A compiled stage refuses what it cannot take, and writes nothing beyond an array's end."""

from collections.abc import Callable
from inspect import signature

import numpy as np
import pytest

from innerear.engine.kernel import frames, ring

from .test_twins import TWINS, compiled


@pytest.mark.parametrize("name", compiled.STAGES)
def test_what_a_stage_cannot_take_is_refused(name: str) -> None:
    run: Callable[..., float] = compiled.bind(name)
    with pytest.raises(TypeError):
        run()
    with pytest.raises(TypeError, match="array 0 has another type"):
        run(*[np.zeros(3, np.float16)] * len(signature(TWINS[name]).parameters))


def test_nothing_is_written_beyond_the_end_of_an_array() -> None:
    samples, end = np.zeros((2, 16), np.float32), np.zeros(1, np.int64)
    with pytest.raises(ValueError, match="ring_write: the arrays do not fit together"):
        compiled.bind("ring_write", samples, end)(np.zeros((2, 9), np.float32))
    with pytest.raises(ValueError, match="ring_write"):
        ring.ring_write(samples, end, np.zeros((2, 9), np.float32))
    for short in (np.zeros((1, 8), np.float32), np.zeros((2, 7), np.float32)):
        with pytest.raises(ValueError, match="analyse"):
            compiled.bind("analyse", np.ones(8, np.float32), frames.turns(8))(
                short, np.zeros((2, 5), np.complex64)
            )
    with pytest.raises(ValueError, match="deal_out"):
        compiled.bind("deal_out")(samples, np.array([2]), np.zeros((16, 1), np.float32))
    read_only = np.zeros((2, 16), np.float32)
    read_only.flags.writeable = False
    with pytest.raises((BufferError, ValueError), match="read-only"):
        compiled.bind("ring_write", read_only, end)


def test_a_stage_that_is_missing_says_so() -> None:
    with pytest.raises(LookupError, match="of another version: no nothing"):
        compiled.bind("nothing")
