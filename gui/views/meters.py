"""Peak meters of input, dream and output, and the light of the limiter."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from ...engine.arrays import Float
from ..style.theme import (
    ACCENT,
    BACKGROUND,
    FAINT,
    GOOD,
    LINE,
    PANEL,
    QUIET,
    TEXT,
    WARNING,
    color,
    font,
    pixel_size,
)
from .peaks import FLOOR_DB, LimiterLight, Peaks

METERS: Mapping[str, str] = {"input": "in", "dream": "dream", "output": "out"}
"""Meter -> its title."""
MARKS_DB = (0, -6, -12, -24, -36, -48)
HOT_DB = -6.0
TOP_DB = 0.0


class Meters(QWidget):
    """Shows levels with peak hold, the output's peak as a number, and LIMIT while it limits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show silence."""
        super().__init__(parent)
        self.peaks = {meter: Peaks(1) for meter in METERS}
        self.light = LimiterLight()
        self._picture = QPixmap()
        self._drawn: object = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Meters")
        self._describe()

    def show_sound(self, sounds: Mapping[str, Float], time: float) -> None:
        """Add the sound since the last call.

        Args:
            sounds: `input`, `dream` and `output`, each float32 (channels, samples).
            time: now, in seconds of a monotonic clock.
        """
        for meter, sound in sounds.items():
            if len(self.peaks[meter].level_db) != len(sound):
                self.peaks[meter] = Peaks(len(sound))
            self.peaks[meter].update(sound, time)
        self.update()

    def show_limited(self, limited: int, time: float) -> None:
        """Show whether the limiter works.

        Args:
            limited: number of limited blocks so far.
            time: see `show_sound`.
        """
        was = self.light.lit
        self.light.update(limited, time)
        if was != self.light.lit:
            self._describe()
            self.update()

    def sizeHint(self) -> QSize:
        """Return a narrow size with room for the marks and the meters."""
        line = self.fontMetrics().height()
        return QSize(self._scale + round(line * 7.5), 12 * line)

    def minimumSizeHint(self) -> QSize:
        """Return the same width, and the height at which the marks can be read."""
        return QSize(self.sizeHint().width(), 6 * self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the levels on what seldom changes, which is kept as a picture."""
        painter = QPainter(self)
        line = self.fontMetrics().height()
        top, foot = round(line * 1.35), round(line * 1.35)
        bars = QRectF(self._scale, top, self.width() - self._scale, self.height() - top - foot)
        places = [
            [_channel(bars, at, channel, channels) for channel in range(channels)]
            for at, channels in enumerate(len(each.level_db) for each in self.peaks.values())
        ]
        painter.drawPixmap(0, 0, self._background(bars, places))
        shades = _shades(bars)
        for peaks, channels in zip(self.peaks.values(), places, strict=True):
            for level_db, held_db, bar in zip(peaks.level_db, peaks.held_db, channels, strict=True):
                _paint_level(painter, bar, float(level_db), float(held_db), shades)
        self._paint_light(
            painter, QRectF(bars.left(), self.height() - foot + 4, bars.width(), foot - 4)
        )

    # Drawing

    @property
    def _scale(self) -> int:
        return self.fontMetrics().horizontalAdvance("\N{MINUS SIGN}48") + 8

    def _describe(self) -> None:
        self.setAccessibleDescription(
            "The limiter works: too loud" if self.light.lit else "Levels of input, dream and output"
        )

    def _background(self, bars: QRectF, places: list[list[QRectF]]) -> QPixmap:
        """Return the marks, the titles and the unlit bars."""
        ratio, key = self.devicePixelRatioF(), self.font().key()
        state = (self.size(), ratio, key, [len(each) for each in places])
        if state == self._drawn:
            return self._picture
        self._drawn = state
        self._picture = QPixmap(self.size() * ratio)
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(color(BACKGROUND))
        painter = QPainter(self._picture)
        self._paint_marks(painter, bars)
        painter.setFont(font(pixel_size(self) * 0.85))
        slot = bars.width() / len(METERS)
        for at, (title, channels) in enumerate(zip(METERS.values(), places, strict=True)):
            for bar in channels:
                painter.fillRect(bar, color(PANEL))
            painter.setPen(color(ACCENT if title == "dream" else QUIET))
            head = QRectF(bars.left() + at * slot - 6, 0, slot + 12, bars.top())
            painter.drawText(head, Qt.AlignmentFlag.AlignCenter, title)
        painter.end()
        return self._picture

    def _paint_marks(self, painter: QPainter, bars: QRectF) -> None:
        painter.setFont(font(pixel_size(self) * 0.8))
        high = painter.fontMetrics().height()
        last = -float(high)
        for mark in MARKS_DB:
            y = _place(mark, bars)
            if y - last < high:
                continue
            last = y
            painter.setPen(QPen(color(LINE), 1))
            painter.drawLine(round(bars.left()) - 4, round(y), round(bars.right()), round(y))
            painter.setPen(color(QUIET if mark in (0, -12) else FAINT))
            text = QRectF(0, y - high / 2, bars.left() - 6, high)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(text, flags, str(mark).replace("-", "\N{MINUS SIGN}"))

    def _paint_light(self, painter: QPainter, place: QRectF) -> None:
        held_db = float(self.peaks["output"].held_db.max())
        painter.setFont(font(pixel_size(self) * 0.85, bold=self.light.lit))
        if self.light.lit:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(WARNING))
            painter.drawRoundedRect(place, 4, 4)
            painter.setPen(color(BACKGROUND))
            text = "LIMIT"
        else:
            painter.setPen(color(QUIET))
            silent = held_db <= FLOOR_DB
            text = "silent" if silent else f"out {held_db:.1f} dB".replace("-", "\N{MINUS SIGN}")
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _channel(bars: QRectF, meter: int, channel: int, channels: int) -> QRectF:
    """Return the bar of one channel of a meter."""
    slot = bars.width() / len(METERS)
    width = max(2.0, 0.66 * slot / channels - 2.0)
    first = bars.left() + meter * slot + (slot - channels * (width + 2.0) + 2.0) / 2
    return QRectF(first + channel * (width + 2.0), bars.top(), width, bars.height())


def _paint_level(
    painter: QPainter, bar: QRectF, level_db: float, held_db: float, shades: QLinearGradient
) -> None:
    """Draw a level, and its held peak."""
    lit = QRectF(bar)
    lit.setTop(_place(level_db, bar))
    painter.fillRect(lit, shades)
    if held_db > FLOOR_DB:
        held = QRectF(bar.left(), _place(held_db, bar) - 1, bar.width(), 2)
        painter.fillRect(held, color(WARNING if held_db > HOT_DB else TEXT))


def _place(level_db: float, bars: QRectF) -> float:
    """Return the y of a level; the upper half of the decibels takes two thirds of the height."""
    share = (min(max(level_db, FLOOR_DB), TOP_DB) - FLOOR_DB) / (TOP_DB - FLOOR_DB)
    return float(bars.bottom() - share**1.5 * bars.height())


def _shades(bars: QRectF) -> QLinearGradient:
    """Return the colours of a bar, from its lower end to full scale."""
    shades = QLinearGradient(0, bars.bottom(), 0, bars.top())
    hot = (bars.bottom() - _place(HOT_DB, bars)) / max(1.0, bars.height())
    shades.setColorAt(0.0, color("#3f6f4c"))
    shades.setColorAt(hot * 0.8, color(GOOD))
    shades.setColorAt(hot, color(ACCENT))
    shades.setColorAt(1.0, color(WARNING))
    return shades
