"""The dialog for presets: finds, plays, saves and deletes them, and loads them into A or B."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...engine.control.presets import (
    Preset,
    available_presets,
    load_preset,
    name_of,
    remove_preset,
    save_preset,
    user_folder,
)
from ...engine.errors import InnerearError
from ..state.parameter_controller import ParameterController
from ..state.slots import Slot, Slots

_NAME = Qt.ItemDataRole.UserRole


class PresetBrowser(QDialog):
    """Lists the presets, and can stay open during a performance."""

    def __init__(
        self, controller: ParameterController, slots: Slots, parent: QWidget | None = None
    ) -> None:
        """List all presets.

        Args:
            controller: plays presets and holds the parameters that are saved.
            slots: A and B.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle("Presets")
        self._controller, self._slots = controller, slots
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a preset")
        self.search.setAccessibleName("Find a preset")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.list = QListWidget()
        self.list.setAccessibleName("Presets")
        self.list.setWordWrap(True)
        self.list.setSpacing(1)
        self.list.itemActivated.connect(lambda item: self.play())
        self.list.currentItemChanged.connect(lambda now, before: self._describe())
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.play_button = QPushButton("Play")
        self.play_button.setDefault(True)
        self.play_button.clicked.connect(self.play)
        self.to_a, self.to_b = QPushButton("Into A"), QPushButton("Into B")
        self.to_a.clicked.connect(lambda: self.load("a"))
        self.to_b.clicked.connect(lambda: self.load("b"))
        self.save_button = QPushButton("Save what plays …")
        self.save_button.clicked.connect(self._ask_and_save)
        self.delete_button = QPushButton("Delete …")
        self.delete_button.clicked.connect(self._ask_and_delete)
        buttons = QGridLayout()
        buttons.addWidget(self.play_button, 0, 0, 1, 2)
        buttons.addWidget(self.to_a, 1, 0)
        buttons.addWidget(self.to_b, 1, 1)
        side = QVBoxLayout()
        side.addWidget(self.words, 1)
        side.addLayout(buttons)
        side.addSpacing(12)
        side.addWidget(self.save_button)
        side.addWidget(self.delete_button)
        row = QHBoxLayout()
        row.addWidget(self.list, 3)
        row.addLayout(side, 2)
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addLayout(row, 1)
        self.resize(self.fontMetrics().height() * 38, self.fontMetrics().height() * 26)
        self.refresh()

    @property
    def chosen(self) -> str:
        """The name of the selected preset; empty if none is selected."""
        item = self.list.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    def choose(self, name: str) -> None:
        """Select a preset."""
        for row in range(self.list.count()):
            if self.list.item(row).data(_NAME) == name:
                self.list.setCurrentRow(row)

    def refresh(self) -> None:
        """List the presets that exist now."""
        kept = self.chosen or self._controller.preset
        self.list.clear()
        for name, path in available_presets().items():
            preset = self._load(name)
            title = preset.title if preset is not None else f"{name} (damaged)"
            if path.parent == user_folder():
                title += "  \N{MIDDLE DOT} yours"
            item = QListWidgetItem(title)
            item.setData(_NAME, name)
            if preset is not None:
                item.setToolTip(preset.description)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.choose(kept)
        self._filter()
        self._describe()

    def play(self) -> None:
        """Play the selected preset."""
        if self.chosen:
            self._controller.attempt(lambda: self._controller.play_preset(self.chosen))

    def load(self, slot: Slot) -> None:
        """Load the selected preset into a slot."""
        if self.chosen:
            self._controller.attempt(lambda: self._slots.load(slot, load_preset(self.chosen)))

    def save(self, title: str, replace: bool = False) -> bool:
        """Save the present parameters as a preset.

        Args:
            title: of the preset; its name is derived from it.
            replace: whether an existing preset of the user may be replaced.

        Returns:
            whether it was saved.
        """
        preset = Preset.of(self._controller.parameters, name_of(title), title)
        saved = self._controller.attempt(lambda: save_preset(preset, replace))
        if saved:
            self._controller.show_message(f"Saved the preset {title!r}.")
            self.refresh()
            self.choose(preset.name)
        return saved

    def delete(self) -> None:
        """Delete the selected preset."""
        if self._controller.attempt(lambda: remove_preset(self.chosen)):
            self.refresh()

    def _ask_and_save(self) -> None:
        title, given = QInputDialog.getText(self, "Save what plays", "Name of the preset")
        title = title.strip()
        if not given or not title:
            return
        if (user_folder() / f"{name_of(title)}.json").exists():
            question = f"You have a preset {title!r} already. Replace it?"
            if QMessageBox.question(self, "Replace?", question) != QMessageBox.StandardButton.Yes:
                return
            self.save(title, replace=True)
        else:
            self.save(title)

    def _ask_and_delete(self) -> None:
        question = f"Delete your preset {self.chosen!r}?"
        if QMessageBox.question(self, "Delete?", question) == QMessageBox.StandardButton.Yes:
            self.delete()

    def _filter(self) -> None:
        wanted = self.search.text().strip().lower()
        for row in range(self.list.count()):
            item = self.list.item(row)
            words = f"{item.text()} {item.toolTip()}".lower()
            item.setHidden(wanted not in words)

    def _describe(self) -> None:
        path = available_presets().get(self.chosen)
        preset = self._load(self.chosen) if self.chosen else None
        self.delete_button.setEnabled(path is not None and path.parent == user_folder())
        for button in (self.play_button, self.to_a, self.to_b):
            button.setEnabled(preset is not None)
        if preset is None:
            self.words.setText("Choose a preset." if not self.chosen else "This file is damaged.")
            return
        values = preset.values()
        aim = f"{values['model']}: {values['target']} on {values['layer']}"
        self.words.setText(f"<b>{preset.title}</b><br>{preset.description}<br><br>{aim}")

    def _load(self, name: str) -> Preset | None:
        try:
            return load_preset(name)
        except InnerearError:
            return None
