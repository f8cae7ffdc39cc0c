"""The top bar: presets by key, and the morph from A to B."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from innerear.engine.control.presets import available_presets, load_preset
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController

LEFT = Qt.MouseButton.LeftButton


def test_keys_step_through_the_presets(window: MainWindow, controller: ParameterController) -> None:
    names = list(available_presets())
    window.actions_["next-preset"].trigger()
    assert controller.preset == names[0]
    window.actions_["next-preset"].trigger()
    assert controller.preset == names[1]
    window.actions_["previous-preset"].trigger()
    assert controller.preset == names[0]


def test_the_morph_goes_from_a_to_b(window: MainWindow, controller: ParameterController) -> None:
    window.top.show_status(None)
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
    assert window.slots.names()[0] == "now"


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
