"""Plots in the window's colours: pyqtgraph's plots, images and axes as every view has them."""

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ..style.colours import GROUND, view_palette
from ..style.theme import BACKGROUND, FAINT, QUIET, color
from .columns import ROWS
from .frequency_axis import FrequencyAxis, frequency_text, note_name

GAP = 6
"""Pixels between two plots."""
Ticks = list[tuple[float, str]]
"""Places on an axis, and what is written there."""


class TickAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis whose marks are a function of its range and its length."""

    def __init__(self, side: str, marks: Callable[[float, float, float], Ticks]) -> None:
        """Make an axis.

        Args:
            side: `left` or `bottom`.
            marks: (lowest, highest, length in pixels) -> the marks.
        """
        self._marks = marks
        super().__init__(side, pen=pg.mkPen(color(FAINT)), textPen=pg.mkPen(color(QUIET)))
        self.setStyle(tickLength=4, autoExpandTextSpace=False, hideOverlappingLabels=True)

    def tickValues(self, lowest: float, highest: float, size: float) -> list[object]:
        """Return the places of the marks, as pyqtgraph asks for them: (spacing, places)."""
        lowest, highest = sorted((lowest, highest))  # an axis may point downwards
        self._words = dict(self._marks(lowest, highest, size))
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


def image() -> pg.ImageItem:
    """Return a picture of uint8 levels [columns, rows] in the colours of the views."""
    shades = view_palette()
    parts = [(shades >> shift) & 0xFF for shift in (16, 8, 0)]
    made = pg.ImageItem(levels=(0, 255))
    made.setLookupTable(np.stack(parts, axis=1).astype(np.uint8))
    return made


def show_levels(
    picture: pg.ImageItem, levels: np.ndarray, seconds: float, bottom: float, top: float
) -> None:
    """Put levels into a picture that ends now.

    Args:
        picture: from `image`.
        levels: uint8 [columns, rows], the newest last.
        seconds: that they last.
        bottom, top: of the picture, in the plot's units.
    """
    picture.setImage(levels, autoLevels=False)
    picture.setRect(QRectF(-seconds, bottom, seconds, top - bottom))


class PlotView(QWidget):
    """A view made of plots.

    Attributes:
        canvas: pyqtgraph's widget, to which plots are added.
    """

    def __init__(self, hint: QSize, least: QSize, parent: QWidget | None = None) -> None:
        """Make an empty view.

        Args:
            hint: the size that the view would like.
            least: the smallest size at which it can be read.
            parent: the widget that holds it.
        """
        super().__init__(parent)
        self._hint, self._least = hint, least
        self.canvas = pg.GraphicsLayoutWidget()
        self.canvas.setBackground(color(BACKGROUND))
        self.canvas.setFrameStyle(0)
        self.canvas.setMinimumSize(0, 0)
        self.canvas.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.canvas.ci.layout.setSpacing(GAP)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Return the size that the view would like."""
        return self._hint

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size at which the view can be read."""
        return self._least


def seconds_marks(lowest: float, highest: float, size: float) -> Ticks:
    """Return marks of time before now, about 70 pixels apart or more."""
    span = max(highest - lowest, 1e-6)
    steps = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
    step = next((each for each in steps if each * size / span >= 70.0), steps[-1])
    count = range(int(np.ceil(lowest / step)), int(np.floor(highest / step)) + 1)
    return [(at * step, f"\N{MINUS SIGN}{-at * step:g} s" if at else "now") for at in count]


def frequency_marks(axis: FrequencyAxis) -> Callable[[float, float, float], Ticks]:
    """Return the marks of an axis of frequencies whose rows are `ROWS`.

    Args:
        axis: of the rows.
    """

    def marks(lowest: float, highest: float, size: float) -> Ticks:
        shown = max(1e-6, (highest - lowest) / ROWS)
        found = axis.marks(int(size / shown / 15.0))
        return [
            (axis.place(hertz) * ROWS, f"{frequency_text(hertz)} {note_name(hertz)}")
            for hertz in found
        ]

    return marks
