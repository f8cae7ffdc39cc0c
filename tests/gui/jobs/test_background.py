"""What work in the background finds is told in the window's thread, unless nobody is left."""

import threading

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from innerear.engine.errors import InnerearError
from innerear.gui.jobs.background import in_background

from ...waiting import wait_until


class Listener(QObject):
    def __init__(self, told: list[object]) -> None:
        super().__init__()
        self._told = told

    def tell(self, result: object) -> None:
        self._told.append(result)


def _fail() -> object:
    raise InnerearError("no such thing")


def test_results_and_errors_come_back(qtbot: QtBot) -> None:
    told: list[object] = []
    listener = Listener(told)
    in_background(lambda: 7, listener.tell)
    in_background(_fail, failed=listener.tell)
    wait_until(qtbot, lambda: len(told) == 2)
    assert set(map(str, told)) == {"7", "no such thing"}


def test_what_was_closed_meanwhile_is_not_told(qtbot: QtBot) -> None:
    told: list[object] = []
    finish = threading.Event()
    closed, open_still = Listener(told), Listener(told)
    in_background(lambda: finish.wait(10), closed.tell)
    delete(closed)
    finish.set()
    in_background(lambda: "later", open_still.tell)
    wait_until(qtbot, lambda: "later" in told)
    qtbot.wait(50)
    assert told == ["later"]
