"""A text field that opens over a control, in which a value is typed."""

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class TypedValue(QLineEdit):
    """Enter emits the text; Escape or leaving the field discards it."""

    entered = Signal(str)
    """The text that was typed."""

    def __init__(self, parent: QWidget) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName("Value")
        self.setStyleSheet("padding: 0;")
        self.hide()

    def open(self, area: QRectF, text: str, selected: bool) -> None:
        """Open over a part of the control.

        Args:
            area: in the control's pixels.
            text: what the field shows first.
            selected: whether the next key replaces the text.
        """
        self.setGeometry(area.adjusted(2, -2, -2, 2).toRect())
        self.setText(text)
        if selected:
            self.selectAll()
        self.show()
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        """Take Escape from the window's shortcuts: here it must not be a panic."""
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Emit the text, or discard it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            text = self.text().strip()
            self._close()
            if text:
                self.entered.emit(text)
        elif event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Discard the text when another widget gets the focus."""
        super().focusOutEvent(event)
        self.hide()

    def _close(self) -> None:
        self.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()
