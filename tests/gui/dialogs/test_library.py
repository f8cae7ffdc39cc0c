"""The dialog for a library of dreams."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

pytest.importorskip("duckdb", reason="the extra `library` is not installed")
from innerear.gui.dialogs.library import LibraryBrowser
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.state.settings import load_settings
from innerear.library.library import Header, write_header
from innerear.library.place import Place
from innerear.library.records import write_row
from innerear.library.table import COLUMNS, SCHEMA_VERSION, arrow_schema

from ...waiting import wait_until

HOSTILE = "<img src=x>../../etc"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a library of three dreams, one of which failed, and one of which cannot be played."""
    found = tmp_path / "dreams"
    place = Place(found)
    write_header(place, Header(SCHEMA_VERSION, "dreams", "samplecnn-digits", "conv5", 2))
    empty: dict[str, object] = {
        name: "" if kind == "text" else None for name, (kind, _) in COLUMNS.items()
    }
    for number, (score, target, state) in enumerate(
        [(0.9, "Brass", "done"), (0.5, HOSTILE, "done"), (None, "Organ", "failed")]
    ):
        row = empty | {
            "item": f"{number:032x}",
            "sound": "loop.wav",
            "method": "render",
            "model": "samplecnn-instruments",
            "target": target,
            "settings": json.dumps({"step": 0.5}),
            "state": state,
            "score_after": score,
            "judges": "{}",
        }
        write_row(place, row, arrow_schema(2))
    return found


@pytest.fixture
def browser(
    window: MainWindow, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> LibraryBrowser:
    """Return the dialog, on the library, as a user opens both."""
    window.actions_["library"].trigger()
    dialog = window.dialogs.dialog("library")
    assert isinstance(dialog, LibraryBrowser)
    assert dialog.place.text() == "No library is open."
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    dialog.open_button.click()
    wait_until(qtbot, lambda: dialog.message.text() == "2 dreams.")
    return dialog


def lines(browser: LibraryBrowser) -> list[str]:
    """Return what is listed."""
    return [browser.list.item(row).text() for row in range(browser.list.count())]


def test_an_item_goes_into_a_slot(
    browser: LibraryBrowser, window: MainWindow, controller: ParameterController, qtbot: QtBot
) -> None:
    assert lines(browser) == ["Brass · loop.wav · score 0.90", f"{HOSTILE} · loop.wav · score 0.50"]
    browser.to_b.click()
    assert window.slots.names()[1] == "Brass of loop.wav"
    assert window.status_line.message.text() == "Brass of loop.wav is in slot B."
    window.actions_["to-b"].trigger()
    assert (controller.parameters["target"], controller.parameters["step"]) == ("Brass", 0.5)
    window.close()
    assert load_settings().library.endswith("dreams")


def test_a_condition_chooses_and_a_wrong_one_is_explained(
    browser: LibraryBrowser, qtbot: QtBot
) -> None:
    browser.condition.setText("where score < 0.6 and step = 0.5")
    QTest.keyClick(browser.condition, Qt.Key.Key_Return)
    wait_until(qtbot, lambda: browser.message.text() == "1 dreams.")
    assert lines(browser) == [f"{HOSTILE} · loop.wav · score 0.50"]
    browser.condition.setText("no_such_column = 1")
    QTest.keyClick(browser.condition, Qt.Key.Key_Return)
    wait_until(qtbot, lambda: "no_such_column" in browser.message.text())
    assert lines(browser) == []
    assert not browser.to_a.isEnabled()


def test_texts_of_the_library_stay_texts(
    browser: LibraryBrowser, window: MainWindow, qtbot: QtBot
) -> None:
    before = window.slots.names()
    QTest.keyClick(browser.condition, Qt.Key.Key_Down)
    assert HOSTILE in browser.words.toPlainText()
    assert "<img" not in browser.words.toHtml()
    browser.to_a.click()  # no network has such a target
    assert window.slots.names() == before
    assert "cannot be played here" in window.status_line.message.text()
