"""A slider from preset A to preset B."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from ...engine.parameter import Parameter, Value
from ..state.parameter_controller import TURNS, new_gesture
from ..style.theme import ACCENT, HARDWARE, LINE, QUIET, RAISED, TEXT, color, font

_PERCENT = 100
FINE = 0.1


class MorphSlider(QSlider):
    """Shows the morph, and emits the value to which the user moves it."""

    changed = Signal(object, int)
    """The value, and the number of the gesture; see `new_gesture`."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        """Make the slider for the parameter `morph`."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.parameter = parameter
        self._position, self._names = 0.0, ("A", "B")
        self._hardware: float | None = None
        self._drag: tuple[float, float, int] | None = None
        self.setRange(0, _PERCENT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(
            lambda percent: self.changed.emit(percent / _PERCENT, new_gesture())
        )  # only a screen reader sets one with a signal
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(parameter.title)
        self.setAccessibleDescription(parameter.meaning)
        self.setToolTip(f"<b>{parameter.title}</b><br>{parameter.meaning}")

    def show_value(self, value: Value) -> None:
        """Show a value; emit nothing."""
        self._position = self.parameter.position(value)
        self.blockSignals(True)
        self.setValue(round(self._position * _PERCENT))
        self.blockSignals(False)
        self.update()

    def show_names(self, a: str, b: str) -> None:
        """Show the names of the presets at the ends."""
        if (a, b) != self._names:
            self._names = a, b
            self.update()

    def show_hardware(self, position: float | None) -> None:
        """Show the position of a hardware knob, 0 to 1, that is not picked up; None for none."""
        if position != self._hardware:
            self._hardware = position
            self.update()

    def show_midi(self, bound: bool, learning: bool) -> None:
        """Show whether a MIDI control is being learned."""
        self.setProperty("learning", learning)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of a line of text over a track."""
        em = self.fontMetrics().height()
        return QSize(em * 14, round(em * 1.9))

    def minimumSizeHint(self) -> QSize:
        """Return a size at which both names can be seen in part."""
        em = self.fontMetrics().height()
        return QSize(em * 5, round(em * 1.9))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a drag; a click on the track moves the slider there."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = self._position_at(event.position().x())
        near = abs(at - self._position) * self._track().width() < self.fontMetrics().height()
        self._drag = event.position().x(), self._position if near else at, new_gesture()
        if not near:
            self.changed.emit(self._drag[1], self._drag[2])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move, finer with Shift."""
        if self._drag is None:
            return
        last, position, gesture = self._drag
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        moved = (event.position().x() - last) / max(1.0, self._track().width())
        position = min(max(position + moved * fine, 0.0), 1.0)
        self._drag = event.position().x(), position, gesture
        self.changed.emit(position, gesture)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go back to preset A."""
        self.changed.emit(self.parameter.default, new_gesture())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move by notches."""
        self._step(event.angleDelta().y() / 120 * 0.02)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrow, page, home and end keys."""
        keys = Qt.Key
        steps: dict[int, float] = {
            keys.Key_Right: 0.01,
            keys.Key_Up: 0.01,
            keys.Key_Left: -0.01,
            keys.Key_Down: -0.01,
            keys.Key_PageUp: 0.1,
            keys.Key_PageDown: -0.1,
            keys.Key_Home: -1.0,
            keys.Key_End: 1.0,
        }
        if event.key() in steps:
            self._step(steps[event.key()])
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the names over the track."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pixels = self.font().pixelSize()
        painter.setFont(font(pixels * 0.86))
        track, half = self._track(), self.width() / 2
        metrics = painter.fontMetrics()
        words = QRectF(0, 0, half - 6, metrics.height())
        names = list(self._names)
        if self.property("learning"):
            names[0] = "learning: move a control"
        for name, area, side in (
            (names[0], words, Qt.AlignmentFlag.AlignLeft),
            (names[1], words.translated(half + 6, 0), Qt.AlignmentFlag.AlignRight),
        ):
            painter.setPen(color(QUIET))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(area.width()))
            painter.drawText(area, side, shown)
        painter.setPen(QPen(color(LINE), 4, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(track.topLeft(), track.topRight())
        at = track.left() + track.width() * self._position
        painter.setPen(QPen(color(ACCENT), 4, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(track.topLeft(), QPointF(at, track.top()))
        if self._hardware is not None:
            there = track.left() + track.width() * self._hardware
            painter.setPen(QPen(color(HARDWARE), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(there - 5, track.top() - 5, 10, 10))
        painter.setBrush(color(TEXT if self.hasFocus() else RAISED))
        painter.setPen(QPen(color(TEXT), 2))
        size = pixels * 0.42
        painter.drawEllipse(QRectF(at - size, track.top() - size, 2 * size, 2 * size))

    def _track(self) -> QRectF:
        inset = self.font().pixelSize() * 0.6
        return QRectF(inset, self.height() - inset, self.width() - 2 * inset, 0)

    def _position_at(self, x: float) -> float:
        track = self._track()
        return min(max((x - track.left()) / max(1.0, track.width()), 0.0), 1.0)

    def _step(self, step: float) -> None:
        self.changed.emit(min(max(self._position + step, 0.0), 1.0), TURNS)
