"""Where layers and units lie in the network's view, in the units of the widget."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF

from ...engine.packs.merged_layers import network_of
from .layout import Layout

Place = tuple[str, int | None]
"""A layer, and one of its units or None for the layer itself."""


def head_height(layers: Iterable[str], row: int) -> int:
    """Return the height of the names above the cells, for rows of a height."""
    return row * (2 if any(map(network_of, layers)) else 1)


class Placement:
    """Converts between places in the widget and layers and units."""

    def __init__(self, layout: Layout, ratio: float, row: int) -> None:
        """Place a layout below the names: a row of layers, and of networks where there are several.

        Args:
            layout: of the cells, in the device's pixels.
            ratio: the device's pixels for each unit of the widget.
            row: the height of a row of names.
        """
        self._layout, self._ratio, self._row = layout, ratio, row
        self.layers = [column.name for column in layout.columns]
        """The names of the layers, from the left."""
        self.networks = [name for name in dict.fromkeys(map(network_of, self.layers)) if name]
        """The names of several networks, from the left; empty where there is one."""
        self._head = head_height(self.layers, row)
        self.cell = layout.cell / ratio
        """The side of a cell."""

    def name_area(self, layer: str) -> QRectF:
        """Return the area of a layer's name."""
        left, width = self._layout.slot(layer)
        top = self._head - self._row + 2
        return QRectF(left / self._ratio, top, width / self._ratio, self._row - 6)

    def network_area(self, network: str) -> QRectF:
        """Return the area of a network's name, over the names of its layers."""
        own = [self.name_area(each) for each in self.layers if network_of(each) == network]
        return own[0].united(own[-1]).translated(0, -self._row)

    def column_area(self, layer: str) -> QRectF:
        """Return the area of a layer's cells."""
        column, ratio, cell = self._layout.column(layer), self._ratio, self._layout.cell
        return QRectF(
            column.x / ratio,
            column.y / ratio + self._head,
            column.across * cell / ratio,
            column.down * cell / ratio,
        )

    def centre(self, layer: str, unit: int | None = None) -> QPointF:
        """Return the centre of a unit's cell, or of a layer's name."""
        ratio = self._ratio
        if unit is None:
            left, width = self._layout.slot(layer)
            return QPointF((left + width / 2) / ratio, self._head - self._row / 2)
        x, y = self._layout.corner(layer, unit)
        half = self._layout.cell / 2
        return QPointF((x + half) / ratio, (y + half) / ratio + self._head)

    def at(self, point: QPointF) -> Place | None:
        """Return the layer, and the unit if there is one, at a point; None beside all layers."""
        ratio = self._ratio
        found = self._layout.at(point.x() * ratio, (point.y() - self._head) * ratio)
        if found is not None and point.y() < self._head:
            return found[0], None
        return found
