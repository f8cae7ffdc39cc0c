"""The dialog for presets: finds, plays, saves, names and deletes them; loads them into A or B."""

import dataclasses
from html import escape

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...engine.control.favourites import favourite_presets, rename_favourite, set_favourite
from ...engine.control.presets import (
    Preset,
    load_preset,
    name_of,
    remove_preset,
    rename_preset,
    save_preset,
    tag_preset,
)
from ...engine.packs.adding.addable import PUBLISHED
from ..controls.dialog_button import dialog_button
from ..controls.drop_down import DropDown
from ..controls.question import agrees
from ..state.listed_presets import ListedPreset, list_presets, list_tags
from ..state.parameter_controller import ParameterController
from ..state.slots import Slot, Slots
from ..style.theme import FAINT, color
from .browser import LISTED, Browser

_ALL, _FAVOURITES, _YOURS = "All presets", "Favourites", "Yours"


class PresetBrowser(Browser):
    """Lists the presets, and can stay open during a performance."""

    changed = Signal()
    """Emitted when a preset was saved, renamed or deleted."""
    model_wanted = Signal()
    """Emitted when the user asks for a model that a preset needs."""

    def __init__(
        self, controller: ParameterController, slots: Slots, parent: QWidget | None = None
    ) -> None:
        """List all presets.

        Args:
            controller: plays presets and holds the parameters that are saved.
            slots: A and B.
            parent: the window.
        """
        super().__init__("Presets", "Presets", parent)
        self._controller, self._slots = controller, slots
        self._played = controller.preset
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a preset")
        self.search.setAccessibleName("Find a preset")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.which = DropDown()
        self.which.setAccessibleName("Which presets are listed")
        self.which.activated.connect(lambda index: self._filter())
        self.list.setSpacing(1)
        self.list.itemDoubleClicked.connect(lambda item: self.play())
        self.play_button = dialog_button("Play", self.play)
        self.play_button.setDefault(True)
        self.favourite = dialog_button("Favourite", self._toggle_favourite)
        self.favourite.setCheckable(True)
        self.save_button = dialog_button("Save what plays …", self._ask_and_save)
        self.rename_button = dialog_button("Rename …", self._ask_and_rename)
        self.tags_button = dialog_button("Tags …", self._ask_and_tag)
        self.delete_button = dialog_button("Delete …", self._ask_and_delete)
        self._lay_out()
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Let the user type what is looked for."""
        super().showEvent(event)
        self.search.setFocus()
        self.search.selectAll()

    @property
    def chosen(self) -> str:
        """The name of the selected preset; empty if none is selected."""
        listed: ListedPreset | None = self._chosen()
        return listed.name if listed is not None else ""

    def choose(self, name: str) -> None:
        """Select a preset, if it is listed now."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(LISTED).name == name and not item.isHidden():
                self.list.setCurrentRow(row)

    def show_status(self, status: object) -> None:
        """Select the preset that was played elsewhere: by a key, a controller, another client."""
        if self._controller.preset != self._played:
            self._played = self._controller.preset
            self.choose(self._played)

    def refresh(self) -> None:
        """List the presets that exist now."""
        kept = self.chosen or self._controller.preset
        which = self.which.currentText() or _ALL
        presets = list_presets()
        self.which.clear()
        self.which.addItems([_ALL, _FAVOURITES, _YOURS, *list_tags(presets)])
        self.which.setCurrentText(which)
        self.list.blockSignals(True)
        self.list.clear()
        for listed in presets:
            item = QListWidgetItem(listed.text)
            item.setData(LISTED, listed)
            item.setToolTip(listed.description)
            if listed.problem:
                item.setForeground(color(FAINT))
                item.setToolTip(f"{listed.description}\n{listed.title} {listed.problem}.")
            self.list.addItem(item)
        self.list.blockSignals(False)
        self._filter()
        self.choose(kept)
        self._describe()

    def play(self) -> None:
        """Play the selected preset; where its model is missing, offer to add that."""
        listed: ListedPreset | None = self._chosen()
        if listed is None:
            return
        if listed.missing_model:
            self.model_wanted.emit()
            return
        if self._controller.attempt(lambda: self._controller.play_preset(listed.name)):
            self._played = listed.name  # it is selected; the next selection is the user's

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
        for listed in list_presets() if replace else ():
            if listed.name == preset.name:  # another sound of the same, in the user's own words
                preset = dataclasses.replace(
                    preset, description=listed.description, tags=listed.tags
                )
        saved = self._controller.attempt(lambda: save_preset(preset, replace))
        if saved:
            self._controller.show_message(f"Saved the preset {title!r}.")
            self._list_anew(preset.name)
        return saved

    def rename(self, name: str, title: str) -> bool:
        """Give a preset another title; return whether it has it now."""
        names = list[str]()

        def change() -> None:
            names.append(rename_preset(name, title))
            rename_favourite(name, names[0])

        done = self._controller.attempt(change)
        self._list_anew(names[0] if names else name)
        return done

    def tag(self, name: str, text: str) -> bool:
        """Give a preset tags, separated by commas; return whether it has them now."""
        tags = [tag.strip() for tag in text.split(",") if tag.strip()]
        done = self._controller.attempt(lambda: tag_preset(name, tags))
        self._list_anew(name)
        return done

    def delete(self, name: str) -> None:
        """Delete a preset."""
        if self._controller.attempt(lambda: remove_preset(name)):
            self._list_anew("")

    def _list_anew(self, name: str) -> None:
        self.refresh()
        self.choose(name)
        self.changed.emit()

    def _ask_and_save(self) -> None:
        title, given = QInputDialog.getText(self, "Save what plays", "Name of the preset")
        title = title.strip()
        if not given or not title:
            return
        own = {listed.name for listed in list_presets() if listed.is_own}
        if name_of(title) not in own:
            self.save(title)
        elif agrees(self, "Replace?", f"You have a preset {title!r} already. Replace it?"):
            self.save(title, replace=True)

    def _ask_and_rename(self) -> None:
        listed: ListedPreset | None = self._chosen()
        if listed is not None:
            title, given = QInputDialog.getText(
                self, "Rename", "Name of the preset", QLineEdit.EchoMode.Normal, listed.title
            )
            if given and title.strip():
                self.rename(listed.name, title.strip())

    def _ask_and_tag(self) -> None:
        listed: ListedPreset | None = self._chosen()
        if listed is not None:
            text, given = QInputDialog.getText(
                self,
                "Tags",
                "Words, separated by commas",
                QLineEdit.EchoMode.Normal,
                ", ".join(listed.tags),
            )
            if given:
                self.tag(listed.name, text)

    def _ask_and_delete(self) -> None:
        name = self.chosen  # while the question is open, another may be played, and selected
        if agrees(self, "Delete?", f"Delete your preset {name!r}?"):
            self.delete(name)

    def _toggle_favourite(self) -> None:
        name = self.chosen
        if name:
            favourite = name not in favourite_presets()
            self._controller.attempt(lambda: set_favourite(name, favourite))
            self.refresh()

    def _filter(self) -> None:
        """List what matches; select the first of it unless the selection is among it."""
        which, wanted = self.which.currentText(), self.search.text()
        for row in range(self.list.count()):
            item = self.list.item(row)
            listed: ListedPreset = item.data(LISTED)
            chosen = {
                _ALL: True,
                _FAVOURITES: listed.is_favourite,
                _YOURS: listed.is_own,
            }.get(which, which in listed.tags)
            item.setHidden(not (chosen and listed.matches(wanted)))
        if self._chosen() is None:
            self.list.setCurrentRow(-1)
            self._move(1)

    def _describe(self) -> None:
        listed: ListedPreset | None = self._chosen()
        for button in (self.rename_button, self.tags_button, self.delete_button):
            button.setEnabled(listed is not None and listed.is_own)
        playable = listed is not None and not listed.problem
        missing = listed.missing_model if listed is not None else ""
        add = "Add YAMNet …" if missing in PUBLISHED else "Add its model …"
        self.play_button.setText(add if missing else "Play")
        self.play_button.setEnabled(playable or bool(missing))
        for button in (self.to_a, self.to_b):
            button.setEnabled(playable)
        self.favourite.setEnabled(listed is not None)
        self.favourite.setChecked(listed is not None and listed.is_favourite)
        self.words.setHtml("Choose a preset." if listed is None else _description(listed))

    def _lay_out(self) -> None:
        buttons = QGridLayout()
        for row, columns in enumerate(
            (
                (self.play_button,),
                (self.to_a, self.to_b),
                (self.favourite,),
                (self.save_button,),
                (self.rename_button, self.tags_button),
                (self.delete_button,),
            )
        ):
            for column, button in enumerate(columns):
                buttons.addWidget(button, row, column, 1, 2 // len(columns))
        top, row_ = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.search, 3)
        top.addWidget(self.which, 2)
        row_.addWidget(self.list, 3)
        row_.addLayout(self._words_over(buttons), 2)
        column_ = QVBoxLayout(self)
        column_.addLayout(top)
        column_.addLayout(row_, 1)
        em = self.fontMetrics().height()
        self.resize(em * 42, em * 30)


def _description(listed: ListedPreset) -> str:
    """Return what the dialog says about a preset, as rich text."""
    lines = [f"<b>{escape(listed.title)}</b>", escape(listed.description), escape(listed.aim)]
    if listed.tags:
        lines.append(escape(", ".join(listed.tags)))
    if listed.problem:
        lines.append(f"It {escape(listed.problem)}.")
    return "<br><br>".join(line for line in lines if line)
