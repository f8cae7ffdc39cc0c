"""Unexpected errors are shown as reports."""

import sys

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from innerear.gui.main_window import MainWindow

from ..waiting import wait_until


def test_an_error_of_the_program_becomes_a_report(
    window: MainWindow, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    window.crashes.install()
    try:
        problem = ZeroDivisionError("a bug")
        sys.excepthook(ZeroDivisionError, problem, None)
        wait_until(qtbot, window.crashes.dialog.isVisible)
    finally:
        window.crashes.remove()
    window.crashes.dialog.copy.click()
    report = QApplication.clipboard().text()
    assert "ZeroDivisionError: a bug" in report
    assert "Innerear" in report
    assert "a bug" in capsys.readouterr().err
    assert window.isVisible()
