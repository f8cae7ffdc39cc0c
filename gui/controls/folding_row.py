"""A row of controls that leaves out the less important ones where there is no room for all."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

_GAP = 5
"""Pixels between two controls; twice as many between two groups."""
_MARGINS = 8, 6, 8, 6


class FoldingRow(QFrame):
    """Groups of controls side by side; what is folded away is hidden, and listed in `folded`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty row."""
        super().__init__(parent)
        self._groups: list[tuple[QWidget, ...]] = []
        self._order: Sequence[Collection[QWidget]] = ()
        self._unused: Collection[QWidget] = ()
        self._least = QSize()
        self.folded: list[QWidget] = []
        """What is hidden for want of room."""
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(*_MARGINS)
        self._row.setSpacing(2 * _GAP)

    def add_group(self, *widgets: QWidget, stretch: Sequence[int] = ()) -> None:
        """Add controls that belong together.

        Args:
            widgets: from the left.
            stretch: how much of the room that is left each of them takes; 0 for all by default.
        """
        group = QHBoxLayout()
        group.setSpacing(_GAP)
        for widget, share in zip(widgets, stretch or [0] * len(widgets), strict=True):
            group.addWidget(widget, share)
        self._row.addLayout(group, sum(stretch))
        self._groups.append(widgets)

    def fold_in_order(self, order: Sequence[Collection[QWidget]]) -> None:
        """Say what is folded away first, second and so on; all others stay."""
        self._order = order
        self._fold()

    def leave_out(self, widgets: Collection[QWidget]) -> None:
        """Hide controls that are not used now, whether or not there is room."""
        self._unused = widgets
        self._fold()

    def minimumSizeHint(self) -> QSize:
        """Return the size of the controls that are never folded away."""
        foldable = {widget for widgets in self._order for widget in widgets}
        return QSize(self._width_without(foldable), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold away what has no room."""
        super().resizeEvent(event)
        self._fold()

    def event(self, event: QEvent) -> bool:
        """Fold again after a control has changed its size, with the size of type for example."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fold()
        return handled

    def _fold(self) -> None:
        self.folded = []
        for widgets in self._order:
            if self._width_without(self.folded) <= self.width():
                break
            self.folded += [widget for widget in widgets if widget not in self._unused]
        for group in self._groups:
            for widget in group:
                shown = self._is_used(widget, self.folded)
                if widget.isHidden() == shown:
                    widget.setVisible(shown)
        least = self.minimumSizeHint()
        if least != self._least:  # larger type needs a higher row, also where nothing is folded
            self._least = least
            self.updateGeometry()

    def _is_used(self, widget: QWidget, without: Collection[QWidget]) -> bool:
        return widget not in self._unused and widget not in without

    def _width_without(self, without: Collection[QWidget]) -> int:
        """Return the least width of the row without some of its controls."""
        width = _MARGINS[0] + _MARGINS[2] - 2 * _GAP
        for group in self._groups:
            shown = [_least_width(each) for each in group if self._is_used(each, without)]
            width += sum(shown) + _GAP * (len(shown) + 1) if shown else 0
        return width


def _least_width(widget: QWidget) -> int:
    """Return the least width that a layout gives to a widget, also to one that is hidden."""
    widget.ensurePolished()
    least, hint = widget.minimumSizeHint().width(), widget.sizeHint().width()
    shrinks = widget.sizePolicy().horizontalPolicy().value & QSizePolicy.PolicyFlag.ShrinkFlag.value
    return max(widget.minimumWidth(), least if shrinks else max(hint, least))
