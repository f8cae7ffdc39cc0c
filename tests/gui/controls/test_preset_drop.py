"""Presets that are dropped on A, B and the slider between them."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from innerear.engine.control.preset_file import SCHEMA_VERSION
from innerear.gui.main_window import MainWindow

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction
TEXT = json.dumps(
    {
        "schema_version": SCHEMA_VERSION,
        "title": "A dream of brass",
        "parameters": {"model": "samplecnn-instruments", "target": "Brass", "step": 0.5},
    }
)


def drop(widget: QWidget, data: QMimeData, x: int = 3) -> bool:
    """Drag something to a widget and drop it; return whether the widget takes it."""
    enter = QDragEnterEvent(QPoint(x, 5), COPY, data, LEFT, NONE)
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(QPointF(x, 5), COPY, data, LEFT, NONE))
    return enter.isAccepted()


def text_data(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


def file_data(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_the_text_of_a_preset_goes_into_the_slot(window: MainWindow) -> None:
    assert drop(window.top.a, text_data(TEXT))
    assert window.slots.names() == ("A dream of brass", "empty")
    assert window.status_line.message.text() == "A dream of brass is in slot A."


def test_a_presets_file_goes_into_the_slot(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "brass-1.json"
    path.write_text(TEXT)
    assert drop(window.top.b, file_data(path))
    assert window.slots.names() == ("empty", "A dream of brass")


def test_each_half_of_the_slider_is_its_slot(window: MainWindow) -> None:
    assert drop(window.top.morph, text_data(TEXT), x=window.top.morph.width() - 4)
    assert window.slots.names() == ("empty", "A dream of brass")
    assert drop(window.top.morph, text_data(TEXT), x=4)
    assert window.slots.names() == ("A dream of brass", "A dream of brass")


@pytest.mark.parametrize("text", ['{"schema_version": 99}', "{", '{"a": "<b>"}'])
def test_what_is_no_preset_is_refused_in_one_line(window: MainWindow, text: str) -> None:
    assert drop(window.top.a, text_data(text))
    assert window.slots.names() == ("empty", "empty")
    message = window.status_line.message.text()
    assert message.startswith("what was dropped")
    assert "\n" not in message


def test_other_things_go_on_to_the_window(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[Path] = []
    monkeypatch.setattr(window.audio_server, "play_file", played.append)
    assert not drop(window.top.a, text_data("no preset"))
    assert drop(window.top.a, file_data(tmp_path / "song.wav"))
    assert played == [tmp_path / "song.wav"]
    assert window.slots.names() == ("empty", "empty")
