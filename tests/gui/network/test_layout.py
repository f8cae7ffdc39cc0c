"""The layout of the cells."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innerear.engine.packs.merged_layers import own_name
from innerear.gui.network.layout import Layout
from innerear.gui.network.placement import Placement

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


def test_several_networks_are_named_above_their_layers() -> None:
    order = {name: np.arange(9) for name in ("a.conv1", "a.conv2", "b.conv1", "output")}
    made = Placement(Layout(order, 800, 300, narrowest=40, gap=3, largest=40), 2.0, 20)
    assert made.networks == ["a", "b"]
    over, below = made.network_area("a"), made.name_area("a.conv1")
    assert over.bottom() <= below.top()
    assert (over.left(), over.right()) == (below.left(), made.name_area("a.conv2").right())
    assert below.bottom() <= made.column_area("a.conv1").top()
    for layer in order:
        assert made.at(made.centre(layer)) == (layer, None)
        assert made.at(made.centre(layer, 4)) == (layer, 4)
    assert [own_name(layer) for layer in order] == ["conv1", "conv2", "conv1", "output"]


def test_one_network_needs_no_name() -> None:
    order = {name: np.arange(9) for name in ("conv1", "output")}
    made = Placement(Layout(order, 800, 300, narrowest=40, gap=3, largest=40), 1.0, 20)
    assert made.networks == []
    assert made.name_area("conv1").bottom() <= made.column_area("conv1").top()
    assert made.at(made.centre("output")) == ("output", None)
