"""Draws the names of the layers, the flow between them, and the marks of what is chosen."""

from collections.abc import Collection, Mapping
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from ...engine.packs.merged_layers import own_name
from ..style.theme import ACCENT, BACKGROUND, FAINT, PANEL, QUIET, color, font
from .placement import Placement

_LEAST_RING = 5.0
_ROUND = 5.0


def paint_flow(painter: QPainter, placement: Placement) -> None:
    """Join neighbouring layers by a faint band: the sound flows from left to right."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(PANEL))
    areas = [placement.column_area(layer) for layer in placement.layers]
    for before, after in pairwise(areas):
        corners = [before.topRight(), after.topLeft(), after.bottomLeft(), before.bottomRight()]
        painter.drawPolygon(QPolygonF(corners))


def paint_names(
    painter: QPainter,
    placement: Placement,
    weights: Mapping[str, float],
    with_unit: Collection[str],
    pixels: int,
) -> None:
    """Write the names of networks and layers, and mark those that are dreamed of.

    Args:
        painter: draws on the view's ground.
        placement: where the layers lie.
        weights: the chosen layers with their weights.
        with_unit: the layers that hold a chosen unit; if there are any, no whole layer is chosen.
        pixels: the size of the font.
    """
    painter.setFont(font(pixels * 0.92))
    painter.setPen(color(FAINT))
    for network in placement.networks:
        area = placement.network_area(network)
        elide = Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(network, elide, int(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, shown)
    for layer in placement.layers:
        weight = weights.get(layer)
        chosen = weight is not None and not with_unit
        area = placement.name_area(layer)
        if chosen:
            _paint_chosen(painter, area, placement.column_area(layer))
        quiet = weight is None and layer not in with_unit
        painter.setPen(color(BACKGROUND if chosen else QUIET if quiet else ACCENT))
        painter.setFont(font(pixels * 0.92, bold=weight is not None))
        text = own_name(layer)
        if weight is not None and (weight != 1.0 or len(weights) > 1):
            text += f" \N{MULTIPLICATION SIGN}{weight:g}"
        if layer in with_unit:
            text = "\N{BLACK DIAMOND} " + text
        width = painter.fontMetrics().horizontalAdvance(text)
        if width > area.width():
            painter.setFont(font(max(8.0, pixels * 0.92 * area.width() / width), bold=False))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def _paint_chosen(painter: QPainter, name: QRectF, column: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(ACCENT))
    painter.drawRoundedRect(name, _ROUND, _ROUND)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color(ACCENT), 1.6))
    painter.drawRoundedRect(column.adjusted(-4, -4, 3, 3), _ROUND, _ROUND)


def paint_ring(
    painter: QPainter, placement: Placement, layer: str, unit: int, colour: str, width: float
) -> None:
    """Draw a ring around a unit's cell.

    Args:
        painter: draws on the view.
        placement: where the units lie.
        layer, unit: the unit.
        colour: of the ring.
        width: of its line.
    """
    side = max(placement.cell, _LEAST_RING) / 2 + 2.0
    centre: QPointF = placement.centre(layer, unit)
    area = QRectF(centre.x() - side, centre.y() - side, 2 * side, 2 * side)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color(BACKGROUND), width + 2))
    painter.drawEllipse(area)
    painter.setPen(QPen(color(colour), width))
    painter.drawEllipse(area)
