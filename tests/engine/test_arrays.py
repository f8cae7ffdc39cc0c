import numpy as np
import pytest

from innerear.engine.arrays import is_finite


@pytest.mark.parametrize(
    ("value", "finite"),
    [(0.0, True), (1.0, True), (1e-40, True), (3e38, True), (np.nan, False), (-np.inf, False)],
)
def test_what_is_finite_is_told_apart_even_where_its_square_is_not(
    value: float, finite: bool
) -> None:
    array = np.full((2, 5), 0.5, np.float32)
    array[1, 3] = value
    assert is_finite(array) is finite
    assert is_finite(array.T) is finite
    assert is_finite(array[:0])
