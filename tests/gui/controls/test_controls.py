"""Every control shows its parameter and sets it.

To make a window takes longer than to turn a knob, so all knobs of a test are in one window.
"""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from innerear.engine.parameter import NOTE_VALUES
from innerear.engine.parameters import PARAMETERS
from innerear.gui.controls.knob import DRAG_PIXELS, Knob
from innerear.gui.main_window import MainWindow
from innerear.gui.state.groups import choices, knob_groups, switches
from innerear.gui.state.parameter_controller import ParameterController

KNOBS = [parameter.id for group in knob_groups().values() for parameter in group]
CHOICES = [parameter.id for parameter in choices()]
SWITCHES = [parameter.id for parameter in switches()]
LEFT = Qt.MouseButton.LeftButton


def drag(widget: QWidget, way: QPoint, modifier: Qt.KeyboardModifier) -> None:
    start = widget.rect().center()
    QTest.mousePress(widget, LEFT, modifier, start)
    event_way = [start + QPoint(way.x() * n // 4, way.y() * n // 4) for n in range(1, 5)]
    for place in event_way:
        # QTest.mouseMove forgets modifiers and buttons
        where = QPointF(place)
        event = QMouseEvent(
            QEvent.Type.MouseMove, where, widget.mapToGlobal(where), LEFT, LEFT, modifier
        )
        QApplication.sendEvent(widget, event)
    QTest.mouseRelease(widget, LEFT, modifier, start + way)


def turn_wheel(widget: QWidget, notches: int) -> None:
    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place,
        widget.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_every_parameter_has_a_control() -> None:
    elsewhere = {"model", "layer", "target", "target_sound", "morph"}
    shown = [*KNOBS, *CHOICES, *SWITCHES]
    assert len(shown) == len(set(shown))
    assert set(shown) == PARAMETERS.keys() - elsewhere


def test_a_knob_shows_what_other_clients_set(
    window: MainWindow, controller: ParameterController
) -> None:
    for id in KNOBS:
        controller.parameters.set_position(id, 0.25)
        knob = window.knobs.knobs[id]
        assert knob.text == PARAMETERS[id].text(controller.parameters[id]), id
        value = controller.parameters[id]
        read = value_of(knob)  # what a screen reader says is the value itself, or hundredths of it
        assert read in (round(value), round(100 * value)), id
        assert knob.accessibleDescription().startswith(f"{knob.text}. "), id


def value_of(widget: QWidget) -> float:
    """Return the value that a screen reader reads."""
    return float(QAccessible.queryAccessibleInterface(widget).valueInterface().currentValue())


@pytest.mark.parametrize(("id", "said", "value"), [("delay_ms", 330, 330.0), ("mix", 25, 0.25)])
def test_a_screen_reader_turns_a_knob(
    window: MainWindow, controller: ParameterController, id: str, said: int, value: float
) -> None:
    knob = window.knobs.knobs[id]
    QAccessible.queryAccessibleInterface(knob).valueInterface().setCurrentValue(said)
    assert controller.parameters[id] == pytest.approx(value)
    assert value_of(knob) == said
    window.history.undo()
    assert controller.parameters[id] == PARAMETERS[id].default


def test_a_drag_turns_the_parameter(window: MainWindow, controller: ParameterController) -> None:
    for id in KNOBS:
        controller.parameters.set_position(id, 0.25)
        none = Qt.KeyboardModifier.NoModifier
        drag(window.knobs.knobs[id], QPoint(0, -DRAG_PIXELS // 2), none)
        assert controller.parameters.position(id) == pytest.approx(0.75, abs=0.02), id


def test_shift_makes_a_drag_fine(window: MainWindow, controller: ParameterController) -> None:
    controller.parameters.set("mix", 0.5)
    shift = Qt.KeyboardModifier.ShiftModifier
    drag(window.knobs.knobs["mix"], QPoint(0, -DRAG_PIXELS // 2), shift)
    assert controller.parameters["mix"] == pytest.approx(0.55, abs=0.005)


def test_the_wheel_turns_by_notches(window: MainWindow, controller: ParameterController) -> None:
    for id in KNOBS:
        controller.parameters.set_position(id, 0.5)
        turn_wheel(window.knobs.knobs[id], 3)
        assert controller.parameters.position(id) == pytest.approx(0.56, abs=0.001), id
        turn_wheel(window.knobs.knobs[id], -6)
        assert controller.parameters.position(id) == pytest.approx(0.44, abs=0.001), id


def test_a_double_click_goes_back_to_the_default(
    window: MainWindow, controller: ParameterController
) -> None:
    for id in KNOBS:
        controller.parameters.set_position(id, 0.3)
        knob = window.knobs.knobs[id]
        QTest.mouseDClick(knob, LEFT, pos=knob.rect().center())
        assert controller.parameters[id] == PARAMETERS[id].default, id


def test_keys_turn_a_knob(window: MainWindow, controller: ParameterController) -> None:
    knob = window.knobs.knobs["mix"]
    controller.parameters.set("mix", 0.5)
    for key, expected in (
        (Qt.Key.Key_Up, 0.51),
        (Qt.Key.Key_PageDown, 0.41),
        (Qt.Key.Key_Home, 0.0),
        (Qt.Key.Key_End, 1.0),
        (Qt.Key.Key_Left, 0.99),
    ):
        QTest.keyClick(knob, key)
        assert controller.parameters["mix"] == pytest.approx(expected)
    QTest.keyClick(knob, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert controller.parameters["mix"] == pytest.approx(0.989)
    QTest.keyClick(knob, Qt.Key.Key_Delete)
    assert controller.parameters["mix"] == PARAMETERS["mix"].default


def type_into(knob: Knob, text: str) -> None:
    QTest.keyClick(knob, Qt.Key.Key_Return)
    line = QApplication.focusWidget()
    assert line is knob._typed
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def test_a_value_can_be_typed(
    window: MainWindow, controller: ParameterController, qtbot: QtBot
) -> None:
    window.activateWindow()
    knob = window.knobs.knobs["delay_ms"]
    knob.setFocus()
    type_into(knob, "330")
    assert controller.parameters["delay_ms"] == 330.0
    type_into(knob, "1/8.")
    assert controller.parameters["delay_ms"] == "1/8."
    assert knob.text == "1/8."


def test_a_refused_value_is_reported_and_changes_nothing(
    window: MainWindow, controller: ParameterController, messages: list[str]
) -> None:
    window.activateWindow()
    knob = window.knobs.knobs["mix"]
    knob.setFocus()
    controller.parameters.set("mix", 0.5)
    type_into(knob, "9")
    assert controller.parameters["mix"] == 0.5
    assert knob.text == "0.50"
    assert messages == ["Mix cannot be '9': it takes 0 to 1."]


def test_note_values_are_a_mode_of_the_delay_with_steps_of_its_own(
    window: MainWindow, controller: ParameterController
) -> None:
    knob = window.knobs.knobs["delay_ms"]
    controller.parameters.set("delay_ms", 260.0)
    QTest.keyClick(knob, Qt.Key.Key_N)
    assert controller.parameters["delay_ms"] == "1/8"  # at 120 beats a minute
    at = NOTE_VALUES.index("1/8")
    assert value_of(knob) == pytest.approx(2_000 * at / (len(NOTE_VALUES) - 1), abs=1)
    assert knob.accessibleDescription().startswith("1/8. ")
    QAccessible.queryAccessibleInterface(knob).valueInterface().setCurrentValue(2_000)
    assert controller.parameters["delay_ms"] == NOTE_VALUES[-1]
    controller.parameters.set("delay_ms", "1/8")
    QTest.keyClick(knob, Qt.Key.Key_Up)
    assert controller.parameters["delay_ms"] == NOTE_VALUES[at + 1]
    turn_wheel(knob, -1)
    turn_wheel(knob, -1)
    assert controller.parameters["delay_ms"] == NOTE_VALUES[at - 1]
    drag(knob, QPoint(0, -2 * DRAG_PIXELS), Qt.KeyboardModifier.NoModifier)
    assert controller.parameters["delay_ms"] == NOTE_VALUES[-1]
    QTest.keyClick(knob, Qt.Key.Key_Home)
    assert controller.parameters["delay_ms"] == NOTE_VALUES[0]
    QTest.mouseClick(knob, LEFT, pos=knob._notes_area().center().toPoint())
    assert controller.parameters["delay_ms"] == pytest.approx(250 / 3)
    QTest.keyClick(window.knobs.knobs["mix"], Qt.Key.Key_N)  # which has none
    assert controller.parameters["mix"] == PARAMETERS["mix"].default


def test_two_typed_values_are_two_steps_and_a_comma_is_a_decimal_sign(
    window: MainWindow, controller: ParameterController
) -> None:
    knob = window.knobs.knobs["mix"]
    for text in ("0,5", "0,25"):
        QTest.keyClicks(knob, text[0])
        QTest.keyClicks(knob._typed, text[1:])
        QTest.keyClick(knob._typed, Qt.Key.Key_Return)
    assert controller.parameters["mix"] == 0.25
    window.history.undo()
    assert controller.parameters["mix"] == 0.5
    window.history.undo()
    assert controller.parameters["mix"] == 1.0


def test_escape_discards_a_typed_value_without_a_panic(
    window: MainWindow, controller: ParameterController, messages: list[str]
) -> None:
    window.activateWindow()
    knob = window.knobs.knobs["mix"]
    knob.setFocus()
    QTest.keyClick(knob, Qt.Key.Key_5)
    line = QApplication.focusWidget()
    assert line is knob._typed
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not knob._typed.isVisible()
    assert controller.parameters["mix"] == PARAMETERS["mix"].default
    assert messages == []  # a panic would have said that nothing plays


def test_a_choice_shows_and_turns(window: MainWindow, controller: ParameterController) -> None:
    for id in CHOICES:
        choice, values = window.knobs.choices[id], PARAMETERS[id].choices
        controller.parameters.set(id, values[-1])
        assert choice.currentData() == values[-1], id
        choice.setFocus()
        QTest.keyClick(choice, Qt.Key.Key_Home)
        assert controller.parameters[id] == values[0], id


def test_a_switch_shows_and_turns(window: MainWindow, controller: ParameterController) -> None:
    for id in SWITCHES:
        switch = window.top.switches[id]
        QTest.mouseClick(switch, LEFT)
        assert controller.parameters[id] is True, id
        assert switch.text().endswith(" on"), id
        controller.parameters.set(id, False)
        assert not switch.isChecked(), id
        assert not switch.text().endswith(" on"), id


def test_a_hardware_knob_that_is_not_picked_up_is_shown(window: MainWindow) -> None:
    knob = window.knobs.knobs["mix"]
    before = knob.grab().toImage()
    knob.show_hardware(0.2)
    assert knob.grab().toImage() != before
    knob.show_hardware(None)
    assert knob.grab().toImage() == before


def test_controls_tell_screen_readers_what_they_are(window: MainWindow) -> None:
    for id in KNOBS + CHOICES:
        control = window.knobs.knobs.get(id) or window.knobs.choices[id]
        assert control.accessibleName() == PARAMETERS[id].title, id
        assert control.accessibleDescription().endswith(PARAMETERS[id].meaning), id
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, id
