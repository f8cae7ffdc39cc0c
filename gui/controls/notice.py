"""A bar across the window that says what is missing, with buttons that help."""

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ..style.theme import ACCENT, RAISED


class Notice(QFrame):
    """Hidden while nothing is missing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hide."""
        super().__init__(parent)
        self.setObjectName("notice")
        self.setStyleSheet(
            f"#notice {{ background: {RAISED}; border: 1px solid {ACCENT}; border-radius: 6px; }}"
        )
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setAccessibleName("Notice")
        self._buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 5, 6, 5)
        self._row.addWidget(self.text, 1)
        self.hide()

    def tell(self, text: str, actions: Mapping[str, Callable[[], object]]) -> None:
        """Say something.

        Args:
            text: what is missing.
            actions: what a button says -> what it does; each also closes the bar.
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
        """Hide again."""
        self.hide()
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons.clear()
