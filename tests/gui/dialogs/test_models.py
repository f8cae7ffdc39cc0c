"""The dialog for models, with the jobs that it runs in another process."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from innerear.engine import python_process
from innerear.gui.dialogs.models import LessonDialog, ModelManager
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController

from ...waiting import wait_until


def test_a_model_is_verified_and_another_used(
    window: MainWindow, controller: ParameterController, qtbot: QtBot
) -> None:
    manager = window.dialogs.dialog("models")
    assert isinstance(manager, ModelManager)
    rows = {manager.list.item(row).text(): row for row in range(manager.list.count())}
    manager.list.setCurrentRow(rows["samplecnn-digits"])
    assert not manager.remove_button.isEnabled()
    manager.use()
    assert controller.parameters["model"] == "samplecnn-digits"
    manager.verify_button.click()
    assert not manager.verify_button.isEnabled()
    wait_until(qtbot, lambda: not manager.jobs.busy)
    assert (
        manager.message.text()
        == "samplecnn-digits is verified: its files, its graphs, and what they compute."
    )


def test_a_pack_is_added_and_removed(
    window: MainWindow, qtbot: QtBot, toy_pack: Path, require
) -> None:
    manager = window.dialogs.dialog("models")
    assert isinstance(manager, ModelManager)
    manager.start(do="add-folder", folder=str(toy_pack))
    wait_until(qtbot, lambda: not manager.jobs.busy)
    assert manager.message.text() == "Added toy-tones."
    assert window.top.model.findData("toy-tones") >= 0
    manager.start(do="remove", name="toy-tones")
    wait_until(qtbot, lambda: not manager.jobs.busy)
    assert window.top.model.findData("toy-tones") < 0


def test_a_lesson_without_sounds_is_reported(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    manager = window.dialogs.dialog("models")
    assert isinstance(manager, ModelManager)
    lesson = LessonDialog(manager)
    qtbot.addWidget(lesson)
    assert not lesson.start.isEnabled()
    lesson.asked.connect(
        lambda name, folder: manager.start(
            do="teach", name=name, folder=folder, model="samplecnn-instruments"
        )
    )
    lesson.name.setText("kitchen")
    lesson.folder.setText(str(tmp_path / "nowhere"))
    lesson.start.click()
    wait_until(qtbot, lambda: not manager.jobs.busy)
    assert "nowhere" in manager.message.text()


def test_work_is_stopped_only_after_a_yes_and_what_cannot_begin_is_said(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = window.dialogs.dialog("models")
    assert isinstance(manager, ModelManager)
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.No]
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answers.pop(0))
    manager.start(do="verify", name="samplecnn-digits")
    manager.show()
    manager.reject()
    assert manager.isVisible()
    assert not window.close()
    assert manager.jobs.busy
    assert answers == []
    wait_until(qtbot, lambda: not manager.jobs.busy)
    monkeypatch.setattr(python_process.sys, "executable", "/nowhere/python")
    manager.start(do="verify", name="samplecnn-digits")
    wait_until(qtbot, lambda: not manager.jobs.busy)
    assert manager.message.text().startswith("The job cannot be started: ")
    assert manager.verify_button.isEnabled()
    manager.reject()
    assert not manager.isVisible()


def test_a_model_is_removed_only_after_a_yes(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = window.dialogs.dialog("models")
    assert isinstance(manager, ModelManager)
    buttons: list[object] = []

    def question(*args: object) -> object:
        buttons.append(args[-1])
        return args[-1]  # what Enter chooses

    monkeypatch.setattr(QMessageBox, "question", question)
    manager.list.setCurrentRow(0)
    manager._ask_and_remove()
    assert buttons == [QMessageBox.StandardButton.No]
    assert not manager.jobs.busy
