"""A drop-down list in the window's style."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox

from ..style.theme import QUIET, color


class DropDown(QComboBox):
    """A `QComboBox` that draws its own arrow."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the combo box, and an arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(color(QUIET), 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        size = self.fontMetrics().height() * 0.2
        x, y = self.width() - self.fontMetrics().height() * 0.8, self.height() / 2 + size / 2
        painter.drawPolyline(
            [QPointF(x - size, y - size), QPointF(x, y), QPointF(x + size, y - size)]
        )
