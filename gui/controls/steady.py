"""Buttons whose size does not follow their text, so that nothing beside them moves."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
    QWidget,
)


class SteadyButton(QPushButton):
    """A push button with room for its widest text; longer texts are cut off with an ellipsis."""

    def __init__(
        self, text: str, widest: str, narrowest: str = "", parent: QWidget | None = None
    ) -> None:
        """Show a text.

        Args:
            text: at first.
            widest: the text for which there is room.
            narrowest: the text for which there is room in a narrow window; by default the widest.
            parent: the widget that holds it.
        """
        super().__init__(text, parent)
        self._widest, self._narrowest = widest, narrowest or widest
        if narrowest:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size with the widest text."""
        return _with_room(self, super().sizeHint(), self._widest)

    def minimumSizeHint(self) -> QSize:
        """Return the size in a narrow window."""
        return _with_room(self, super().sizeHint(), self._narrowest)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button, with as much of its text as fits."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        inside = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, inside.width()
        )
        option.text = shown.replace("&", "&&")  # a name has no key of its own
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


class SteadyToolButton(QToolButton):
    """A tool button with room for its widest text."""

    def __init__(self, text: str, widest: str, parent: QWidget | None = None) -> None:
        """Show a text; see `SteadyButton`."""
        super().__init__(parent)
        self._widest = widest
        self.setText(text)

    def sizeHint(self) -> QSize:
        """Return the size with the widest text."""
        return _with_room(self, super().sizeHint(), self._widest)

    def minimumSizeHint(self) -> QSize:
        """Return the same size."""
        return self.sizeHint()


def _with_room(button: QAbstractButton, hint: QSize, widest: str) -> QSize:
    """Return a size for the present text, with the width that the widest text needs."""

    def width(text: str) -> int:  # as Qt's own hints measure it
        return button.fontMetrics().size(Qt.TextFlag.TextShowMnemonic.value, text).width()

    return QSize(hint.width() - width(button.text()) + width(widest), hint.height())
