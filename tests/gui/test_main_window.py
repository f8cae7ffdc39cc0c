"""The main window as a whole: stage mode, layout, settings, views."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from innerear.engine.io.audio_files import SoundWriter
from innerear.gui.main_window import MainWindow
from innerear.gui.network.inspector import Inspector
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.state.settings import load_settings


def test_the_stage_is_large_and_shows_less(window: MainWindow) -> None:
    before, size = window.knobs.knobs["mix"].fontMetrics().height(), window.size()
    window.actions_["stage"].trigger()
    QApplication.processEvents()
    assert window.knobs.knobs["mix"].fontMetrics().height() > 1.4 * before
    assert window.size() == size
    assert not window.knobs.knobs["hold_ms"].isVisible()
    assert not window.network.inspector.isVisible()
    window.actions_["stage"].trigger()
    assert window.knobs.knobs["hold_ms"].isVisible()
    assert window.size() == size
    assert isinstance(window.network.inspector, Inspector)
    assert window.network.inspector.isVisible()


SIZES = ((1280, 720), (1920, 1080), (3840, 2160))


@pytest.mark.parametrize("stage", [False, True])
def test_nothing_overlaps_or_is_cut_off(window: MainWindow, stage: bool) -> None:
    window.set_stage(stage)
    window.controller.change({"freeze": True, "bypass": True})  # the longest words
    for size in SIZES:
        window.resize(*size)
        QApplication.processEvents()
        QApplication.processEvents()
        assert (window.width(), window.height()) == size, "it does not fit"
        for holder in (window.centralWidget(), window.top, window.knobs, window.network):
            _assert_apart(holder)


def _assert_apart(holder: QWidget) -> None:
    """Check that what a widget holds is inside of it, is wide enough, and does not overlap."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    shown = [each for each in holder.findChildren(QWidget, options=direct) if each.isVisible()]
    for child in shown:
        assert holder.rect().contains(child.geometry()), child
        assert child.width() >= child.minimumSizeHint().width(), child
    for at, one in enumerate(shown):
        for other in shown[at + 1 :]:
            assert not one.geometry().intersects(other.geometry()), (one, other)


def test_settings_are_stored_on_closing(window: MainWindow) -> None:
    window.settings.output_device = "Box"
    window.set_stage(True)
    window.close()
    kept = load_settings()
    assert (kept.output_device, kept.stage) == ("Box", True)
    assert kept.geometry


def test_the_views_are_hidden_on_stage_and_shown_by_a_key(window: MainWindow) -> None:
    assert window.views.isVisible()
    window.set_stage(True)
    assert window.views.isHidden()
    QTest.keyClick(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert window.views.isVisible()
    assert window.actions_["views"].isChecked()
    window.set_stage(False)
    assert window.views.isVisible()


def test_the_history_marks_the_layer_that_is_dreamed_of(
    window: MainWindow, controller: ParameterController
) -> None:
    controller.change({"layer": "conv5", "target": "energy"})
    assert window.views.history.aimed == {"stftcnn-robust.conv5"}
    controller.change({"target": "conv3/2"})
    assert window.views.history.aimed == {"stftcnn-robust.conv3"}


def test_a_sound_file_is_dreamed_of_and_that_is_undone(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = tmp_path / "bell.wav"
    with SoundWriter(sound, 16_000, 1) as writer:
        writer.write(np.full((1, 1600), 0.1, np.float32))
    answers = [str(sound), str(tmp_path / "missing.wav")]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (answers.pop(0), ""))
    parameters = window.controller.parameters
    before = parameters.text("target")
    window.actions_["target-sound"].trigger()
    assert (parameters["target"], parameters["target_sound"]) == ("sound", str(sound))
    window.actions_["target-sound"].trigger()
    assert "missing.wav" in window.status_line.message.text()
    assert parameters["target_sound"] == str(sound)
    window.actions_["sidechain"].trigger()
    assert (parameters["target"], parameters["target_sound"]) == ("sound", "")
    window.history.undo()
    assert parameters["target_sound"] == str(sound)
    window.history.undo()
    assert (parameters["target"], parameters["target_sound"]) == (before, "")
