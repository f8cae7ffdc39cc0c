"""The window with a real audio server: it plays a file, and survives the window."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from innerear.engine.control.presets import load_preset
from innerear.engine.live.session import Session
from innerear.gui.dialogs.midi import MidiDialog
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.state.settings import WindowSettings

from ..waiting import wait_until


@pytest.fixture
def sound_file(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    times = np.arange(3 * 16_000) / 16_000
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 440 * times), 16_000)
    return path


@pytest.fixture
def playing(window: MainWindow, sound_file: Path, qtbot: QtBot) -> MainWindow:
    """Return a window in which a file was dropped that plays now."""
    window.status_poller.start()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(sound_file))])
    event = QDropEvent(
        QPointF(200, 200),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    wait_until(qtbot, lambda: window.controller.playing and window.file_bar.isVisible())
    wait_until(qtbot, lambda: window.controller.status.dreams.count > 0)
    return window


def test_a_dropped_file_plays_is_seen_and_exported(
    playing: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    view, bar = playing.network.view, playing.file_bar
    assert bar.name.text() == "tone.wav"
    wait_until(qtbot, lambda: bool(view._shown.max() > 0.5))
    bar.loop.click()
    wait_until(qtbot, lambda: not playing.controller.status.file.looping)
    bar.loop.click()
    bar.play.click()
    wait_until(qtbot, lambda: not playing.controller.status.file.playing)
    assert bar.play.text() == "Paused"
    bar.place.sliderMoved.emit(20)
    wait_until(
        qtbot,
        lambda: playing.controller.status.file.position_seconds == pytest.approx(1.0, abs=0.05),
    )
    playing.file_jobs.export(Path(playing.controller.status.file.path), tmp_path / "dreamed.wav")
    wait_until(qtbot, lambda: not playing.file_jobs.jobs.busy)
    dreamed, rate = soundfile.read(tmp_path / "dreamed.wav")
    assert (len(dreamed), rate) == (3 * 16_000, 16_000)
    assert np.abs(dreamed).max() > 0.05


def test_what_plays_is_recorded_by_button_and_by_controller(
    playing: MainWindow,
    controller: ParameterController,
    sound_file: Path,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    playing.recording._folder = lambda: tmp_path / "music"
    button = playing.top.record
    button.click()
    assert button.isChecked()
    # a second, or more on a busy machine
    wait_until(qtbot, lambda: "0:01" <= button.text()[-4:] <= "9:59")
    controller.act("record")  # as a controller does
    wait_until(qtbot, lambda: not playing.recording.recording)
    (path,) = (tmp_path / "music").iterdir()
    sound, rate = soundfile.read(path)
    assert rate == controller.status.sample_rate
    assert len(sound) >= rate
    assert np.abs(sound).max() > 0.05
    assert str(path) in playing.status_line.message.text()
    assert button.text() == "Rec"
    # it can be heard as it was
    (replay,) = (each for each in playing.notifications.passing.buttons if each.text() == "Replay")
    replay.click()
    wait_until(qtbot, lambda: playing.controller.status.file.path == str(path))
    assert controller.parameters["bypass"] is True
    playing.audio_server.play_file(sound_file)
    wait_until(qtbot, lambda: controller.parameters["bypass"] is False)


@pytest.mark.soak
def test_a_logged_performance_is_replayed(
    controller: ParameterController, sound_file: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    window = MainWindow(controller, WindowSettings(), log=tmp_path / "concert")
    window._begun = True
    qtbot.addWidget(window, before_close_func=MainWindow.stop_and_quit)
    window.show()
    window.status_poller.start()
    window.audio_server.play_file(sound_file)
    wait_until(qtbot, lambda: controller.playing and controller.status.dreams.count > 3)
    controller.change({"mix": 0.5})
    qtbot.wait(500)
    window.status_poller.stop()
    controller.session.stop()
    window.file_jobs.replay_log(tmp_path / "concert", tmp_path / "concert.wav")
    wait_until(qtbot, lambda: not window.file_jobs.jobs.busy)
    assert window.notifications.passing.text.text() == f"Replayed into {tmp_path / 'concert.wav'}."
    sound, rate = soundfile.read(tmp_path / "concert.wav")
    assert rate == 16_000
    assert np.abs(sound).max() > 0.05


def test_the_midi_dialog_lists_learns_and_removes(
    playing: MainWindow, controller: ParameterController, qtbot: QtBot
) -> None:
    playing.dialogs.open("midi")
    dialog = playing.dialogs.dialog("midi")
    assert isinstance(dialog, MidiDialog)
    dialog.mapping.setCurrentIndex(dialog.mapping.findData("korg-nanokontrol2"))
    dialog.mapping.activated.emit(dialog.mapping.currentIndex())
    devices = {dialog.table.item(row, 2).text() for row in range(dialog.table.rowCount())}
    assert devices == {"nanoKONTROL2"}
    titles = [dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())]
    assert "Mix" in titles
    dialog.what.setCurrentIndex(dialog.what.findData("feedback"))
    dialog.learn.click()
    wait_until(qtbot, lambda: dialog.learn.text() == "Stop")
    assert dialog.state.text() == "Move the control that is to turn Feedback."
    assert playing.knobs.knobs["feedback"]._learning
    dialog.learn.click()
    wait_until(qtbot, lambda: dialog.learn.text() == "Learn")
    dialog.learn.click()
    wait_until(qtbot, lambda: dialog.learn.text() == "Stop")
    dialog.reject()  # nobody would know that a control is waited for
    wait_until(qtbot, lambda: dialog.learn.text() == "Learn")
    control = {"kind": "cc", "number": 7}
    controller.session.midi_bind({"control": control, "parameter": "mix"})
    dialog.list_bindings()
    assert dialog.table.item(0, 1).text() == "cc 7"  # what the user made comes first
    rows = dialog.table.rowCount()
    dialog.table.setCurrentCell(0, 0)
    dialog.remove.click()
    assert dialog.table.rowCount() == rows - 1
    titles = [dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())]
    assert "Mix" in titles  # the controller's own line stays


def test_changes_reach_the_audio_server_and_its_preset_is_shown(
    playing: MainWindow, controller: ParameterController, qtbot: QtBot
) -> None:
    playing.top.slot_menu("b")
    playing.slots.load("b", load_preset("no-waiting"))
    controller.change({"morph": 0.25})
    wait_until(qtbot, lambda: controller.status.slots.b.label == "No waiting")
    controller.play_preset("brass-halo")
    wait_until(qtbot, lambda: controller.status.preset == "brass-halo")
    wait_until(qtbot, lambda: controller.parameters["target"] == "Brass")
    wait_until(qtbot, lambda: playing.top.preset.text() == "Brass halo")
    assert controller.parameters["morph"] == 0.0
    playing.history.undo()
    assert (controller.parameters["target"], controller.parameters["morph"]) == ("auto", 0.25)
    wait_until(qtbot, lambda: controller.status.slots.a.label == "empty")
    playing.history.redo()
    assert (controller.parameters["target"], controller.parameters["morph"]) == ("Brass", 0.0)
    wait_until(qtbot, lambda: controller.status.slots.a.label == "Brass halo")
    playing.history.undo()
    playing.actions_["silenced"].trigger()
    assert controller.parameters["silenced"] is True
    playing.actions_["silenced"].trigger()
    playing.actions_["bypass"].trigger()
    assert controller.parameters["bypass"] is True


def test_a_server_that_dies_comes_back_without_keeping_the_window_waiting(
    playing: MainWindow, controller: ParameterController, qtbot: QtBot
) -> None:
    """The restart happens in a thread: the timer polls on while the session waits for it."""
    before = controller.status.pid
    threads: set[int] = set()
    supervise = controller.session.supervise

    def supervise_and_note() -> None:
        threads.add(threading.get_ident())
        supervise()

    controller.session.supervise = supervise_and_note
    os.kill(before, signal.SIGKILL)
    wait_until(qtbot, lambda: controller.status.pid != before)
    wait_until(qtbot, lambda: controller.status.playing)
    wait_until(qtbot, lambda: controller.session.restarts == 1)
    assert threads
    assert threading.get_ident() not in threads
    assert any("started again" in message.text for message in controller.status.messages)


@pytest.mark.soak
def test_what_is_asked_of_a_server_that_hangs_is_done_by_the_next(
    playing: MainWindow, controller: ParameterController
) -> None:
    """The window waits for the answer, and is supervised all the same."""
    hung = controller.status.pid
    os.kill(hung, signal.SIGSTOP)
    controller.play_preset("brass-halo")
    assert controller.session.restarts == 1
    status = controller.session.status()
    assert status is not None
    assert status.pid != hung
    controller.play_preset("no-waiting")
    assert controller.parameters["alignment"] == load_preset("no-waiting").values()["alignment"]


def test_closing_leaves_the_sound_and_a_new_window_joins(
    playing: MainWindow, controller: ParameterController, qtbot: QtBot
) -> None:
    controller.change({"mix": 0.25})
    pid = controller.status.pid
    playing.close()
    os.kill(pid, 0)  # it plays on
    with Session.attach() as session:
        again = MainWindow(ParameterController(session), WindowSettings())
        qtbot.addWidget(again)
        again.show()
        wait_until(qtbot, lambda: again.controller.playing)
        assert again.controller.status.pid == pid
        assert again.knobs.knobs["mix"].text == "0.25"
        wait_until(qtbot, lambda: bool(again.network.view._shown.max(initial=0) > 0.5))
        again.stop_and_quit()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _lives(pid):
        time.sleep(0.05)
    assert not _lives(pid)


def test_killing_the_window_leaves_the_sound(sound_file: Path, tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from innerear.engine.parameter_values import ParameterSet
from innerear.gui.app import application, open_controller
from innerear.gui.main_window import MainWindow
from innerear.gui.state.settings import WindowSettings
made = application()
window = MainWindow(open_controller(ParameterSet(mix=0.4)), WindowSettings())
window._begun = True
window.show()
window.status_poller.polled.connect(lambda now: now and now.playing and print(now.pid, flush=True))
window.status_poller.start()
window.audio_server.play_file(Path({str(sound_file)!r}))
made.exec()
"""
    window = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert window.stdout is not None
    pid = int(window.stdout.readline())
    window.send_signal(signal.SIGKILL)
    window.wait()
    assert _lives(pid)
    with Session.attach() as session:
        status = session.status()
        assert status is not None
        assert (status.pid, session.parameters["mix"]) == (pid, 0.4)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
