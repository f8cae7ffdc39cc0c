"""What the dialogs share that find something in a list, and load it into A or B."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLayout, QListWidget, QTextEdit, QVBoxLayout, QWidget

from ..controls.dialog_button import dialog_button
from ..state.slots import Slot

LISTED = Qt.ItemDataRole.UserRole
"""What an item of the list stands for."""


class Browser(QDialog):
    """A list, through which the arrows move from the field above it, too, and words beside it.

    Attributes:
        list: its items have data in the role `LISTED`; hidden ones are passed over.
        words: about the chosen item.
        to_a, to_b: buttons that load it.
    """

    def __init__(self, title: str, listed: str, parent: QWidget | None) -> None:
        """Make the list, empty.

        Args:
            title: of the dialog.
            listed: what is in the list, for those who cannot see it.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self.list = QListWidget()
        self.list.setAccessibleName(listed)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.currentItemChanged.connect(lambda now, before: self._describe())
        self.words = QTextEdit()
        self.words.setReadOnly(True)
        self.words.setFrameShape(QTextEdit.Shape.NoFrame)
        self.words.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words.setStyleSheet("background: transparent;")
        self.to_a = dialog_button("Into A", lambda: self.load("a"))
        self.to_b = dialog_button("Into B", lambda: self.load("b"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the selection with the arrows, also from the field above."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in steps:
            self._move(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def load(self, slot: Slot) -> None:
        """Load what is chosen into a slot."""
        raise NotImplementedError

    def _describe(self) -> None:
        """Say what is chosen, and what can be done with it."""
        raise NotImplementedError

    def _chosen(self) -> Any:
        """Return what the chosen item stands for; None where none is."""
        item = self.list.currentItem()
        return None if item is None or item.isHidden() else item.data(LISTED)

    def _move(self, step: int) -> None:
        row = self.list.currentRow() + step
        while 0 <= row < self.list.count() and self.list.item(row).isHidden():
            row += step
        if 0 <= row < self.list.count():
            self.list.setCurrentRow(row)

    def _words_over(self, buttons: QLayout) -> QVBoxLayout:
        """Return the column beside the list."""
        side = QVBoxLayout()
        side.addWidget(self.words, 1)
        side.addLayout(buttons)
        return side
