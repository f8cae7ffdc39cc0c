"""The network panel: what it shows, and what mouse and keys choose."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from innerear.gui.main_window import MainWindow
from innerear.gui.network.view import NetworkView
from innerear.gui.state.parameter_controller import ParameterController

from ...waiting import wait_until

LEFT = Qt.MouseButton.LeftButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def controller(controller: ParameterController) -> ParameterController:
    """Return the controller with the network that has the most layers."""
    controller.change({"model": "samplecnn-instruments"})
    return controller


@pytest.fixture
def view(window: MainWindow) -> NetworkView:
    return window.network.view


def click(view: NetworkView, layer: str, unit: int | None = None, modifier=NONE) -> None:
    QTest.mouseClick(view, LEFT, modifier, view.centre_of(layer, unit).toPoint())


def test_a_click_on_a_layer_makes_it_the_dream_layer(
    view: NetworkView, controller: ParameterController
) -> None:
    click(view, "conv3")
    assert controller.parameters["layer"] == "conv3"
    assert controller.parameters["target"] == "auto"


def test_shift_adds_layers_as_a_chord_and_takes_them_away(
    view: NetworkView, controller: ParameterController
) -> None:
    click(view, "conv5")
    click(view, "conv3", modifier=SHIFT)
    assert controller.parameters["layer"] == "conv3,conv5"
    view.layer_weighed.emit("conv3", -0.5)
    assert controller.parameters["layer"] == "conv3:0.5,conv5"
    click(view, "conv5", modifier=SHIFT)
    assert controller.parameters["layer"] == "conv3:0.5"


def test_a_click_on_a_unit_dreams_towards_it(
    view: NetworkView, controller: ParameterController
) -> None:
    click(view, "conv5", 12)
    assert controller.parameters["target"] == "conv5/12"
    click(view, "conv6", 3, SHIFT)
    assert controller.parameters["target"] == "conv5/12 + conv6/3"
    click(view, "conv5", 12, SHIFT)
    assert controller.parameters["target"] == "conv6/3"


def test_a_click_on_a_layer_ends_the_dream_of_a_unit(
    view: NetworkView, controller: ParameterController
) -> None:
    click(view, "conv5", 12)
    click(view, "conv4")
    assert (controller.parameters["layer"], controller.parameters["target"]) == ("conv4", "auto")


def test_a_unit_of_the_last_layer_is_its_class(
    view: NetworkView, controller: ParameterController
) -> None:
    click(view, "output", controller.pack.classes.index("Brass"))
    assert controller.parameters["target"] == "Brass"


def test_every_unit_lies_where_it_is_clicked(view: NetworkView) -> None:
    found = []
    view.unit_chosen.disconnect()
    view.unit_chosen.connect(lambda layer, unit, add: found.append((layer, unit)))
    wanted = [
        (layer, unit)
        for layer, info in view.picture.layers.items()
        for unit in range(0, info.units, 7)
    ]
    for layer, unit in wanted:
        click(view, layer, unit)
    assert found == wanted


def test_what_is_chosen_elsewhere_is_marked(
    view: NetworkView, controller: ParameterController
) -> None:
    before = view.grab().toImage()
    controller.parameters.set("layer", "conv2,conv6:0.5")
    assert view._aimed_layers == {"conv2": 1.0, "conv6": 0.5}
    chord = view.grab().toImage()
    assert chord != before
    controller.parameters.set("target", "Brass")
    brass = controller.pack.classes.index("Brass")
    assert view._aimed_units == {"output": {brass: 1.0}}
    assert view.grab().toImage() != chord


def test_cells_are_lit_by_what_the_network_hears(view: NetworkView) -> None:
    def lightness() -> float:
        place = view.centre_of("conv5", 12).toPoint()
        return QColor(view.grab().toImage().pixel(place)).lightnessF()

    dark = lightness()
    activations = {name: np.zeros(info.units, np.float32) for name, info in _layers(view)}
    activations["conv5"][12] = 3.0
    view.show_activations(activations)
    assert lightness() > dark + 0.4
    activations["conv5"][12] = 0.0
    for _ in range(30):
        view.show_activations(activations)
    assert lightness() == pytest.approx(dark, abs=0.02)


def _layers(view: NetworkView):
    return view.picture.layers.items()


def test_a_double_click_opens_a_unit(view: NetworkView, window: MainWindow) -> None:
    heard: list[tuple[str, int]] = []
    view.unit_opened.disconnect()
    view.unit_opened.connect(lambda layer, unit: heard.append((layer, unit)))
    QTest.mouseDClick(view, LEFT, NONE, view.centre_of("conv5", 12).toPoint())
    assert heard == [("conv5", 12)]
    click(view, "conv5", 12)
    assert window.network.inspector.unit == ("conv5", 12)


def test_keys_choose_layers_and_units(view: NetworkView, controller: ParameterController) -> None:
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert controller.parameters["layer"] == "conv8"
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Return)
    second = int(view.picture.order["conv8"][1])
    assert controller.parameters["target"] == f"conv8/{second}"


def test_units_are_in_order_of_their_pitch(view: NetworkView) -> None:
    picture = view.picture
    hertz = picture.hertz["conv1"][picture.order["conv1"]]
    finite = hertz[np.isfinite(hertz)]
    assert len(finite) > 10
    assert (np.diff(finite) >= 0).all()


def test_typing_finds_a_class(window: MainWindow, controller: ParameterController) -> None:
    window.activateWindow()
    window.actions_["find"].trigger()
    search = window.network.classes.search
    assert search.hasFocus()
    QTest.keyClicks(search, "sing")
    assert window.network.classes.shown == ["Singing voice"]
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert controller.parameters["target"] == "Singing voice"
    assert search.text() == ""


def test_the_strongest_classes_are_listed_first(
    window: MainWindow, controller: ParameterController
) -> None:
    classes = controller.pack.classes
    scores = np.linspace(0, 0.5, len(classes), dtype=np.float32)
    scores[classes.index("Flute")] = 0.9
    window.network.show_activations({"output": scores})
    for _ in range(20):  # the order is kept for some frames
        window.network.show_activations({"output": scores})
    assert window.network.classes.shown[:2] == ["Flute", classes[-1]]


def test_a_class_that_is_dreamed_of_is_listed_first(
    window: MainWindow, controller: ParameterController
) -> None:
    controller.parameters.set("target", "Mallets")
    assert window.network.classes.shown[0] == "Mallets"
    index = window.network.classes.list.model().index(0, 0)
    text = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert text == "Mallets, 0%, dreamed of"


def test_another_model_is_shown_with_its_own_picture(
    window: MainWindow, controller: ParameterController, qtbot
) -> None:
    controller.change({"layer": "conv8", "target": "Brass"})
    window.top.model.changed.emit("samplecnn-digits", 0)
    wait_until(qtbot, lambda: window.network.picture.name == "samplecnn-digits")
    assert controller.parameters["target"] == "auto"  # it knows no brass
    assert "zero" in window.network.classes.shown


def choose(window: MainWindow, *texts: str) -> None:
    """Choose an entry of the menu beside the words; each text begins one, from menu to menu."""
    menu = window.network.aim_bar.button.menu()
    menu.aboutToShow.emit()
    for text in texts:
        (action,) = (each for each in menu.actions() if each.text().startswith(text))
        menu = action.menu()
    action.trigger()


def test_what_is_dreamed_of_is_chosen_in_a_menu_and_said_in_words(
    window: MainWindow, controller: ParameterController, messages: list[str]
) -> None:
    bar = window.network.aim_bar
    assert bar.words.text() == "Dreams of the strongest class"
    controller.change({"layer": "conv5"})
    choose(window, "All of the layer")
    assert controller.parameters["target"] == "energy"
    assert bar.words.text() == "Dreams of all of conv5"
    bar.write("Brass*0.7 + conv5/12*0.3")
    choose(window, "Weight of conv5/12", "0.5")
    assert controller.parameters["target"] == "Brass*0.7 + conv5/12*0.5"
    assert bar.words.text() == "Dreams of Brass (0.7) and unit 12 of conv5 (0.5)"
    choose(window, "Add all of the layer")
    choose(window, "Weight of Brass", "Take it out")
    assert controller.parameters["target"] == "conv5/12*0.5 + energy"
    window.history.undo()
    assert controller.parameters["target"] == "Brass*0.7 + conv5/12*0.5 + energy"
    controller.show_message = messages.append
    bar.write("Brasss")
    assert messages == ["There is no target 'Brasss'. Did you mean Brass, Bass?"]
    choose(window, "What is strongest")
    assert controller.parameters["target"] == "auto"


def test_a_model_that_was_left_again_at_once_is_shown_when_it_is_chosen(
    window: MainWindow, controller: ParameterController, qtbot: QtBot
) -> None:
    for model in ("samplecnn-digits", "samplecnn-instruments"):
        controller.change({"model": model})
    qtbot.wait(300)  # by then the picture that nobody wants is drawn
    assert window.network.picture.name == "samplecnn-instruments"
    controller.change({"model": "samplecnn-digits"})
    wait_until(qtbot, lambda: window.network.picture.name == "samplecnn-digits")
