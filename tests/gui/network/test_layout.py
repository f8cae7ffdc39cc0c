"""The layout of the cells."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innerear.gui.network.layout import Layout

YAMNET = [32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024, 521]


def layout(counts: list[int], width: int, height: int) -> Layout:
    order = {f"layer{at}": np.arange(count)[::-1] for at, count in enumerate(counts)}
    return Layout(order, width, height, narrowest=40, gap=3, largest=40)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 600), min_size=1, max_size=12),
    st.integers(700, 2000),
    st.integers(150, 1200),
)
def test_every_unit_has_a_cell_where_it_is_found(
    counts: list[int], width: int, height: int
) -> None:
    made = layout(counts, width, height)
    pixels = made.index_map()
    assert set(np.unique(pixels)) >= set(range(sum(counts)))
    for column in made.columns:
        for unit in range(0, len(column.units), 11):
            x, y = made.corner(column.name, unit)
            half = made.cell // 2
            assert made.at(x + half, y + half) == (column.name, unit)
            assert pixels[y + half, x + half] == column.first + unit


@pytest.mark.parametrize("size", [(900, 280), (1500, 500), (3000, 1200)])
def test_yamnet_fits_at_every_size(size: tuple[int, int]) -> None:
    made = layout(YAMNET, *size)
    assert made.cell >= 4
    ends = [column.x + column.across * made.cell for column in made.columns]
    starts = [column.x for column in made.columns]
    assert all(end <= start for end, start in zip(ends[:-1], starts[1:], strict=True))
    assert ends[-1] <= size[0]
    assert starts[0] >= 0


def test_the_lowest_unit_is_at_the_bottom() -> None:
    made = Layout({"a": np.array([2, 0, 1])}, 100, 100, 10, 2, 40)
    heights = [made.corner("a", unit)[1] for unit in (2, 0, 1)]
    assert heights == sorted(heights, reverse=True)
