"""A part of the window that can be scrolled where it has less room than it needs."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_LEAST_WIDTH, _LEAST_HEIGHT = 16, 4
"""In lines of text, that are seen at least."""


class ScrollArea(QScrollArea):
    """Shows a widget as large as the room allows; scrolls to the control that gets the focus."""

    def __init__(self, shown: QWidget, parent: QWidget | None = None) -> None:
        """Show a widget.

        Args:
            shown: the widget, which belongs to the area from now on.
            parent: the widget that holds the area.
        """
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(shown)
        self._shown = shown

    def sizeHint(self) -> QSize:
        """Return the size that the widget would like."""
        return self._shown.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return a size for a few lines of text: the rest can be scrolled to."""
        line = self.fontMetrics().height()
        return QSize(_LEAST_WIDTH * line, _LEAST_HEIGHT * line)
