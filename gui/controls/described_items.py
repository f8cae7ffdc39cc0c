"""A list's items in two lines: a title, and under it what it is."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from ..style.theme import QUIET, TEXT, color

TITLE_ROLE = Qt.ItemDataRole.UserRole + 1
"""The first line."""
LINE_ROLE = Qt.ItemDataRole.UserRole + 2
"""The second."""
_Index = QModelIndex | QPersistentModelIndex
_PADDING = 6


class DescribedItems(QStyledItemDelegate):
    """Draws items by `TITLE_ROLE` and `LINE_ROLE`; their own text is what a closed box shows."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of both lines."""
        metrics = option.fontMetrics
        widest = max(metrics.horizontalAdvance(text) for text in _lines(index))
        return QSize(widest + 2 * _PADDING, 2 * metrics.height() + _PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the background as the style does, and both lines."""
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        painter.save()
        chosen = option.palette.highlightedText()
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        height = option.fontMetrics.height()
        area = option.rect.adjusted(_PADDING, _PADDING // 2, -_PADDING, 0)
        for row, (text, tone) in enumerate(zip(_lines(index), (TEXT, QUIET), strict=True)):
            place = QRect(area.left(), area.top() + row * height, area.width(), height)
            shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
            painter.setPen(chosen.color() if is_chosen else color(tone))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


def _lines(index: _Index) -> tuple[str, str]:
    return str(index.data(TITLE_ROLE) or ""), str(index.data(LINE_ROLE) or "")
