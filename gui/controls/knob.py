"""A knob that is turned by drag, wheel, keys or typing, and shows the hardware knob's position."""

from collections.abc import Callable
from math import copysign, cos, radians, sin

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QDial, QWidget

from ...engine.parameter import Parameter, Value
from ...engine.typed import plain_text
from ..state.parameter_controller import TURNS, new_gesture
from ..style.theme import (
    ACCENT,
    BACKGROUND,
    FAINT,
    HARDWARE,
    LINE,
    QUIET,
    RAISED,
    TEXT,
    color,
    font,
)
from .typed_value import TypedValue

DRAG_PIXELS = 180
"""The length of a drag over the whole range; ten times as long with Shift."""
FINE = 0.1
KEY_STEP = 0.01
PAGE_STEP = 0.1
WHEEL_STEP = 0.02
DIAL_EM, LARGE_DIAL_EM = 3.5, 4.4
"""Width of the dial, in heights of a line."""
NOTE = "\N{EIGHTH NOTE}"
"""The sign on a duration that turns note values on and off."""
_WIDE = 20.0
"""The range from which whole units are fine enough for a screen reader."""
_START, _SPAN = 225.0, 270.0
"""Start of the arc in degrees anticlockwise from three o'clock, and its length."""


class Knob(QDial):
    """Shows one number, and emits the value to which the user turns it.

    It is a `QDial` because screen readers know that type; it draws and turns by itself.
    """

    changed = Signal(object, int)
    """The value, and the number of the gesture; see `new_gesture`."""
    notes_toggled = Signal()
    """The user wants note values instead of milliseconds, or the reverse."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        """Make a knob with a parameter's range, curve, unit and texts."""
        super().__init__(parent)
        self.parameter = parameter
        self._value: Value = parameter.default
        self._position = parameter.position(parameter.default)
        self._hardware: float | None = None
        self._learning = self._bound = False
        self._drag: tuple[QPointF, float, int] | None = None
        self._dial_em = DIAL_EM
        self._typed = TypedValue(self)
        self._typed.entered.connect(
            lambda text: self.changed.emit(plain_text(parameter, text), new_gesture())
        )
        self._scale = reader_scale(parameter)
        low, high = (round(end * self._scale) for end in (parameter.minimum, parameter.maximum))
        self.setRange(low, high)
        self.valueChanged.connect(self._turn_by_reader)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(parameter.title)
        notes = f"<br>{NOTE} (key N): note values" if self._has_notes else ""
        self.setToolTip(
            f"<b>{parameter.title}</b> ({parameter.range_text})<br>{parameter.meaning}{notes}"
        )
        self.show_value(parameter.default)

    def show_value(self, value: Value) -> None:
        """Show a value; emit nothing."""
        self._value = value
        self._position = self.parameter.position(value)
        self.blockSignals(True)
        number = value if isinstance(value, int | float) else self._number_at(self._position)
        self.setValue(round(number * self._scale))
        self.blockSignals(False)
        if (spoken := f"{self.text}. {self.parameter.meaning}") != self.accessibleDescription():
            self.setAccessibleDescription(spoken)
        self.update()

    def show_hardware(self, position: float | None) -> None:
        """Show the position of a hardware knob, 0 to 1, that is not picked up; None for none."""
        if position != self._hardware:
            self._hardware = position
            self.update()

    def show_midi(self, bound: bool, learning: bool) -> None:
        """Show whether a MIDI control is bound, and whether one is being learned."""
        if (bound, learning) != (self._bound, self._learning):
            self._bound, self._learning = bound, learning
            self.update()

    def set_large(self, large: bool) -> None:
        """Draw a larger dial, as on stage, or the usual one."""
        self._dial_em = LARGE_DIAL_EM if large else DIAL_EM
        self.updateGeometry()
        self.update()

    @property
    def text(self) -> str:
        """The value as it is shown."""
        return self.parameter.text(self._value)

    def sizeHint(self) -> QSize:
        """Return the size of dial, title and value."""
        em = self.fontMetrics().height()
        dial = self._dial_em * em
        width = max(self.fontMetrics().horizontalAdvance(self.parameter.title) + 6, round(dial))
        return QSize(width, round(dial + 2.2 * em))

    def minimumSizeHint(self) -> QSize:
        """Return the same size: a knob cannot leave anything out."""
        return self.sizeHint()

    def edit(self, text: str = "") -> None:
        """Let the user type a value, starting with `text` or with the present value."""
        number = self.text.replace("\N{MINUS SIGN}", "-").removesuffix(self.parameter.unit).strip()
        area = self._value_area()
        self._typed.open(area, text or number, selected=not text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a drag."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._has_notes and self._notes_area().contains(event.position()):
            self.notes_toggled.emit()
        else:
            self._drag = event.position(), self._position, new_gesture()
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn: up or right increases the value, finer with Shift."""
        if self._drag is None:
            return
        last, position, gesture = self._drag
        moved = (last.y() - event.position().y()) + (event.position().x() - last.x())
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        position = min(max(position + moved * fine / DRAG_PIXELS, 0.0), 1.0)
        self._drag = event.position(), position, gesture
        self._turn_to(position, gesture)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go back to the default; on the value, let the user type one."""
        self._drag = None
        if self._has_notes and self._notes_area().contains(event.position()):
            return
        if self._value_area().contains(event.position()):
            self.edit()
        else:
            self._reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn by notches, finer with Shift."""
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        self._turn_by(notches * WHEEL_STEP * fine)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn with the arrows, page, home and end keys; digits and Enter type a value."""
        key, fine = event.key(), 1.0
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            fine = FINE
        keys = Qt.Key
        steps: dict[int, float] = {
            keys.Key_Up: KEY_STEP,
            keys.Key_Right: KEY_STEP,
            keys.Key_Down: -KEY_STEP,
            keys.Key_Left: -KEY_STEP,
            keys.Key_PageUp: PAGE_STEP,
            keys.Key_PageDown: -PAGE_STEP,
            keys.Key_Home: -1.0 / fine,
            keys.Key_End: 1.0 / fine,
        }
        actions: dict[int, Callable[[], None]] = {
            keys.Key_Return: self.edit,
            keys.Key_Enter: self.edit,
            keys.Key_Delete: self._reset,
            keys.Key_Backspace: self._reset,
        }
        if key in steps:
            self._turn_by(steps[key] * fine)
        elif key in actions:
            actions[key]()
        elif key == keys.Key_N and self._has_notes:
            self.notes_toggled.emit()
        elif event.text() and event.text() in "0123456789-.,":
            self.edit(event.text())
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus is gone."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, dial and value."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pixels = self.fontMetrics().height()
        self._paint_words(painter)
        area = self._dial_area()
        thick = max(2.5, area.width() * 0.085)
        arc = area.adjusted(thick, thick, -thick, -thick)
        self._paint_arc(painter, arc, 0.0, 1.0, QPen(color(LINE), thick))
        origin = self._origin()
        low, high = sorted((origin, self._position))
        pen = QPen(color(ACCENT if self.isEnabled() else FAINT), thick)
        self._paint_arc(painter, arc, low, high, pen)
        self._paint_steps(painter, arc)
        body = arc.adjusted(thick * 1.3, thick * 1.3, -thick * 1.3, -thick * 1.3)
        painter.setBrush(color(RAISED))
        painter.setPen(QPen(color(HARDWARE if self.hasFocus() else LINE), 1.6))
        painter.drawEllipse(body)
        pen = QPen(color(TEXT), max(2.0, thick * 0.6))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        centre, radius = body.center(), body.width() / 2
        painter.drawLine(
            _on_circle(centre, radius * 0.42, self._position),
            _on_circle(centre, radius * 0.84, self._position),
        )
        self._paint_midi(painter, area, arc, pixels)

    def _paint_words(self, painter: QPainter) -> None:
        height, width = self.fontMetrics().height(), self.width()
        painter.setFont(font(self.font().pixelSize()))
        painter.setPen(color(QUIET))
        painter.drawText(
            QRectF(0, self._dial_area().top() - 1.08 * height, width, height),
            Qt.AlignmentFlag.AlignCenter,
            self.parameter.title,
        )
        painter.setPen(color(TEXT if self.isEnabled() else FAINT))
        painter.drawText(self._value_area(), Qt.AlignmentFlag.AlignCenter, self.text)

    def _paint_steps(self, painter: QPainter, arc: QRectF) -> None:
        """Draw a gap at each step, and the sign that turns note values on and off."""
        choices = self._choices()
        painter.setPen(QPen(color(BACKGROUND), 1.2))
        for step in range(1, len(choices) - 1):
            place = step / (len(choices) - 1)
            painter.drawLine(
                _on_circle(arc.center(), arc.width() * 0.44, place),
                _on_circle(arc.center(), arc.width() * 0.56, place),
            )
        if self._has_notes:
            painter.setPen(color(ACCENT if choices else QUIET))
            painter.setFont(font(self.font().pixelSize(), bold=bool(choices)))
            painter.drawText(self._notes_area(), Qt.AlignmentFlag.AlignCenter, NOTE)

    def _paint_midi(self, painter: QPainter, area: QRectF, arc: QRectF, pixels: float) -> None:
        if self._hardware is not None:  # a hollow triangle: a shape as well as a colour
            low, high = sorted((self._position, self._hardware))
            dotted = QPen(color(HARDWARE), 1.6, Qt.PenStyle.DotLine)
            self._paint_arc(painter, arc, low, high, dotted)
            inner, outer = arc.width() / 2 - pixels * 0.3, arc.width() / 2 + pixels * 0.26
            corners = [
                _on_circle(arc.center(), inner, self._hardware),
                _on_circle(arc.center(), outer, self._hardware - 0.04),
                _on_circle(arc.center(), outer, self._hardware + 0.04),
            ]
            painter.setPen(QPen(color(HARDWARE), 1.8))
            painter.setBrush(color(BACKGROUND))
            painter.drawPolygon(corners)
        if self._learning or self._bound:
            mark = "learning" if self._learning else "M"
            painter.setFont(font(self.font().pixelSize() * (0.8 if self._learning else 0.72), True))
            painter.setPen(color(HARDWARE))
            place = QRectF(0, area.bottom() - pixels * 0.72, self.width(), pixels * 0.9)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, mark)

    def _paint_arc(
        self, painter: QPainter, area: QRectF, low: float, high: float, pen: QPen
    ) -> None:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        start = round(16 * (_START - _SPAN * low))
        painter.drawArc(area, start, round(-16 * _SPAN * (high - low)))

    def _origin(self) -> float:
        """Return the position from which the arc is filled: 0 dB for levels, else the low end."""
        parameter = self.parameter
        if parameter.minimum < 0 < parameter.maximum:
            return parameter.position(0.0)
        return 1.0 if parameter.maximum == 0 else 0.0

    def _reset(self) -> None:
        self.changed.emit(self.parameter.default, new_gesture())

    def _turn_by(self, amount: float) -> None:
        """Turn by a part of the way, or by whole steps where there are steps."""
        steps = len(self._choices()) - 1
        if steps > 0:
            amount = copysign(max(1, round(abs(amount) * steps)) / steps, amount)
        self._turn_to(self._position + amount, TURNS)

    def _turn_to(self, position: float, gesture: int) -> None:
        position = min(max(position, 0.0), 1.0)
        self.changed.emit(self.parameter.at_position(position, self._choices()), gesture)

    def _turn_by_reader(self, units: int) -> None:
        """Turn to a value that a screen reader sets; nothing else sets one with a signal."""
        number = units / self._scale
        low, high = self.parameter.minimum, self.parameter.maximum
        position = (
            (number - low) / (high - low)  # as `_number_at`
            if self._choices()
            else self.parameter.position(self.parameter.check(number))
        )
        self._turn_to(position, new_gesture())

    def _number_at(self, position: float) -> float:
        """Return the number that stands for a note value, evenly over the range."""
        low, high = self.parameter.minimum, self.parameter.maximum
        return low + position * (high - low)

    def _choices(self) -> tuple[Value, ...]:
        return self.parameter.choices_at(self._value)

    @property
    def _has_notes(self) -> bool:
        return self.parameter.kind == "duration"

    def _notes_area(self) -> QRectF:
        text, dial = self.fontMetrics().height(), self._dial_area()
        return QRectF(dial.right() - text * 0.6, dial.top() - text * 0.1, text, text)

    def _dial_area(self) -> QRectF:
        text = self.fontMetrics().height()
        side = min(self.height() - 2.2 * text, self._dial_em * text)
        top = (self.height() - side - 2.2 * text) / 2 + 1.08 * text
        return QRectF((self.width() - side) / 2, top, side, side)

    def _value_area(self) -> QRectF:
        text = self.fontMetrics().height()
        return QRectF(0, self._dial_area().bottom(), self.width(), text * 1.1)


def reader_scale(parameter: Parameter) -> int:
    """Return in how many steps a screen reader counts a unit: hundredths in a small range."""
    return 1 if parameter.maximum - parameter.minimum >= _WIDE else 100


def _on_circle(centre: QPointF, radius: float, position: float) -> QPointF:
    angle = radians(_START - _SPAN * position)
    return QPointF(centre.x() + radius * cos(angle), centre.y() - radius * sin(angle))
