"""One unit in detail: its name, its spectrum, and a button to hear it."""

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ...engine.arrays import Float
from ..style.theme import ACCENT, FAINT, LINE, color, font
from .picture import Picture

LOWEST_HERTZ = 50.0
FLOOR_DB = -50.0
BANDS = 72
_MARKS = ((100, "100"), (1000, "1k"), (10_000, "10k"))


def banded_levels(magnitudes: Float, top_hertz: float) -> Float:
    """Return a spectrum's peaks in bands of equal width on a logarithmic axis of frequency.

    Args:
        magnitudes: float32 [bins], from 0 Hz to `top_hertz`, peak 1.
        top_hertz: half the sample rate.

    Returns:
        float32 [BANDS], 0 (at `FLOOR_DB` or below) to 1.
    """
    hertz = np.linspace(0, top_hertz, len(magnitudes))
    edges = np.geomspace(LOWEST_HERTZ, top_hertz, BANDS + 1)
    centres = np.sqrt(edges[:-1] * edges[1:])
    peaks = np.interp(centres, hertz, magnitudes)  # low bands are narrower than a bin
    for band, (low, high) in enumerate(pairwise(edges)):
        inside = magnitudes[(hertz >= low) & (hertz < high)]
        peaks[band] = max(peaks[band], inside.max(initial=0.0))
    decibels = 20 * np.log10(np.maximum(peaks, 1e-6))
    return np.asarray(np.clip(1 - decibels / FLOOR_DB, 0, 1), np.float32)


class _Spectrum(QWidget):
    """Draws the spectrum of a unit's template."""

    def __init__(self) -> None:
        super().__init__()
        self._magnitudes: Float = np.zeros(0, np.float32)
        self._top_hertz = 8000.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(48)
        self.setAccessibleName("Spectrum of the unit's template")

    def show_spectrum(self, magnitudes: Float, top_hertz: float) -> None:
        self._magnitudes, self._top_hertz = magnitudes, top_hertz
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = font(self.font().pixelSize() * 0.78)
        painter.setFont(small)
        foot = painter.fontMetrics().height()
        area = QRectF(0, 2, self.width(), self.height() - foot - 5)
        span = np.log(self._top_hertz / LOWEST_HERTZ)
        for hertz, name in _MARKS:
            if hertz >= self._top_hertz:
                continue
            x = area.width() * np.log(hertz / LOWEST_HERTZ) / span
            painter.setPen(color(LINE))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(color(FAINT))
            words = QRectF(x - 20, area.bottom() + 3, 40, foot)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, name)
        if not self._magnitudes.any():
            painter.setPen(color(FAINT))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "no template")
            return
        levels = banded_levels(self._magnitudes, self._top_hertz)
        xs = np.linspace(0, area.width(), len(levels))
        ys = area.bottom() - area.height() * levels
        line = [QPointF(x, y) for x, y in zip(xs, ys, strict=True)]
        gradient = QLinearGradient(area.topLeft(), area.bottomLeft())
        gradient.setColorAt(0, color(ACCENT, 0.55))
        gradient.setColorAt(1, color(ACCENT, 0.05))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        corners = [QPointF(xs[0], area.bottom()), *line, QPointF(xs[-1], area.bottom())]
        painter.drawPolygon(QPolygonF(corners))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(ACCENT), 1.4))
        painter.drawPolyline(QPolygonF(line))


class Inspector(QWidget):
    """Shows the unit under the mouse, or the unit that was chosen last."""

    hear = Signal(str, int)
    """A unit that the user wants to hear."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show no unit yet."""
        super().__init__(parent)
        self._unit: tuple[str, int] | None = None
        self._title = QLabel("Point at a unit")
        self._pitch = QLabel()
        self._pitch.setProperty("quiet", True)
        self._spectrum = _Spectrum()
        self.button = QPushButton("Hear")
        self.button.setToolTip("Play the sound that excites this unit most (double-click it)")
        self.button.setEnabled(False)
        self.button.clicked.connect(lambda: self._unit and self.hear.emit(*self._unit))
        row = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._pitch)
        row.addLayout(words, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._spectrum, 1)

    @property
    def unit(self) -> tuple[str, int] | None:
        """The unit that is shown."""
        return self._unit

    def show_unit(self, picture: Picture, layer: str, unit: int) -> None:
        """Show a unit of a network."""
        self._unit = layer, unit
        self._title.setText(picture.label(layer, unit))
        pitch = picture.pitch(layer, unit)
        self._pitch.setText(f"{layer}/{unit}" + (f" \N{MIDDLE DOT} {pitch}" if pitch else ""))
        magnitudes = picture.templates.get(layer)
        spectrum = magnitudes[unit] if magnitudes is not None else np.zeros(2, np.float32)
        self._spectrum.show_spectrum(spectrum, picture.sample_rate / 2)
        self.button.setEnabled(True)

    def show_searching(self, searching: bool) -> None:
        """Show whether the unit's sound is being searched for."""
        self.button.setText("Searching …" if searching else "Hear")
        self.button.setEnabled(not searching and self._unit is not None)
