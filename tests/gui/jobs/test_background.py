"""What work in the background finds is told in the window's thread, unless nobody is left."""

import threading

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from innerear.engine.errors import InnerearError
from innerear.gui.jobs.background import InTurn, in_background

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


def test_works_in_turn_run_one_at_a_time_whatever_becomes_of_each(qtbot: QtBot) -> None:
    told: list[object] = []
    finish = threading.Event()

    def break_off(result: object) -> None:
        told.append(result)
        raise ValueError("whoever was told fails")

    def second() -> object:
        assert told == ["first"]
        raise InnerearError("second")

    in_turn = InTurn()
    in_turn.run(lambda: finish.wait(10) and "first", break_off, told.append)
    in_turn.run(second, told.append, told.append)
    in_turn.run(lambda: [*told], told.append, told.append)
    qtbot.wait(50)
    assert told == []
    with qtbot.capture_exceptions() as raised:
        finish.set()
        wait_until(qtbot, lambda: len(told) == 3)
    assert [str(problem) for _, problem, _ in raised] == ["whoever was told fails"]
    assert told == ["first", "second", ["first", "second"]]
    in_turn.run(lambda: "later", told.append, told.append)
    wait_until(qtbot, lambda: told[3:] == ["later"])
