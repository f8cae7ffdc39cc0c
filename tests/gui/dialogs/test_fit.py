"""Dialogs are as large as their texts, whatever the size of type."""

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel
from pytestqt.qtbot import QtBot

from innerear.engine.parameters import PARAMETERS
from innerear.gui.crash import ReportDialog
from innerear.gui.dialogs.about import about_box
from innerear.gui.dialogs.devices import DeviceDialog
from innerear.gui.dialogs.documentation import Documentation
from innerear.gui.dialogs.library import LibraryBrowser
from innerear.gui.dialogs.midi import MidiDialog
from innerear.gui.dialogs.midi_range import MidiRangeDialog
from innerear.gui.dialogs.models import LessonDialog, ModelManager
from innerear.gui.dialogs.presets import PresetBrowser
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.state.settings import WindowSettings
from innerear.gui.state.slots import Slots
from innerear.gui.style.theme import BASE_PIXELS, Sizes, apply_theme

LONG = "The devices cannot be opened together: " + 12 * "one of them is of another kind. "


def dialogs(controller: ParameterController) -> list[QDialog]:
    devices = DeviceDialog(WindowSettings(), lambda *_: None, find=lambda: [])
    models = ModelManager(controller)
    midi = MidiDialog(controller)
    library = LibraryBrowser(controller, Slots(controller), WindowSettings())
    library.message.setText(LONG)
    devices.words.setText(LONG)
    models.message.setText(LONG)
    midi.state.setText(LONG)
    return [
        devices,
        models,
        midi,
        LessonDialog(),
        PresetBrowser(controller, Slots(controller)),
        library,
        Documentation(),
        ReportDialog(),
        about_box(None),
        MidiRangeDialog(PARAMETERS["mix"], []),
    ]


@pytest.mark.parametrize("share", [1.0, 1.5, 2.0])
def test_no_text_is_cut(controller: ParameterController, qtbot: QtBot, share: float) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, Sizes(round(BASE_PIXELS * share)))
    try:
        for dialog in dialogs(controller):
            qtbot.addWidget(dialog)
            dialog.show()
            application.processEvents()
            name = type(dialog).__name__
            for label in dialog.findChildren(QLabel):
                if label.isVisible() and label.text():
                    needed = label.heightForWidth(label.width())
                    assert label.height() >= needed - 1, f"{name}: {label.text()}"
                    if not label.wordWrap():
                        assert label.width() >= label.sizeHint().width() - 1, label.text()
            for button in dialog.findChildren(QAbstractButton):
                if button.isVisible() and button.text():
                    assert button.width() >= button.minimumSizeHint().width(), button.text()
            dialog.close()
    finally:
        apply_theme(application, Sizes())
