"""The dialog for a library of dreams: finds items, and loads their settings into A or B."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidgetItem,
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
from .browser import LISTED, Browser


class LibraryBrowser(Browser):
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
        super().__init__("Library", "Dreams", parent)
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
        self.message = WrappedLabel()
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self._describe()

    def showEvent(self, event: QShowEvent) -> None:
        """List what the library has now."""
        super().showEvent(event)
        self.condition.setFocus()
        self.ask()

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
        listed: ListedItem | None = self._chosen()
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
            item.setData(LISTED, listed)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        count = f"The first {MOST}." if len(found) == MOST else f"{len(found)} dreams."
        self.message.setText(problem or count)
        self._describe()

    def _describe(self) -> None:
        listed: ListedItem | None = self._chosen()
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
        row.addWidget(self.list, 3)
        row.addLayout(self._words_over(buttons), 2)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self.condition)
        column.addLayout(row, 1)
        column.addWidget(self.message)
        em = self.fontMetrics().height()
        self.resize(em * 46, em * 30)
