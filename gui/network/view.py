"""The view of the network: shows activations as light, and emits what the user chooses."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from ...engine.arrays import Float
from ...engine.packs.merged_layers import own_name
from ..controls.drawn_view import DrawnView
from ..style.palette import STEPS
from ..style.theme import ACCENT, FAINT, HARDWARE, TEXT, color
from .cell_image import CellImage
from .layout import Layout
from .levels import Levels
from .marks import paint_flow, paint_names, paint_ring
from .picture import Picture
from .placement import Place, Placement, head_height

_STILL = 0.5 / STEPS
"""A change of light below this is not drawn."""
WEIGHT_STEP = 0.1
LARGEST_CELL = 40
_HINT, _LEAST = QSize(900, 320), QSize(320, 140)


class NetworkView(DrawnView):
    """Shows a network and what is dreamed of; mouse and keys choose layers and units."""

    layer_chosen = Signal(str, bool)
    """A layer, and whether it is added to those chosen already."""
    unit_chosen = Signal(str, int, bool)
    """A unit, and whether it is mixed with those chosen already."""
    unit_opened = Signal(str, int)
    """A unit that the user wants to hear."""
    unit_pointed = Signal(str, int)
    """The unit under the mouse or the cursor."""
    layer_weighed = Signal(str, float)
    """A chosen layer, and by how much its weight changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show no network yet."""
        super().__init__(_HINT, _LEAST, parent)
        self._picture = Picture()
        self._levels = Levels({})
        self._shown: Float = np.zeros(0, np.float32)
        self._placement: Placement | None = None
        self._cells: CellImage | None = None
        self._aimed_layers: dict[str, float] = {}
        self._aimed_units: dict[str, dict[int, float]] = {}
        self._pointed: Place | None = None
        self._cursor: Place | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Network")
        self.setAccessibleDescription(
            "Layers are columns, units are cells. Left and right choose a layer, up and down a"
            " unit. Enter dreams of it, with Shift in addition. Space plays it."
        )

    @property
    def picture(self) -> Picture:
        """The network that is shown."""
        return self._picture

    def show_picture(self, picture: Picture) -> None:
        """Show another network; it is dark until it has activations."""
        units = {name: layer.units for name, layer in picture.layers.items()}
        before = {name: layer.units for name, layer in self._picture.layers.items()}
        self._picture = picture
        if list(units.items()) != list(before.items()):
            self._levels = Levels(units)
            self._cursor = self._pointed = None
        self.refit()

    def show_activations(self, activations: Mapping[str, Float]) -> None:
        """Light the cells by the newest activations, layer -> (units,)."""
        values = self._levels.update(activations)
        if len(values) != len(self._shown) or np.abs(values - self._shown).max(initial=0) > _STILL:
            self._light()

    def show_aim(
        self, layers: Mapping[str, float], units: Mapping[str, Mapping[int, float]]
    ) -> None:
        """Mark what is dreamed of.

        Args:
            layers: the chosen layers with their weights.
            units: layer -> chosen unit -> weight.
        """
        self._aimed_layers = dict(layers)
        self._aimed_units = {layer: dict(weights) for layer, weights in units.items()}
        self.redraw_ground()

    def centre_of(self, layer: str, unit: int | None = None) -> QPointF:
        """Return the centre of a unit's cell, or of a layer's name, in this widget."""
        assert self._placement is not None
        return self._placement.centre(layer, unit)

    # Mouse and keys

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the unit under the mouse."""
        found = self._at(event.position())
        if found != self._pointed:
            self._pointed = found
            if found is not None and found[1] is not None:
                self.unit_pointed.emit(*found)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Mark no unit."""
        self._pointed = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a layer or a unit; with Shift in addition to those chosen already."""
        found = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self._cursor = found
            self._choose(found, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Play a unit."""
        found = self._at(event.position())
        if found is not None and found[1] is not None:
            self.unit_opened.emit(*found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the weight of a chosen layer."""
        found = self._at(event.position())
        if found is None or found[0] not in self._aimed_layers:
            event.ignore()
            return
        notches = event.angleDelta().y() / 120
        self.layer_weighed.emit(found[0], notches * WEIGHT_STEP)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor over layers and units, choose, play, or change a weight."""
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
        """Show what is under the mouse as a tool tip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._at(QPointF(event.pos()))
            if found is not None:
                QToolTip.showText(event.globalPos(), self._describe(*found), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _choose(self, found: Place, add: bool) -> None:
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

    def _at(self, point: QPointF) -> Place | None:
        return self._placement.at(point) if self._placement is not None else None

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

    def lay_out(self) -> None:
        """Place the columns of cells below their names."""
        self._placement = self._cells = None
        if not self._picture.layers or self.width() < 10 or self.height() <= self._head + 10:
            return
        ratio = self.ratio
        names = [
            self.fontMetrics().horizontalAdvance(own_name(name)) for name in self._picture.layers
        ]
        narrowest = min(max(names) + 10, self.width() / len(names) * 0.86)
        layout = Layout(
            self._picture.order,
            round(self.width() * ratio),
            round((self.height() - self._head - 4) * ratio),
            round(narrowest * ratio),
            round(3 * ratio),
            round(LARGEST_CELL * ratio),
        )
        self._placement = Placement(layout, ratio, self._row)
        self._cells = CellImage(layout, ratio)
        self._light()

    def paint_ground(self, painter: QPainter) -> None:
        """Draw the names, the marks of chosen layers, and the flow between columns."""
        if self._placement is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_flow(painter, self._placement)
        pixels = self.font().pixelSize()
        paint_names(painter, self._placement, self._aimed_layers, self._aimed_units, pixels)

    def paint_content(self, painter: QPainter) -> None:
        """Draw the cells, and the marks of units, mouse and cursor; a frame until it is moved."""
        if self.hasFocus() and self._cursor is None:
            painter.setPen(QPen(color(HARDWARE), 2.0))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 5, 5)
        if self._placement is None or self._cells is None:
            painter.setPen(color(FAINT))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Loading the network …")
            return
        painter.drawImage(QPointF(0, self._head), self._cells.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for layer, units in self._aimed_units.items():
            for unit in units:
                self._paint_ring(painter, (layer, unit), ACCENT, 2.2)
        self._paint_ring(painter, self._pointed, TEXT, 1.4)
        if self.hasFocus() and self._cursor is not None:
            layer, at = self._cursor
            if at is None:
                painter.setPen(QPen(color(HARDWARE), 1.6))
                painter.drawRoundedRect(self._placement.name_area(layer), 5, 5)
            self._paint_ring(painter, self._cursor, HARDWARE, 2.0)

    @property
    def _head(self) -> int:
        """The height of all names."""
        return head_height(list(self._picture.layers), self._row)

    @property
    def _row(self) -> int:
        """The height of a row of names."""
        return round(self.fontMetrics().height() * 1.7)

    def _light(self) -> None:
        if self._cells is not None:
            self._shown = self._levels.values.copy()
            self._cells.draw(self._shown)
            self.update()

    def _paint_ring(
        self, painter: QPainter, place: Place | None, colour: str, width: float
    ) -> None:
        """Draw a ring around a unit, if the network has it."""
        if place is None or self._placement is None:
            return
        layer, unit = place
        units = self._picture.layers[layer].units if layer in self._picture.layers else 0
        if unit is not None and unit < units:
            paint_ring(painter, self._placement, layer, unit, colour, width)
