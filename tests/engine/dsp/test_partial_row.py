"""Partials as one row of numbers."""

import numpy as np

from innerear.engine.dsp.partial_row import SLOTS, as_row, from_row
from innerear.engine.parameters import PARAMETERS


def test_a_row_holds_what_was_put_in() -> None:
    values = np.random.default_rng(0).standard_normal((3, SLOTS)).astype(np.float32)
    row = as_row(513, *values)
    assert row.shape == (513,)
    np.testing.assert_array_equal(from_row(row), values)


def test_no_partials_are_a_row_of_zeros() -> None:
    nothing = np.zeros(SLOTS, np.float32)
    assert not as_row(129, nothing, nothing, nothing).any()


def test_the_smallest_filter_has_room_for_all() -> None:
    smallest = min(int(size) for size in PARAMETERS["n_fft"].choices)
    assert smallest // 2 + 1 >= 3 * SLOTS
