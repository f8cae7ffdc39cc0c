"""No sample is so large, or so far from a number, that the limiter lets it pass or remembers it."""

import numpy as np
import pytest

from .test_twins import TWINS, agree


@pytest.mark.parametrize("loudest", [0.25, 2.0])
@pytest.mark.parametrize("value", [1e30, 3e38, np.inf, np.nan])
def test_what_is_beyond_all_bounds_is_limited_and_soon_forgotten(
    value: float, loudest: float
) -> None:
    block = np.full((2, 64), 0.25, np.float32)
    block[1, 10] = value
    block[0, 5] = loudest
    state = np.zeros((1, 2))
    _, limited = agree("limit", [state, block], 0.9885, 0.999)
    assert np.isfinite(limited).all()
    assert np.abs(limited).max() <= np.float32(0.9885)
    after = np.zeros((1, 2))
    TWINS["limit"](after, block.copy(), 0.9885, 0.999)
    for _ in range(200):
        quiet = np.full((2, 64), 0.25, np.float32)
        TWINS["limit"](after, quiet, 0.9885, 0.999)
    np.testing.assert_array_equal(quiet, np.full((2, 64), 0.25, np.float32))
