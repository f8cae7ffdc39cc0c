"""Spectrograms of input, dream and output, side by side on one axis of frequencies."""

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from ...engine.arrays import Float
from ..style.theme import ACCENT, BACKGROUND, TEXT, color, pixel_size
from .columns import CEILING_DB, COLUMNS_PER_SECOND, FLOOR_DB, ROWS, Levels, SpectrumColumns
from .dreamed_filter import DreamedFilter
from .feed import LANES
from .frequency_axis import FrequencyAxis, frequency_text, note_name
from .plots import (
    GAP,
    SECONDS,
    LevelsItem,
    PlotView,
    TickAxis,
    frequency_marks,
    plot,
    seconds_marks,
)

KEPT_SECONDS = 45.0
"""To be looked at again: hold the picture, and drag it or zoom out."""
_KEPT = round(KEPT_SECONDS * COLUMNS_PER_SECOND)
_LEAST_NEW = 5
"""Columns that are computed and drawn at once, 15 times a second: it takes milliseconds."""
_HINT, _LEAST = (58.0, 12.0), (21.0, 5.8)


class Spectrograms(PlotView):
    """Shows three spectrograms that scroll, and the filter that is dreamed, on the same axis.

    The mouse reads frequency, time and level; its wheel zooms, a double click shows all again.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show silence."""
        super().__init__(_HINT, _LEAST, parent)
        self.axis = FrequencyAxis()
        self._columns: dict[str, SpectrumColumns] = {}
        self._sample_rate = 0
        self._kept = {lane: np.zeros((0, ROWS), np.uint8) for lane in LANES}
        self._shown = dict(self._kept)
        self._unread: dict[str, list[Float]] = {}
        self._gains: tuple[Float | None, int] | None = None
        self._plots: dict[str, pg.PlotItem] = {}
        self._pictures = {lane: LevelsItem() for lane in LANES}
        self._cursors: list[pg.InfiniteLine] = []
        for lane, title in LANES.items():
            self._add_lane(lane, title)
        self.filter = DreamedFilter(self.axis)
        self.canvas.addItem(self.filter.plot)
        self.filter.plot.setYLink(self._plots["input"])
        self._add_cursor(self.filter.plot, angle=0)
        self.reading = pg.TextItem(color=color(TEXT), fill=color(BACKGROUND, 0.85))
        self._plots["input"].addItem(self.reading, ignoreBounds=True)
        self.hold = QPushButton("Hold", self)
        self.hold.setCheckable(True)
        self.hold.setToolTip("Hold the picture; the sound goes on")
        self.hold.toggled.connect(lambda held: self._show())
        self.show_all()
        self.fit_text()
        self._point(None)
        self.canvas.scene().sigMouseMoved.connect(self._point)
        self.canvas.viewport().installEventFilter(self)
        self.setAccessibleName("Spectrograms")
        self.setAccessibleDescription(
            "Input, dream and output over the last seconds, on one axis of frequencies, and the"
            " filter that is dreamed"
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
            self._unread = {lane: [] for lane in LANES}
        for lane, unread in self._unread.items():
            unread.append(sounds[lane].mean(axis=0))
        hop = self._columns["input"].hop
        if sum(map(len, self._unread["input"])) < _LEAST_NEW * hop:
            return
        for lane, columns in self._columns.items():
            found = columns.push(np.concatenate(self._unread[lane]))
            self._unread[lane].clear()
            self._kept[lane] = np.concatenate((self._kept[lane], found))[-_KEPT:]
        if not self.hold.isChecked():
            self._show()

    def show_filter(self, gains_db: Float | None, sample_rate: int) -> None:
        """Show a filter together with the next columns; none at once. See `DreamedFilter`."""
        self._gains = (gains_db, sample_rate)
        if gains_db is None:
            self.filter.show_gains(*self._gains)

    def show_all(self) -> None:
        """Show all frequencies, and the last seconds, as at first."""
        self._plots["input"].setXRange(-SECONDS, 0.0, padding=0)
        self._plots["input"].setYRange(0.0, ROWS, padding=0)

    def shown_range(self) -> list[list[float]]:
        """Return the seconds and the rows that are shown: [[from, to], [from, to]]."""
        return [list(each) for each in self._plots["input"].viewRange()]

    def levels(self, lane: str) -> Levels:
        """Return the newest columns of a lane, uint8 [columns, rows]."""
        return self._kept[lane]

    def area(self, lane: str) -> QRectF:
        """Return the area of a lane's picture in this widget."""
        box = self._plots[lane].getViewBox()
        whole = self.canvas.mapFromScene(box.sceneBoundingRect()).boundingRect()
        return QRectF(whole).adjusted(2, 2, -2, -2)  # without the axes' lines

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make all lanes equally wide."""
        super().resizeEvent(event)
        self._share_width()

    def fit_text(self) -> None:
        """Write in the window's font, and give the axes the room that it needs."""
        super().fit_text()
        self.reading.setFont(self.font())
        self._share_width()

    def _share_width(self) -> None:
        text = self.fontMetrics()
        axis, narrow = (text.horizontalAdvance(each) for each in ("14.1 kHz A9MM", "Filter, dBMMM"))
        self._plots["input"].getAxis("left").setWidth(axis)
        gaps = len(LANES) * GAP
        lane = max(1.0, (self.width() - axis - narrow - gaps) / len(LANES))
        for column, width in enumerate((axis + lane, lane, lane, narrow)):
            self.canvas.ci.layout.setColumnFixedWidth(column, width)
        for made, width in (
            *((each, lane) for each in self._plots.values()),
            (self.filter.plot, narrow),
        ):
            self.fit_title(made, width)
        self.hold.setFixedSize(self.hold.sizeHint().width(), round(1.6 * pixel_size(self)))
        self.hold.move(0, 0)

    def hideEvent(self, event: QHideEvent) -> None:
        """Read nothing."""
        self._point(None)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show all at a double click; read nothing once the mouse has left."""
        if event.type() == QEvent.Type.MouseButtonDblClick:
            self.show_all()
            return True
        if event.type() == QEvent.Type.Leave:
            self._point(None)
        return False

    def _add_lane(self, lane: str, title: str) -> None:
        axes = {"bottom": TickAxis("bottom", seconds_marks)}
        if not self._plots:
            axes["left"] = TickAxis("left", frequency_marks(self.axis))
        made = plot(axes)
        made.setTitle(title, color=ACCENT if lane == "dream" else TEXT, bold=True)
        box = made.getViewBox()
        box.setLimits(
            xMin=-KEPT_SECONDS, xMax=0.0, yMin=0.0, yMax=ROWS, minXRange=0.1, minYRange=8.0
        )
        made.addItem(self._pictures[lane])
        for angle in (0, 90):
            self._add_cursor(made, angle)
        first = self._plots.setdefault("input", made)
        if made is not first:
            made.setXLink(first)
            made.setYLink(first)
        self._plots[lane] = made
        self.canvas.addItem(made)

    def _add_cursor(self, made: pg.PlotItem, angle: int) -> None:
        pen = pg.mkPen(color(TEXT, 0.75), style=Qt.PenStyle.DashLine)
        cursor = pg.InfiniteLine(angle=angle, pen=pen)
        cursor.setZValue(10)
        made.addItem(cursor, ignoreBounds=True)
        self._cursors.append(cursor)

    def _show(self) -> None:
        """Show the newest columns; all that is kept where the picture is held, to be dragged."""
        self._shown = dict(self._kept)
        lowest = self._plots["input"].viewRange()[0][0]
        count = int(np.ceil(-lowest * COLUMNS_PER_SECOND)) + 1
        for lane, picture in self._pictures.items():
            levels = self._kept[lane] if self.hold.isChecked() else self._kept[lane][-count:]
            seconds = len(levels) / COLUMNS_PER_SECOND
            picture.show_levels(self._fitted(levels), seconds, ROWS)
        if self._gains is not None:
            self.filter.show_gains(*self._gains)
            self._gains = None

    def _fitted(self, levels: Levels) -> Levels:
        """Return levels with no more rows than the screen can show: the loudest of each few."""
        lowest, highest = self._plots["input"].viewRange()[1]
        rows = (highest - lowest) / max(1.0, self.area("input").height() * self.devicePixelRatioF())
        for _ in range(int(np.log2(max(rows, 1.0)))):
            levels = np.maximum(levels[:, ::2], levels[:, 1::2])
        return levels

    def _point(self, place: QPointF | None) -> None:
        """Read the frequency, the time and the level at a place of the scene; None for nothing."""
        boxes = {lane: made.getViewBox() for lane, made in self._plots.items()}
        inside = (
            []
            if place is None
            else [lane for lane, box in boxes.items() if box.sceneBoundingRect().contains(place)]
        )
        for item in (self.reading, *self._cursors):
            item.setVisible(bool(inside))
        if not inside:
            return
        lane = inside[0]
        at = boxes[lane].mapSceneToView(place)
        for cursor in self._cursors:
            cursor.setValue(at.x() if cursor.angle == 90 else at.y())
        hertz = self.axis.hertz(at.y() / ROWS)
        words = f"{frequency_text(hertz)}  {note_name(hertz)}  {at.x():.2f} s"
        words = words.replace("-", "\N{MINUS SIGN}")
        level = self._level(lane, at)
        self.reading.setText(words if level is None else f"{words}  {level}")
        range_x, range_y = boxes["input"].viewRange()
        self.reading.setAnchor((0.0, 0.0 if at.y() > sum(range_y) / 2 else 1.0))
        self.reading.setPos(range_x[0], at.y())

    def _level(self, lane: str, at: QPointF) -> str | None:
        """Return the level at a place of a lane in words; None where nothing is kept."""
        levels = self._shown[lane]
        column, row = len(levels) + int(np.floor(at.x() * COLUMNS_PER_SECOND)), int(at.y())
        if not (0 <= column < len(levels) and 0 <= row < ROWS):
            return None
        decibels = FLOOR_DB + levels[column, row] / 255.0 * (CEILING_DB - FLOOR_DB)
        sign = "\N{LESS-THAN OR EQUAL TO}" if levels[column, row] == 0 else ""
        return f"{sign}{decibels:.0f} dB".replace("-", "\N{MINUS SIGN}")
