"""The picture itself: one image of all cells, redrawn as the network hears; clicks choose."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...engine.arrays import Float
from ..style.palette import STEPS, palette
from ..style.theme import ACCENT, BACKGROUND, FAINT, HARDWARE, PANEL, QUIET, TEXT, color, font
from .layout import Layout
from .levels import Levels
from .picture import Picture

_STILL = 0.5 / STEPS
"""Light that changed by less than this is not worth a new image."""
WEIGHT_STEP = 0.1
LARGEST_CELL = 40


class NetworkView(QWidget):
    """Shows a network and what is aimed at; emits what a hand chooses."""

    layer_chosen = Signal(str, bool)
    """A layer, and whether it joins those chosen already."""
    unit_chosen = Signal(str, int, bool)
    """A unit, and whether it is mixed with those chosen already."""
    unit_opened = Signal(str, int)
    """A unit that is to be heard."""
    unit_pointed = Signal(str, int)
    """A unit over which the mouse or the cursor is."""
    layer_weighed = Signal(str, float)
    """A chosen layer that is to weigh more or less by so much."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._picture = Picture()
        self._levels = Levels({})
        self._shown: Float = np.zeros(0, np.float32)
        self._layout: Layout | None = None
        self._palette = palette()
        self._aimed_layers: dict[str, float] = {}
        self._aimed_units: dict[str, dict[int, float]] = {}
        self._pointed: tuple[str, int | None] | None = None
        self._cursor: tuple[str, int | None] | None = None
        self._ground = QPixmap()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Network")
        self.setAccessibleDescription(
            "Layers as columns, units as cells. Left and right choose a layer, up and down a unit;"
            " Enter dreams of it, with Shift in addition, Space lets it be heard."
        )

    @property
    def picture(self) -> Picture:
        """The network that is shown."""
        return self._picture

    def show_picture(self, picture: Picture) -> None:
        """Show another network, dark at first."""
        same = list(picture.layers) == list(self._picture.layers) and all(
            picture.layers[name].units == self._picture.layers[name].units
            for name in picture.layers
        )
        self._picture = picture
        if not same:
            self._levels = Levels({name: layer.units for name, layer in picture.layers.items()})
            self._cursor = self._pointed = None
        self._lay_out()

    def show_activations(self, activations: Mapping[str, Float]) -> None:
        """Light the cells as the network hears now."""
        values = self._levels.update(activations)
        if len(values) != len(self._shown) or np.abs(values - self._shown).max(initial=0) > _STILL:
            self._light()

    def show_aim(
        self, layers: Mapping[str, float], units: Mapping[str, Mapping[int, float]]
    ) -> None:
        """Mark what is dreamed of: layers and single units, with their weights."""
        self._aimed_layers = dict(layers)
        self._aimed_units = {layer: dict(weights) for layer, weights in units.items()}
        self._paint_ground()
        self.update()

    def centre_of(self, layer: str, unit: int | None = None) -> QPointF:
        """Return where a unit's cell, or a layer's name, is in this widget."""
        assert self._layout is not None
        ratio = self.devicePixelRatioF()
        if unit is None:
            left, take = self._layout.slot(layer)
            return QPointF((left + take / 2) / ratio, self._head / 2)
        x, y = self._layout.corner(layer, unit)
        half = self._layout.cell / 2
        return QPointF((x + half) / ratio, (y + half) / ratio + self._head)

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(900, 320)

    def minimumSizeHint(self) -> QSize:
        """Small, but with room for the names."""
        return QSize(320, 140)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the cells out anew."""
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Lay the cells out anew for another size of type."""
        if event.type() == QEvent.Type.FontChange:
            self._lay_out()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the image, and draw the few marks that move."""
        if self._layout is not None and self._ratio != self.devicePixelRatioF():
            self._lay_out()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground)
        if self._layout is None:
            self._paint_empty(painter)
            return
        painter.drawImage(QPointF(0, self._head), self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for layer, units in self._aimed_units.items():
            for unit in units:
                self._paint_ring(painter, layer, unit, ACCENT, 2.2)
        if self._pointed is not None and self._pointed[1] is not None:
            self._paint_ring(painter, self._pointed[0], self._pointed[1], TEXT, 1.4)
        if self.hasFocus() and self._cursor is not None:
            layer, at = self._cursor
            if at is None:
                painter.setPen(QPen(color(HARDWARE), 1.6))
                painter.drawRoundedRect(self._name_area(layer), 5, 5)
            else:
                self._paint_ring(painter, layer, at, HARDWARE, 2.0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        found = self._at(event.position())
        if found != self._pointed:
            self._pointed = found
            if found is not None and found[1] is not None:
                self.unit_pointed.emit(*found)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the mouse."""
        self._pointed = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a layer or a unit; with Shift in addition to those chosen already."""
        found = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self._cursor = found
            self._choose(found, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let a unit be heard."""
        found = self._at(event.position())
        if found is not None and found[1] is not None:
            self.unit_opened.emit(*found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Weigh a chosen layer more or less."""
        found = self._at(event.position())
        if found is None or found[0] not in self._aimed_layers:
            event.ignore()
            return
        notches = event.angleDelta().y() / 120
        self.layer_weighed.emit(found[0], notches * WEIGHT_STEP)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move a cursor over layers and units, and choose."""
        keys = Qt.Key
        add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case keys.Key_Left | keys.Key_Right:
                self._move_layer(1 if event.key() == keys.Key_Right else -1)
            case keys.Key_Up | keys.Key_Down:
                self._move_unit(1 if event.key() == keys.Key_Up else -1)
            case keys.Key_Return | keys.Key_Enter if self._cursor is not None:
                self._choose(self._cursor, add)
            case keys.Key_Space if self._cursor is not None and self._cursor[1] is not None:
                self.unit_opened.emit(*self._cursor)
            case keys.Key_Plus | keys.Key_Minus if self._cursor is not None:
                step = WEIGHT_STEP if event.key() == keys.Key_Plus else -WEIGHT_STEP
                self.layer_weighed.emit(self._cursor[0], step)
            case _:
                event.ignore()
                return
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say what is under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._at(QPointF(event.pos()))
            if found is not None:
                QToolTip.showText(event.globalPos(), self._describe(*found), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    # Choosing

    def _choose(self, found: tuple[str, int | None], add: bool) -> None:
        layer, unit = found
        if unit is None:
            self.layer_chosen.emit(layer, add)
        else:
            self.unit_pointed.emit(layer, unit)
            self.unit_chosen.emit(layer, unit, add)

    def _move_layer(self, step: int) -> None:
        names = list(self._picture.layers)
        if names:
            at = names.index(self._cursor[0]) + step if self._cursor else len(names) - 1
            self._cursor = names[min(max(at, 0), len(names) - 1)], None

    def _move_unit(self, step: int) -> None:
        if self._cursor is None:
            self._move_layer(1)
        if self._cursor is None:
            return
        layer, unit = self._cursor
        order = self._picture.order[layer]
        at = int(np.flatnonzero(order == unit)[0]) + step if unit is not None else 0
        found = int(order[min(max(at, 0), len(order) - 1)])
        self._cursor = layer, found
        self.unit_pointed.emit(layer, found)

    def _at(self, place: QPointF) -> tuple[str, int | None] | None:
        if self._layout is None:
            return None
        ratio = self._ratio
        found = self._layout.at(place.x() * ratio, (place.y() - self._head) * ratio)
        if found is not None and place.y() < self._head:
            return found[0], None
        return found

    def _describe(self, layer: str, unit: int | None) -> str:
        picture = self._picture
        if unit is None:
            return (
                f"<b>{layer}</b>, {picture.layers[layer].units} units<br>"
                "Click: dream of this layer. Shift: of several. Wheel: its weight."
            )
        pitch = picture.pitch(layer, unit)
        return (
            f"<b>{picture.label(layer, unit)}</b>{', around ' + pitch if pitch else ''}<br>"
            "Click: dream towards it. Shift: mix. Double-click: hear it."
        )

    # Drawing

    @property
    def _head(self) -> int:
        """The height of the row of names."""
        return round(self.fontMetrics().height() * 1.7)

    def _lay_out(self) -> None:
        self._ratio = ratio = self.devicePixelRatioF()
        if not self._picture.layers or self.width() < 10 or self.height() <= self._head + 10:
            self._layout = None
            self._paint_ground()
            self.update()
            return
        names = [self.fontMetrics().horizontalAdvance(name) for name in self._picture.layers]
        many = self.width() / max(1, len(names))
        narrowest = min(max(names) + 10, many * 0.86)
        self._layout = Layout(
            self._picture.order,
            round(self.width() * ratio),
            round((self.height() - self._head - 4) * ratio),
            round(narrowest * ratio),
            round(3 * ratio),
            round(LARGEST_CELL * ratio),
        )
        self._map = self._layout.index_map()
        self._pixels = np.empty(self._map.shape, np.uint32)
        height, width = self._layout.height, self._layout.width
        self._image = QImage(
            self._pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
        )
        self._image.setDevicePixelRatio(ratio)
        self._paint_ground()
        self._light()

    def _light(self) -> None:
        if self._layout is None:
            return
        self._shown = self._levels.values.copy()
        colours = np.zeros(len(self._shown) + 1, np.uint32)  # the last is clear: no cell
        colours[:-1] = self._palette[(self._shown * (STEPS - 1)).astype(np.intp)]
        np.take(colours, self._map, out=self._pixels, mode="clip")
        self.update()

    def _name_area(self, name: str) -> QRectF:
        assert self._layout is not None
        left, take = self._layout.slot(name)
        return QRectF(left / self._ratio, 2, take / self._ratio, self._head - 6)

    def _paint_ground(self) -> None:
        """Draw what changes rarely: names, marks of layers, the flow between columns."""
        ratio = self.devicePixelRatioF()
        self._ground = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        self._ground.setDevicePixelRatio(ratio)
        self._ground.fill(color(BACKGROUND))
        if self._layout is None:
            return
        painter = QPainter(self._ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_flow(painter)
        pixels = self.font().pixelSize()
        for column in self._layout.columns:
            weight = self._aimed_layers.get(column.name)
            area = self._name_area(column.name)
            holds_unit = column.name in self._aimed_units
            if weight is not None and not self._aimed_units:
                self._paint_chosen(painter, column.name)
            painter.setPen(color(QUIET if weight is None and not holds_unit else ACCENT))
            if weight is not None and not self._aimed_units:
                painter.setPen(color(BACKGROUND))
            painter.setFont(font(pixels * 0.92, bold=weight is not None))
            text = column.name
            if weight is not None and (weight != 1.0 or len(self._aimed_layers) > 1):
                text += f" \N{MULTIPLICATION SIGN}{weight:g}"
            if holds_unit:
                text = "\N{BLACK DIAMOND} " + text
            width = painter.fontMetrics().horizontalAdvance(text)
            if width > area.width():
                painter.setFont(font(max(8.0, pixels * 0.92 * area.width() / width), bold=False))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def _paint_chosen(self, painter: QPainter, name: str) -> None:
        column = self._layout_column(name)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(ACCENT))
        painter.drawRoundedRect(self._name_area(name), 5, 5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(ACCENT), 1.6))
        painter.drawRoundedRect(column.adjusted(-4, -4, 3, 3), 5, 5)

    def _layout_column(self, name: str) -> QRectF:
        assert self._layout is not None
        column, ratio, cell = self._layout.column(name), self._ratio, self._layout.cell
        return QRectF(
            column.x / ratio,
            column.y / ratio + self._head,
            column.across * cell / ratio,
            column.down * cell / ratio,
        )

    def _paint_flow(self, painter: QPainter) -> None:
        """Join neighbouring columns by a faint band: sound flows from left to right."""
        assert self._layout is not None
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(PANEL))
        areas = [self._layout_column(column.name) for column in self._layout.columns]
        for before, after in pairwise(areas):
            corners = [before.topRight(), after.topLeft(), after.bottomLeft(), before.bottomRight()]
            painter.drawPolygon(QPolygonF(corners))

    def _paint_ring(
        self, painter: QPainter, layer: str, unit: int | None, name: str, width: float
    ) -> None:
        if self._layout is None or unit is None or layer not in self._picture.layers:
            return
        if unit >= self._picture.layers[layer].units:
            return
        side = max(self._layout.cell / self._ratio, 5.0) / 2 + 2.0
        centre = self.centre_of(layer, unit)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(BACKGROUND), width + 2))
        area = QRectF(centre.x() - side, centre.y() - side, 2 * side, 2 * side)
        painter.drawEllipse(area)
        painter.setPen(QPen(color(name), width))
        painter.drawEllipse(area)

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(color(FAINT))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Loading the network …")
