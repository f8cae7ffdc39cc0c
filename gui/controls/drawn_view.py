"""A view that draws itself, and lays itself out again for another size, font or screen."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..style.theme import BACKGROUND, color


class DrawnView(QWidget):
    """Keeps what changes rarely in a pixmap, the ground, over which the rest is drawn.

    A subclass implements `lay_out`, `paint_ground` and `paint_content`.
    """

    def __init__(self, hint: QSize, least: QSize, parent: QWidget | None = None) -> None:
        """Draw nothing yet.

        Args:
            hint: the size that the view would like.
            least: the smallest size at which it can be read.
            parent: the widget that holds it.
        """
        super().__init__(parent)
        self._hint, self._least = hint, least
        self._ground = QPixmap()
        self.ratio = 0.0
        """The device's pixels for each unit of the widget, when it was laid out last."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def lay_out(self) -> None:
        """Compute what depends on size, font and `ratio`."""
        raise NotImplementedError

    def paint_ground(self, painter: QPainter) -> None:
        """Draw what changes rarely."""
        raise NotImplementedError

    def paint_content(self, painter: QPainter) -> None:
        """Draw what changes often, over the ground."""
        raise NotImplementedError

    def refit(self) -> None:
        """Lay everything out and draw it again."""
        self.ratio = self.devicePixelRatioF()
        self.lay_out()
        self.redraw_ground()

    def redraw_ground(self) -> None:
        """Draw the ground again, and the content over it."""
        ground = QPixmap(round(self.width() * self.ratio), round(self.height() * self.ratio))
        if not ground.isNull():
            ground.setDevicePixelRatio(self.ratio)
            ground.fill(color(BACKGROUND))
            painter = QPainter(ground)
            self.paint_ground(painter)
            painter.end()
        self._ground = ground
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that the view would like."""
        return self._hint

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size at which the view can be read."""
        return self._least

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new size."""
        self.refit()

    def changeEvent(self, event: QEvent) -> None:
        """Lay out for another font."""
        if event.type() == QEvent.Type.FontChange:
            self.refit()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the content; on another screen lay out first."""
        if self.ratio != self.devicePixelRatioF():
            self.refit()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground)
        self.paint_content(painter)
