"""Help: the documents, the versions, and the user's folders."""

from pathlib import Path

import onnxruntime
import pytest
from PySide6.QtCore import QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QImage, QTextDocument
from PySide6.QtWidgets import QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from innerear._version import VERSION
from innerear.engine.control.presets import user_folder
from innerear.gui.dialogs.about import versions
from innerear.gui.dialogs.documentation import DOCUMENTS, Documentation
from innerear.gui.main_window import MainWindow


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the system was asked to open."""
    found: list[str] = []

    def open_url(url: QUrl) -> bool:
        found.append(url.toLocalFile() or url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return found


def test_the_menu_has_help_and_folders(window: MainWindow) -> None:
    menus = {menu.title(): menu for menu in window.findChildren(QMenu)}
    assert [action.text() for action in menus["Help"].actions()] == [
        "Documentation …",
        "Keys …",
        "About Innerear …",
    ]
    assert [action.text() for action in menus["Open folder"].actions()] == [
        "Presets",
        "Models",
        "Recordings",
    ]


def test_about_says_the_versions(window: MainWindow) -> None:
    found = versions()
    assert found["Innerear"] == VERSION
    assert found["Qt"] == qVersion()
    assert found["ONNX Runtime"] == onnxruntime.__version__
    window.actions_["about"].trigger()
    (box,) = (box for box in window.findChildren(QMessageBox) if "About" in box.windowTitle())
    assert all(which in box.text() for which in found.values())
    box.close()


def test_a_folder_is_made_and_opened(window: MainWindow, opened: list[str]) -> None:
    window.actions_["presets-folder"].trigger()
    assert opened == [str(user_folder())]
    assert user_folder().is_dir()


def test_a_folder_that_cannot_be_made_or_shown_is_told(
    window: MainWindow, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    window.actions_["presets-folder"].trigger()
    assert window.status_line.message.text() == (
        f"No program here shows folders; this one is {user_folder()}."
    )
    user_folder().rmdir()
    user_folder().write_text("a file")
    window.actions_["presets-folder"].trigger()
    assert "cannot be written" in window.status_line.message.text()


def test_documents_are_shown_and_their_links_followed(qtbot: QtBot, opened: list[str]) -> None:
    dialog = Documentation()
    qtbot.addWidget(dialog)
    assert "shows what the network hears" in dialog.page.toPlainText()
    dialog.buttons["Knobs"].click()
    assert "Blend mode" in dialog.page.toPlainText()
    dialog.page.anchorClicked.emit(QUrl("playing-live.md#the-terminal"))
    assert "latency" in dialog.page.toPlainText()
    dialog.page.anchorClicked.emit(QUrl("https://keepachangelog.com"))
    assert opened == ["https://keepachangelog.com"]


def test_pictures_are_no_wider_than_the_page(qtbot: QtBot) -> None:
    dialog = Documentation()
    qtbot.addWidget(dialog)
    dialog.show()
    kind = QTextDocument.ResourceType.ImageResource.value
    picture = dialog.page.loadResource(kind, QUrl("gui.png"))
    assert isinstance(picture, QImage)
    assert 300 < picture.width() <= dialog.page.viewport().width()
    assert dialog.page.horizontalScrollBar().maximum() < 200


def test_the_documents_that_the_buttons_show_exist(qtbot: QtBot) -> None:
    dialog = Documentation()
    qtbot.addWidget(dialog)
    for button in dialog.buttons.values():
        button.click()
        assert Path(dialog.page.source().toLocalFile()).parent == DOCUMENTS
        assert len(dialog.page.toPlainText()) > 500
