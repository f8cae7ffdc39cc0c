"""A widget is made after the first paint, or when it is asked for; once."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from innerear.gui.controls.later import Later

from ...waiting import wait_until


def test_it_is_made_after_it_was_shown(qtbot: QtBot) -> None:
    made: list[QLabel] = []

    def make() -> QLabel:
        made.append(QLabel("here"))
        return made[-1]

    place = Later(make)
    qtbot.addWidget(place)
    assert not place.is_made
    place.show()
    wait_until(qtbot, lambda: place.is_made)
    assert place.widget is made[0]
    wait_until(qtbot, made[0].isVisible)  # Qt shows what is added to a layout a moment later
    place.hide()
    place.show()
    assert len(made) == 1


def test_it_is_made_when_it_is_asked_for_and_not_again(qtbot: QtBot) -> None:
    place = Later(lambda: QLabel("asked"))
    qtbot.addWidget(place)
    label = place.widget
    assert label.parent() is place
    place.show()
    qtbot.wait(100)
    assert place.widget is label
