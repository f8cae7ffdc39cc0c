"""The layout of the cells: layers are columns of cells of one size, in pixels. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Units = NDArray[np.intp]

LEAST_CELL = 2
ROUND_CELL, GAPPED_CELL = 8, 4
"""The sizes from which cells have round corners, and a gap."""
GAP_SHARE = 11
"""The cell's size divided by the size of the gap."""


@dataclass(frozen=True)
class Column:
    """A layer's cells.

    Attributes:
        name: of the layer.
        x, y: the upper left corner.
        across, down: the numbers of cells.
        units: the unit of each cell, from the bottom row up, each row from the left.
        first: index of its first unit among all units of the network.
    """

    name: str
    x: int
    y: int
    across: int
    down: int
    units: Units
    first: int


class Layout:
    """Places all cells in an image, and finds the unit at a place."""

    def __init__(
        self,
        order: Mapping[str, Units],
        width: int,
        height: int,
        narrowest: int,
        gap: int,
        largest: int,
    ) -> None:
        """Use the largest cells with which all layers fit.

        Args:
            order: layer -> its units, the lowest first.
            width, height: of the image.
            narrowest: the least width of a column, for its name.
            gap: the least width between two columns.
            largest: the largest size of a cell.
        """
        self.width, self.height = max(1, width), max(1, height)
        counts = [len(units) for units in order.values()]
        self.cell = self._fitting_cell(counts, narrowest, gap, largest)
        rows = max(1, self.height // self.cell)
        across = [-(-count // rows) for count in counts]
        takes = [max(narrowest, each * self.cell) for each in across]
        spare = self.width - sum(takes)
        self.gap = spare / (len(takes) + 1) if takes else 0.0
        self.count = sum(counts)
        self.columns: list[Column] = []
        self._slots: list[tuple[float, float]] = []
        x, first = self.gap, 0
        for (name, units), columns, take in zip(order.items(), across, takes, strict=True):
            down = -(-len(units) // max(1, columns))
            left = round(x + (take - columns * self.cell) / 2)
            top = (self.height - down * self.cell) // 2
            self.columns.append(Column(name, left, top, columns, down, units, first))
            self._slots.append((x, take))
            x += take + self.gap
            first += len(units)

    def slot(self, name: str) -> tuple[float, float]:
        """Return the left edge and the width of a layer's column, its name included."""
        return self._slots[[column.name for column in self.columns].index(name)]

    def index_map(self) -> NDArray[np.intp]:
        """Return the unit of each pixel, so that an image is one look-up per pixel.

        Returns:
            intp [height, width]: index among all units; `count` where there is no unit.
        """
        pixels = np.full((self.height, self.width), self.count, np.intp)
        shape = self._cell_shape()
        for column in self.columns:
            grid = np.full(column.across * column.down, self.count, np.intp)
            grid[: len(column.units)] = column.first + column.units
            grid = grid.reshape(column.down, column.across)[::-1]
            block = grid.repeat(self.cell, axis=0).repeat(self.cell, axis=1)
            block = np.where(np.tile(shape, grid.shape), block, self.count)
            part = pixels[column.y : column.y + len(block), max(0, column.x) :]
            part[:, : block.shape[1]] = block[: len(part), : part.shape[1]]
        return pixels

    def at(self, x: float, y: float) -> tuple[str, int | None] | None:
        """Return the layer, and the unit or None, at a pixel; None if there is no layer."""
        for column, (left, take) in zip(self.columns, self._slots, strict=True):
            if not left - self.gap / 2 <= x < left + take + self.gap / 2:
                continue
            across, down = int(x - column.x) // self.cell, int(y - column.y) // self.cell
            if x >= column.x and y >= column.y and across < column.across and down < column.down:
                place = (column.down - 1 - down) * column.across + across
                if place < len(column.units):
                    return column.name, int(column.units[place])
            return column.name, None
        return None

    def column(self, layer: str) -> Column:
        """Return a layer's column."""
        return next(column for column in self.columns if column.name == layer)

    def corner(self, layer: str, unit: int) -> tuple[int, int]:
        """Return the upper left corner of a unit's cell."""
        column = self.column(layer)
        place = int(np.flatnonzero(column.units == unit)[0])
        row, across = divmod(place, column.across)
        return (
            column.x + across * self.cell,
            column.y + (column.down - 1 - row) * self.cell,
        )

    def _fitting_cell(self, counts: list[int], narrowest: int, gap: int, largest: int) -> int:
        for cell in range(largest, LEAST_CELL, -1):
            rows = self.height // cell
            if not rows:
                continue
            takes = sum(max(narrowest, -(-count // rows) * cell) for count in counts)
            if takes + gap * (len(counts) + 1) <= self.width:
                return cell
        return LEAST_CELL

    def _cell_shape(self) -> NDArray[np.bool_]:
        cell = self.cell
        gap = max(1, round(cell / GAP_SHARE)) if cell >= GAPPED_CELL else 0
        shape = np.ones((cell, cell), bool)
        if gap:
            shape[-gap:] = shape[:, -gap:] = False
        if cell >= ROUND_CELL:
            # a quarter of a disc in each corner
            radius, last = cell // ROUND_CELL, cell - gap - 1
            near = np.minimum(np.arange(cell), last - np.arange(cell))
            away = np.clip(radius - near, 0, None) - 0.5
            shape &= away[:, None] ** 2 + away**2 <= radius**2
        return shape
