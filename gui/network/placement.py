"""Where layers and units lie in the network's view, in the units of the widget."""

from PySide6.QtCore import QPointF, QRectF

from .layout import Layout

Place = tuple[str, int | None]
"""A layer, and one of its units or None for the layer itself."""


class Placement:
    """Converts between places in the widget and layers and units."""

    def __init__(self, layout: Layout, ratio: float, head: int) -> None:
        """Place a layout below the row of names.

        Args:
            layout: of the cells, in the device's pixels.
            ratio: the device's pixels for each unit of the widget.
            head: the height of the row of names.
        """
        self._layout, self._ratio, self._head = layout, ratio, head
        self.layers = [column.name for column in layout.columns]
        """The names of the layers, from the left."""
        self.cell = layout.cell / ratio
        """The side of a cell."""

    def name_area(self, layer: str) -> QRectF:
        """Return the area of a layer's name."""
        left, width = self._layout.slot(layer)
        return QRectF(left / self._ratio, 2, width / self._ratio, self._head - 6)

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
            return QPointF((left + width / 2) / ratio, self._head / 2)
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
