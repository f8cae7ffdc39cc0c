"""Spectrograms of input, dream and output, side by side on one axis of frequencies."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHideEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from ...engine.arrays import Float
from ..controls.drawn_view import DrawnView
from ..style.colours import view_palette
from ..style.theme import ACCENT, BACKGROUND, FAINT, LINE, QUIET, TEXT, color, font, pixel_size
from .columns import COLUMNS_PER_SECOND, ROWS, Levels, SpectrumColumns
from .frequency_axis import FrequencyAxis, frequency_text, note_name
from .scroll import ScrollPicture

LANES: Mapping[str, str] = {
    "input": "Input",
    "dream": "Dream: what is added",
    "output": "Output",
}
"""Lane -> its title."""
_KEPT_COLUMNS = 4096
"""Of each lane, to draw them again in another size."""
_GAP = 8
_HINT, _LEAST = QSize(900, 190), QSize(320, 90)


class Spectrograms(DrawnView):
    """Shows three spectrograms that scroll; the mouse reads a frequency in all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show silence."""
        super().__init__(_HINT, _LEAST, parent)
        self.axis = FrequencyAxis()
        self._palette = view_palette()
        self._columns: dict[str, SpectrumColumns] = {}
        self._sample_rate = 0
        self._kept = {lane: np.zeros((0, ROWS), np.uint8) for lane in LANES}
        self._pictures: dict[str, ScrollPicture] = {}
        self._pointed: float | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Spectrograms")
        self.setAccessibleDescription(
            "Input, dream and output over the last seconds, on one axis of frequencies"
        )

    def show_sound(self, sample_rate: int, sounds: Mapping[str, Float]) -> None:
        """Add the sound since the last call.

        Args:
            sample_rate: in hertz.
            sounds: `input`, `dream` and `output`, each float32 (channels, samples), of one length.
        """
        if sample_rate != self._sample_rate:
            self._sample_rate = sample_rate
            self._columns = {lane: SpectrumColumns(sample_rate, self.axis) for lane in LANES}
        for lane, columns in self._columns.items():
            found = columns.push(sounds[lane].mean(axis=0))
            if len(found):
                self._kept[lane] = np.concatenate((self._kept[lane], found))[-2 * _KEPT_COLUMNS :]
                if lane in self._pictures:
                    self._pictures[lane].add(self._pixels(found))
                self.update()

    def levels(self, lane: str) -> Levels:
        """Return the newest columns of a lane, uint8 [columns, rows]."""
        return self._kept[lane]

    def area(self, lane: str) -> QRectF:
        """Return the area of a lane's picture in this widget, in whole pixels of the device."""
        ratio = self.devicePixelRatioF()
        left = self._gutter
        width = max(1.0, (self.width() - left - _GAP * (len(LANES) - 1)) / len(LANES))
        at = list(LANES).index(lane)
        x = round((left + at * (width + _GAP)) * ratio) / ratio
        top = round(self._head * ratio) / ratio
        return QRectF(
            x,
            top,
            max(1, int(width * ratio)) / ratio,
            max(1, int((self.height() - top - self._foot) * ratio)) / ratio,
        )

    def hideEvent(self, event: QHideEvent) -> None:
        """Show no frequency."""
        self._pointed = None
        super().hideEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the frequency under the mouse."""
        area = self.area("input")
        place = 1.0 - (event.position().y() - area.top()) / area.height()
        inside = 0.0 <= place <= 1.0 and event.position().x() >= area.left()
        self._pointed = place if inside else None
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no frequency."""
        self._pointed = None
        self.update()

    # Drawing

    @property
    def _line(self) -> int:
        return self.fontMetrics().height()

    @property
    def _head(self) -> int:
        return round(self._line * 1.35)

    @property
    def _foot(self) -> int:
        return round(self._line * 1.15)

    @property
    def _gutter(self) -> int:
        return self.fontMetrics().horizontalAdvance("14.1 kHz A9") + 8

    def lay_out(self) -> None:
        """Make the pictures, and draw the kept columns in their new size."""
        self._pictures = {}
        if self.width() < 2 or self.height() < 2:
            return
        for lane in LANES:
            area = self.area(lane)
            width, height = (round(each * self.ratio) for each in (area.width(), area.height()))
            places = (np.arange(height)[::-1] + 0.5) / height * ROWS - 0.5
            self._lower = np.clip(np.floor(places).astype(np.intp), 0, ROWS - 2)
            self._share = np.clip(places - self._lower, 0.0, 1.0).astype(np.float32)[:, None]
            picture = ScrollPicture(width, height, self._palette[0])
            picture.add(self._pixels(self._kept[lane][-width:]))
            self._pictures[lane] = picture

    def _pixels(self, found: Levels) -> np.ndarray:
        """Return columns as the device's pixels, (height, columns times pixels of each)."""
        below = found.T[self._lower].astype(np.float32)
        above = found.T[self._lower + 1]
        shades = (below + (above - below) * self._share).astype(np.uint8)
        return np.repeat(self._palette[shades], self._column_pixels, axis=1)

    @property
    def _column_pixels(self) -> int:
        """The width of a column: time has the same scale on every screen."""
        return max(1, round(self.ratio))

    def paint_content(self, painter: QPainter) -> None:
        """Draw the spectrograms and the frequency under the mouse."""
        for lane, picture in self._pictures.items():
            picture.paint(painter, self.area(lane))
        if self._pointed is not None:
            self._paint_pointed(painter, self._pointed)

    def paint_ground(self, painter: QPainter) -> None:
        """Draw the titles and the axes."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pixels = pixel_size(self)
        self._paint_frequencies(painter, pixels)
        for lane, title in LANES.items():
            area = self.area(lane)
            painter.setFont(font(pixels * 0.92, bold=True))
            painter.setPen(color(ACCENT if lane == "dream" else TEXT))
            head = QRectF(area.left(), 0, area.width(), self._head)
            painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, title)
            self._paint_seconds(painter, area, pixels)

    def _paint_frequencies(self, painter: QPainter, pixels: int) -> None:
        area = self.area("input")
        painter.setFont(font(pixels * 0.85))
        small = pixels * 1.25
        for hertz in self.axis.marks(int(area.height() / small)):
            y = area.bottom() - self.axis.place(hertz) * area.height()
            top = min(max(y - small / 2, area.top()), area.bottom() - small)
            text = QRectF(0, top, area.left() - 8, small)
            painter.setPen(color(QUIET))
            flags = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(text, flags | Qt.AlignmentFlag.AlignRight, note_name(hertz))
            notes = painter.fontMetrics().horizontalAdvance("A9") + 6
            painter.drawText(
                text.adjusted(0, 0, -notes, 0),
                flags | Qt.AlignmentFlag.AlignRight,
                frequency_text(hertz),
            )
            painter.setPen(QPen(color(FAINT), 1))
            painter.drawLine(QPointF(area.left() - 5, y), QPointF(area.left() - 1, y))

    def _paint_seconds(self, painter: QPainter, area: QRectF, pixels: int) -> None:
        painter.setFont(font(pixels * 0.8))
        second = COLUMNS_PER_SECOND * self._column_pixels / self.ratio
        metrics = painter.fontMetrics()
        stride = max(1, round(1.6 * metrics.horizontalAdvance("\N{MINUS SIGN}10 s") / second))
        count = int(area.width() / second)
        for ago in range(0, count + 1, stride):
            x = area.right() - ago * second
            painter.setPen(QPen(color(LINE), 1))
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3))
            text = f"\N{MINUS SIGN}{ago} s" if ago else "now"
            width = metrics.horizontalAdvance(text)
            left = min(max(x - width / 2, area.left()), area.right() - width)
            painter.setPen(color(FAINT if ago else QUIET))
            painter.drawText(QPointF(left, self.height() - metrics.descent()), text)

    def _paint_pointed(self, painter: QPainter, place: float) -> None:
        hertz = self.axis.hertz(place)
        text = f"{frequency_text(hertz)}  {note_name(hertz)}"
        painter.setFont(font(self._line * 0.72, bold=True))
        width = painter.fontMetrics().horizontalAdvance(text) + 10
        for lane in LANES:
            area = self.area(lane)
            y = area.bottom() - place * area.height()
            painter.setPen(QPen(color(TEXT, 0.75), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            if lane == "input":
                top = y - self._line - 2 if y - self._line - 2 > area.top() else y + 2
                box = QRectF(area.left() + 6, top, width, self._line)
                painter.fillRect(box, color(BACKGROUND, 0.85))
                painter.setPen(color(TEXT))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
