"""Plots in the window's colours: pyqtgraph's plots, images and axes as every view has them."""

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ..style.colours import GROUND, view_palette
from ..style.palette import Pixels
from ..style.theme import BACKGROUND, FAINT, QUIET, color, font, pixel_size
from .columns import ROWS, Levels
from .frequency_axis import FrequencyAxis, frequency_text, note_name

SECONDS = 4.0
"""Shown at first of what scrolls."""
GAP = 6
"""Pixels between two plots."""
_TITLE_MARGIN = 8
"""Pixels on both sides of a title, of Qt's documents and pyqtgraph's layouts."""
Lines = tuple[float, float]
"""A width and a height in lines of text."""
Ticks = list[tuple[float, str]]
"""Places on an axis, and what is written there."""


class TickAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis whose marks are a function of its range and its length."""

    def __init__(self, side: str, marks: Callable[[float, float, float], Ticks]) -> None:
        """Make an axis.

        Args:
            side: `left` or `bottom`.
            marks: (lowest, highest, length in lines of text) -> the marks.
        """
        self._marks = marks
        self._line = 1.0
        super().__init__(side, pen=pg.mkPen(color(FAINT)), textPen=pg.mkPen(color(QUIET)))
        self.setStyle(tickLength=4, autoExpandTextSpace=False, hideOverlappingLabels=True)

    def set_font(self, font: QFont) -> None:
        """Write the marks in a font."""
        self._line = float(QFontMetricsF(font).height())
        self.setStyle(tickFont=font, tickTextHeight=round(self._line))

    def redraw(self) -> None:
        """Draw the marks again, where they have changed and the range has not."""
        self.picture = None
        self.update()

    def tickValues(self, lowest: float, highest: float, size: float) -> list[object]:
        """Return the places of the marks, as pyqtgraph asks for them: (spacing, places)."""
        lowest, highest = sorted((lowest, highest))  # an axis may point downwards
        self._words = dict(self._marks(lowest, highest, size / self._line))
        inside = [place for place in self._words if lowest <= place <= highest]
        return [(1.0, inside)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return what is written at the marks."""
        return [self._words.get(value, "") for value in values]


def plot(axes: dict[str, pg.AxisItem]) -> pg.PlotItem:
    """Return a plot with these axes and no others, without pyqtgraph's menu and buttons."""
    made = pg.PlotItem(axisItems=axes, enableMenu=False)
    made.hideButtons()
    made.getViewBox().setBackgroundColor(GROUND)
    for side in ("left", "bottom", "top", "right"):
        made.showAxis(side, side in axes)
    return made


class LevelsItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """A picture of levels in the colours of the views.

    Qt scales pixels of 32 bits several times as fast as the indexed ones of pyqtgraph's own item.
    """

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._place = QRectF()
        self._pixels: Pixels = np.zeros((0, 0), np.uint32)
        self._shades = view_palette()

    def show_levels(self, levels: Levels, seconds: float, height: float) -> None:
        """Show levels in a picture that ends now, and begins at 0 upwards.

        Args:
            levels: uint8 [columns, rows], the newest last.
            seconds: that they last.
            height: of the picture, in the plot's units.
        """
        place = QRectF(-seconds, 0.0, seconds, height)
        if place != self._place:
            self.prepareGeometryChange()
            self._place = place
        self._pixels = np.take(self._shades, levels.T)
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the picture's place in the plot."""
        return self._place

    def paint(self, painter: QPainter, *rest: object) -> None:
        """Draw the picture."""
        rows, columns = self._pixels.shape
        if rows and columns:
            picture = QImage(
                self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32
            )
            painter.drawImage(self._place, picture)


class PlotView(QWidget):
    """A view made of plots.

    Attributes:
        canvas: pyqtgraph's widget, to which plots are added.
    """

    def __init__(self, hint: Lines, least: Lines, parent: QWidget | None = None) -> None:
        """Make an empty view.

        Args:
            hint: the size that the view would like: width and height in lines of text.
            least: the smallest size at which it can be read.
            parent: the widget that holds it.
        """
        super().__init__(parent)
        self._hint, self._least = hint, least
        self._titles: dict[pg.PlotItem, str] = {}
        self.canvas = pg.GraphicsLayoutWidget()
        self.canvas.setBackground(color(BACKGROUND))
        self.canvas.setFrameStyle(0)
        self.canvas.setMinimumSize(0, 0)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to be done by keys
        self.canvas.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.canvas.ci.layout.setSpacing(GAP)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Return the size that the view would like."""
        return self._size(self._hint)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size at which the view can be read."""
        return self._size(self._least)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of the window's type."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit_text()

    def fit_text(self) -> None:
        """Write titles and axes in the window's font."""
        line = self.fontMetrics().height()
        for made in self.canvas.ci.items:
            if made.titleLabel.text:
                self.fit_title(made, self.width())
                made.titleLabel.setMaximumHeight(1.5 * line)
                made.layout.setRowFixedHeight(0, 1.5 * line)
            for side in ("left", "bottom"):
                axis = made.getAxis(side)
                if isinstance(axis, TickAxis):
                    axis.set_font(self.font())

    def fit_title(self, made: pg.PlotItem, width: float) -> None:
        """Write as much of a plot's title as has room: pyqtgraph makes no plot narrower than it.

        Args:
            made: the plot.
            width: of the room, in pixels.
        """
        title = made.titleLabel
        whole = self._titles.setdefault(made, title.text)
        bold = QFontMetricsF(font(pixel_size(self), bold=True))
        margin = 2 * _TITLE_MARGIN
        shown = bold.elidedText(whole, Qt.TextElideMode.ElideRight, max(0.0, width - margin))
        title.setText(shown, size=f"{pixel_size(self)}px")
        title.item.setTextWidth(-1)

    def _size(self, lines: Lines) -> QSize:
        width, height = (round(each * self.fontMetrics().height()) for each in lines)
        return QSize(width, height)


def seconds_marks(lowest: float, highest: float, size: float) -> Ticks:
    """Return marks of time before now, 4.5 lines of text apart or more."""
    span = max(highest - lowest, 1e-6)
    steps = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
    step = next((each for each in steps if each * size / span >= 4.5), steps[-1])
    count = range(int(np.ceil(lowest / step)), int(np.floor(highest / step)) + 1)
    return [(at * step, f"\N{MINUS SIGN}{-at * step:g} s" if at else "now") for at in count]


def frequency_marks(axis: FrequencyAxis) -> Callable[[float, float, float], Ticks]:
    """Return the marks of an axis of frequencies whose rows are `ROWS`.

    Args:
        axis: of the rows.
    """

    def marks(lowest: float, highest: float, size: float) -> Ticks:
        shown = max(1e-6, (highest - lowest) / ROWS)
        found = axis.marks(int(size / shown))
        return [
            (axis.place(hertz) * ROWS, f"{frequency_text(hertz)} {note_name(hertz)}")
            for hertz in found
        ]

    return marks
