"""The list of classes, the strongest on top, or those that match a search."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ..style.theme import ACCENT, HARDWARE, LINE, QUIET, RAISED, TEXT, color, font
from .ranking import Ranking

Index = QModelIndex | QPersistentModelIndex
_SCORE = int(Qt.ItemDataRole.UserRole)
_AIMED = _SCORE + 1
_MOMENTS_EACH = 3
"""Scores come thirty times a second; numbers that change so often cannot be read."""


class _Model(QAbstractListModel):
    """Names with their scores, in the order of `units`."""

    def __init__(self) -> None:
        super().__init__()
        self.names: Sequence[str] = ()
        self.units: list[int] = []
        self.scores: NDArray[np.float32] = np.zeros(0, np.float32)
        self.aimed: Collection[str] = ()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self.units)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        name = self.names[self.units[index.row()]]
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            aimed = ", dreamed of" if name in self.aimed else ""
            return f"{name}, {self._score(index):.0%}{aimed}"
        if role == _SCORE:
            return self._score(index)
        if role == _AIMED:
            return name in self.aimed
        return None

    def _score(self, index: Index) -> float:
        unit = self.units[index.row()]
        return float(self.scores[unit]) if unit < len(self.scores) else 0.0

    def show(self, units: list[int]) -> None:
        if units == self.units:
            if units:
                self.dataChanged.emit(self.index(0), self.index(len(units) - 1))
            return
        if len(units) == len(self.units):
            self.units = units
            self.dataChanged.emit(self.index(0), self.index(len(units) - 1))
            return
        self.beginResetModel()
        self.units = units
        self.endResetModel()


class _Row(QStyledItemDelegate):
    """Draws a name, its score as a number, and a bar below both."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area = QRectF(QRect(option.rect)).adjusted(6, 2, -8, -3)
        state = option.state
        score, aimed = float(index.data(_SCORE)), bool(index.data(_AIMED))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        pointed = state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected)
        if pointed or focused:
            painter.setBrush(color(RAISED))
            painter.setPen(QPen(color(HARDWARE)) if focused else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(area.adjusted(-5, -1, 5, 2), 4, 4)
        base = option.font
        painter.setFont(font(base.pixelSize(), bold=aimed))
        painter.setPen(color(ACCENT if aimed else TEXT))
        name = ("\N{BLACK DIAMOND} " if aimed else "") + str(index.data())
        metrics = painter.fontMetrics()
        figure = f"{100 * score:.0f}"
        room = area.width() - metrics.horizontalAdvance("100 ") - 4
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room))
        words = area.adjusted(0, 0, 0, -4)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.setFont(font(base.pixelSize() * 0.85))
        painter.setPen(color(QUIET))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, figure)
        track = QRectF(area.left(), area.bottom() - 3, area.width(), 3)
        painter.fillRect(track, color(LINE))
        track.setWidth(track.width() * min(max(score, 0.0), 1.0))
        painter.fillRect(track, color(ACCENT))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        height = option.fontMetrics.height()
        return QSize(120, round(height * 1.6))


class _List(QListView):
    """A list in which Enter and Space activate a row."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Activate the row on Enter or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class Classes(QWidget):
    """Finds and chooses classes.

    While the search is empty, the strongest ones are on top, and all others below, in the order of
    the network, so that they keep their places.
    """

    chosen = Signal(int, bool)
    """The unit of a class, and whether it is mixed with what is chosen already."""
    opened = Signal(int)
    """The unit of a class that the user wants to hear."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show no class yet."""
        super().__init__(parent)
        self._model = _Model()
        self._ranking = Ranking()
        self._moments = 0
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a class  (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Find a class")
        self.search.textChanged.connect(lambda text: self._refresh())
        self.search.returnPressed.connect(self._choose_first)
        self.list = _List()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setStyleSheet("border: 0; background: transparent;")
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Classes")
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self.list.doubleClicked.connect(lambda index: self.opened.emit(self._unit(index)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)

    @property
    def shown(self) -> list[str]:
        """The names in the list, from the top."""
        return [self._model.names[unit] for unit in self._model.units]

    def show_classes(self, names: Sequence[str]) -> None:
        """Show another network's classes."""
        self._model.names, self._model.scores = names, np.zeros(len(names), np.float32)
        self._ranking, self._moments = Ranking(), 0
        self._model.beginResetModel()
        self._model.units = []
        self._model.endResetModel()
        self._refresh()

    def show_scores(self, scores: NDArray[np.float32]) -> None:
        """Show the scores of all classes, (classes,), 0 to 1."""
        if len(scores) == len(self._model.names):
            self._model.scores = self._ranking.smooth(scores)
            self._moments += 1
            if self._moments % _MOMENTS_EACH == 1:
                self._refresh()

    def show_aim(self, names: Collection[str]) -> None:
        """Mark the classes that are dreamed of."""
        self._model.aimed = names
        self._refresh()

    def _refresh(self) -> None:
        wanted = self.search.text().strip().lower()
        names = self._model.names
        if wanted:
            found = [unit for unit, name in enumerate(names) if wanted in name.lower()]
            begins = [unit for unit in found if names[unit].lower().startswith(wanted)]
            self._model.show(begins + [unit for unit in found if unit not in begins])
            return
        row = max(1, self.list.sizeHintForRow(0) if self._model.units else 20)
        fits = max(1, self.list.viewport().height() // row)
        aimed = [unit for unit, name in enumerate(names) if name in self._model.aimed]
        strongest = self._ranking.strongest(self._model.scores, fits, aimed)
        on_top = set(strongest)
        self._model.show([*strongest, *(unit for unit in range(len(names)) if unit not in on_top)])

    def _unit(self, index: QModelIndex) -> int:
        return self._model.units[index.row()]

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            add = QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
            self.chosen.emit(self._unit(index), bool(add))

    def _choose_first(self) -> None:
        if self._model.units:
            self.chosen.emit(self._model.units[0], False)
            self.search.clear()
