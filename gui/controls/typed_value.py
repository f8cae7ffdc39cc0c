"""A small line over a control, for a value that is typed."""

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class TypedValue(QLineEdit):
    """Appears where it is opened; Enter takes the text, Escape or leaving forgets it."""

    entered = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        """Stay hidden until it is opened."""
        super().__init__(parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName("Value")
        self.setStyleSheet("padding: 0;")
        self.hide()

    def open(self, area: QRectF, text: str, selected: bool) -> None:
        """Appear over `area` of the control.

        Args:
            area: in the control's pixels.
            text: to begin with.
            selected: whether the next key replaces it.
        """
        self.setGeometry(area.adjusted(2, -2, -2, 2).toRect())
        self.setText(text)
        if selected:
            self.selectAll()
        self.show()
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        """Keep Escape to itself: it forgets the text, and is no panic meanwhile."""
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the text, or forget it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            text = self.text().replace("\N{MINUS SIGN}", "-").strip()
            self._close()
            if text:
                self.entered.emit(text)
        elif event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget the text when something else is used."""
        super().focusOutEvent(event)
        self.hide()

    def _close(self) -> None:
        self.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()
