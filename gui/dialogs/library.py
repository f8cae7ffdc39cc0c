"""The dialog for a library of dreams: finds items, and loads their settings into A or B."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from ..controls.dialog_button import dialog_button
from ..controls.wrapped_label import WrappedLabel
from ..jobs.background import in_background
from ..state.listed_items import MOST, ListedItem, list_items
from ..state.parameter_controller import ParameterController
from ..state.settings import WindowSettings
from ..state.slots import Slot, Slots

_LISTED = Qt.ItemDataRole.UserRole


class LibraryBrowser(QDialog):
    """Lists the items of a library that meet a condition."""

    def __init__(
        self,
        controller: ParameterController,
        slots: Slots,
        settings: WindowSettings,
        parent: QWidget | None = None,
    ) -> None:
        """Open the library that was opened last, when the dialog is shown.

        Args:
            controller: shows messages.
            slots: A and B.
            settings: of the window; remember the library.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle("Library")
        self._controller, self._slots, self._settings = controller, slots, settings
        self._asked = 0
        self.place = QLabel()
        self.place.setTextFormat(Qt.TextFormat.PlainText)
        self.open_button = dialog_button("Open …", self._ask_folder)
        self.condition = QLineEdit()
        self.condition.setPlaceholderText("score > 0.5 and target = 'Brass'")
        self.condition.setAccessibleName("Condition")
        self.condition.setClearButtonEnabled(True)
        self.condition.returnPressed.connect(self.ask)
        self.list = QListWidget()
        self.list.setAccessibleName("Dreams")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.currentItemChanged.connect(lambda now, before: self._describe())
        self.words = QTextEdit()
        self.words.setReadOnly(True)
        self.words.setFrameShape(QTextEdit.Shape.NoFrame)
        self.words.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words.setStyleSheet("background: transparent;")
        self.message = WrappedLabel()
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.to_a = dialog_button("Into A", lambda: self.load("a"))
        self.to_b = dialog_button("Into B", lambda: self.load("b"))
        self._lay_out()
        self._describe()

    def showEvent(self, event: QShowEvent) -> None:
        """List what the library has now."""
        super().showEvent(event)
        self.condition.setFocus()
        self.ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the selection with the arrows, also from the condition."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        step = steps.get(Qt.Key(event.key())) if event.key() in steps else None
        if step is None:
            super().keyPressEvent(event)
        else:
            row = min(max(self.list.currentRow() + step, 0), self.list.count() - 1)
            self.list.setCurrentRow(row)

    def open_library(self, folder: str) -> None:
        """Open a library, and list its items."""
        self._settings.library = folder
        self.ask()

    def ask(self) -> None:
        """List the items that meet the condition; the library is asked on a thread."""
        address, where = self._settings.library, self.condition.text()
        self.place.setText(address or "No library is open.")
        if not address:
            return
        self._asked += 1
        number = self._asked
        self.message.setText("…")

        def read() -> list[ListedItem]:
            from ...library.library import Library

            return list_items(Library(address), where)

        in_background(
            read,
            lambda found: self._show(number, found),
            lambda line: self._show(number, [], line),
        )

    def load(self, slot: Slot) -> None:
        """Load the settings of the selected item into a slot."""
        listed = self._chosen()
        if listed is None or listed.preset is None:
            return
        preset = listed.preset
        if self._controller.attempt(lambda: self._slots.load(slot, preset)):
            self._controller.show_message(f"{preset.title} is in slot {slot.upper()}.")

    def _show(self, number: int, found: object, problem: str = "") -> None:
        if number != self._asked:
            return  # another condition was typed meanwhile
        assert isinstance(found, list)
        self.list.clear()
        for listed in found:
            item = QListWidgetItem(listed.text)
            item.setData(_LISTED, listed)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        count = f"The first {MOST}." if len(found) == MOST else f"{len(found)} dreams."
        self.message.setText(problem or count)
        self._describe()

    def _chosen(self) -> ListedItem | None:
        item = self.list.currentItem()
        listed: ListedItem | None = None if item is None else item.data(_LISTED)
        return listed

    def _describe(self) -> None:
        listed = self._chosen()
        for button in (self.to_a, self.to_b):
            button.setEnabled(listed is not None and listed.preset is not None)
        if listed is None:
            self.words.setHtml("Open a library, and choose a dream.")
            return
        lines = [listed.preset.title] if listed.preset is not None else [listed.problem]
        title, *rest = (escape(line) for line in (*lines, *listed.details))
        self.words.setHtml("<br><br>".join([f"<b>{title}</b>", *rest]))

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, "Open a library of dreams", self._settings.library
        )
        if folder:
            self.open_library(folder)

    def _lay_out(self) -> None:
        top, row, buttons = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.place, 1)
        top.addWidget(self.open_button)
        buttons.addWidget(self.to_a)
        buttons.addWidget(self.to_b)
        side = QVBoxLayout()
        side.addWidget(self.words, 1)
        side.addLayout(buttons)
        row.addWidget(self.list, 3)
        row.addLayout(side, 2)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self.condition)
        column.addLayout(row, 1)
        column.addWidget(self.message)
        em = self.fontMetrics().height()
        self.resize(em * 46, em * 30)
