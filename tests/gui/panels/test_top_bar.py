"""The top bar: presets by key, and the morph from A to B."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from innerear.engine.control.presets import (
    Preset,
    available_presets,
    load_preset,
    playable_problem,
    save_preset,
)
from innerear.gui.controls.described_items import LINE_ROLE, TITLE_ROLE
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController

LEFT = Qt.MouseButton.LeftButton


def test_keys_step_through_the_presets_that_can_be_played(
    window: MainWindow, controller: ParameterController
) -> None:
    names = [name for name in available_presets() if not playable_problem(name)]
    assert len(names) < len(available_presets())  # YAMNet is not here
    played = []
    for _ in range(len(names) + 1):
        window.actions_["next-preset"].trigger()
        played.append(controller.preset)
    assert played == [*names, names[0]]
    window.actions_["previous-preset"].trigger()
    assert controller.preset == names[-1]


def test_what_is_skipped_is_said(window: MainWindow, controller: ParameterController) -> None:
    controller.play_preset("between-brass-and-flute")
    window.actions_["next-preset"].trigger()
    assert controller.preset == "brass-halo"
    assert window.status_line.message.text() == "Skipped: Birds answer needs the model yamnet."


def test_no_text_moves_a_button(window: MainWindow, controller: ParameterController) -> None:
    window.top.show_status(None)
    QApplication.processEvents()
    before = [button.geometry() for button in window.top.findChildren(QAbstractButton)]
    size = window.size()
    long = "A preset with a name that nobody would ever want to read to its end"[:60].strip()
    controller.change({"freeze": True, "bypass": True, "model": "stftcnn-robust"})
    save_preset(Preset.of(controller.parameters, "long", long))
    controller.play_preset("long")
    window.slots.load("a", load_preset("long"))
    window.top.show_status(None)
    window.top.record.setText("\N{BLACK CIRCLE} 12:34")
    QApplication.processEvents()
    assert window.top.preset.text() == long
    assert [b.geometry() for b in window.top.findChildren(QAbstractButton)] == before
    assert window.size() == size
    controller.change({"freeze": False, "bypass": False})


def test_a_preset_that_was_changed_has_a_mark(
    window: MainWindow, controller: ParameterController
) -> None:
    controller.play_preset("brass-halo")
    window.top.show_status(None)
    assert window.top.preset.text() == "Brass halo"
    controller.change({"mix": 0.5})
    window.top.show_status(None)
    assert window.top.preset.text() == "\N{BULLET} Brass halo"
    assert window.top.preset.accessibleName() == "Preset Brass halo, changed"
    window.history.undo()
    window.top.show_status(None)
    assert window.top.preset.text() == "Brass halo"


def test_the_morph_goes_from_a_to_b(window: MainWindow, controller: ParameterController) -> None:
    window.top.show_status(None)
    assert window.slots.names() == ("empty", "empty")
    a, b = load_preset("brass-halo"), load_preset("tunnel-drone")
    window.slots.load("a", a)
    window.slots.load("b", b)
    window.top.show_status(None)
    assert window.top.morph._names == (a.title, b.title)
    window.actions_["to-b"].trigger()
    assert controller.parameters["feedback"] == b.values()["feedback"]
    assert window.top.b.isChecked()
    slider = window.top.morph
    QTest.mouseClick(slider, LEFT, pos=QPoint(slider.width() // 2, slider.height() - 8))
    assert controller.parameters["morph"] == pytest.approx(0.5, abs=0.02)
    between = sorted((a.values()["feedback"], b.values()["feedback"]))
    assert between[0] <= controller.parameters["feedback"] <= between[1]
    window.slots.store("a")
    assert window.slots.names()[0] == "unsaved"


def test_the_list_of_models_has_titles_and_says_what_they_are(window: MainWindow) -> None:
    box = window.top.model
    row = box.findData("samplecnn-digits")
    assert box.itemText(row) == "samplecnn-digits"  # what the closed box has room for
    assert box.itemData(row, TITLE_ROLE) == "SampleCNN, spoken digits"
    assert "10 classes" in box.itemData(row, LINE_ROLE)
    box.setCurrentIndex(row)
    box.showPopup()
    hint = box.view().sizeHintForIndex(box.model().index(row, 0))
    assert box.view().width() >= hint.width()
    assert hint.height() >= 2 * box.fontMetrics().height()
    box.hidePopup()


def test_several_models_are_ticked_in_a_menu(
    window: MainWindow, controller: ParameterController
) -> None:
    controller.change({"model": "stftcnn-instruments"})
    menu = window.top.models.menu()

    def tick(name: str) -> None:
        menu.aboutToShow.emit()
        next(action for action in menu.actions() if action.text() == name).trigger()

    tick("crnn-instruments")
    both = "stftcnn-instruments,crnn-instruments"
    assert controller.parameters["model"] == both == controller.pack.name
    assert window.top.model.currentData() == both
    menu.aboutToShow.emit()
    ticked = [action.text() for action in menu.actions() if action.isChecked()]
    assert ticked == ["crnn-instruments", "stftcnn-instruments"]
    tick("stftcnn-instruments")
    assert controller.parameters["model"] == "crnn-instruments"
