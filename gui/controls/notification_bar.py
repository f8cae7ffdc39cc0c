"""A bar across the window with a message and buttons that act on it."""

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ..style.theme import ACCENT, RAISED


class NotificationBar(QFrame):
    """Shows one message at a time; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setObjectName("notification")
        self.setStyleSheet(
            f"#notification {{ background: {RAISED};"
            f" border: 1px solid {ACCENT}; border-radius: 6px; }}"
        )
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setAccessibleName("Notification")
        self._buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 5, 6, 5)
        self._row.addWidget(self.text, 1)
        self.hide()

    def notify(self, text: str, actions: Mapping[str, Callable[[], object]]) -> None:
        """Show a message in place of the last one.

        Args:
            text: the message.
            actions: label of a button -> what it does; every button also closes the bar.
        """
        self.dismiss()
        self.text.setText(text)
        for label, action in {**actions, "Close": lambda: None}.items():
            button = QPushButton(label)
            button.clicked.connect(self.dismiss)
            button.clicked.connect(lambda _=False, action=action: action())
            self._row.addWidget(button)
            self._buttons.append(button)
        self.show()

    def dismiss(self) -> None:
        """Hide the bar."""
        self.hide()
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons.clear()
