"""The window as a whole: presets, morph, dialogs, stage, settings, reports."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from innerear.engine.control.presets import available_presets, load_preset
from innerear.engine.control.status import MidiStatus, SlotsStatus, SlotStatus
from innerear.engine.errors import DeviceError
from innerear.engine.live.live_status import BlockTimes, LiveStatus
from innerear.engine.plugin.status import DreamAge, DreamStatus
from innerear.gui.dialogs.devices import DeviceDialog
from innerear.gui.dialogs.models import LessonDialog, ModelManager
from innerear.gui.dialogs.presets import PresetBrowser
from innerear.gui.main_window import MainWindow
from innerear.gui.network.inspector import Inspector
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.state.settings import WindowSettings, load_settings, save_settings, settings_file

LEFT = Qt.MouseButton.LeftButton

STATUS = LiveStatus(
    playing=True,
    sample_rate=48_000,
    block_size=128,
    channels=2,
    latency_samples=960,
    block_ms=BlockTimes(p999=1.0),
    dreams=DreamStatus(9, 2, DreamAge(31.0, 60.0)),
    input="in",
    output="out",
    slots=SlotsStatus(SlotStatus("x", "Ice"), SlotStatus("y", "Fire")),
    preset="brass-halo",
    midi=MidiStatus(
        ports=("nano",),
        quiet_seconds=0.1,
        learning="mix",
        waiting={"step": 0.25},
        clock=True,
        bound=("step",),
    ),
)


def test_the_status_line_says_how_it_goes(window: MainWindow) -> None:
    window._show_status(STATUS)
    line = window.status_line
    assert line.text("latency") == "latency 20.0 ms"
    assert line.text("age") == "dream 31 ms"
    assert line.text("late") == "late 2"
    assert line.text("load") == "load 37 %" or line.text("load") == "load 38 %"
    assert line.text("midi") == "● MIDI 1"
    assert line.text("clock") == "● clock"
    assert line.text("xruns") == "lost 0"


def test_a_warning_has_a_sign_as_well_as_a_colour(window: MainWindow) -> None:
    from dataclasses import replace

    window._show_status(replace(STATUS, xruns=3, block_ms=BlockTimes(p999=2.5)))
    assert window.status_line.text("xruns") == "! lost 3"
    assert window.status_line.text("load") == "! load 94 %"


def test_controllers_are_shown_on_their_knobs(window: MainWindow) -> None:
    window.controller.status = STATUS
    window._show_status(STATUS)
    knobs = window.knobs.knobs
    assert knobs["step"]._hardware == 0.25
    assert knobs["step"]._bound
    assert knobs["mix"]._learning
    assert window.top.morph._names == ("Ice", "Fire")
    assert window.top.preset.text() == "Brass halo"
    window.controller.status = None
    window._show_status(None)
    assert knobs["step"]._hardware is None
    assert not knobs["mix"]._learning


def test_presets_are_found_played_and_saved(
    window: MainWindow, controller: ParameterController
) -> None:
    window.dialogs.open("presets")
    browser = window.dialogs.dialog("presets")
    assert isinstance(browser, PresetBrowser)
    QTest.keyClicks(browser.search, "tunnel")
    shown = [row for row in range(browser.list.count()) if not browser.list.item(row).isHidden()]
    assert len(shown) == 1
    browser.list.setCurrentRow(shown[0])
    QTest.mouseClick(browser.play_button, LEFT)
    wanted = load_preset("tunnel-drone").values()
    assert {id: controller.parameters[id] for id in wanted} == wanted
    controller.change({"mix": 0.25})
    browser.search.clear()
    assert browser.save("My tunnel")
    assert load_preset("my-tunnel").values()["mix"] == 0.25
    assert browser.chosen == "my-tunnel"
    assert browser.delete_button.isEnabled()
    browser.delete()
    assert "my-tunnel" not in available_presets()


def test_keys_step_through_the_presets(window: MainWindow, controller: ParameterController) -> None:
    names = list(available_presets())
    window.actions_["next-preset"].trigger()
    assert controller.preset == names[0]
    window.actions_["next-preset"].trigger()
    assert controller.preset == names[1]
    window.actions_["previous-preset"].trigger()
    assert controller.preset == names[0]


def test_the_morph_goes_from_a_to_b(window: MainWindow, controller: ParameterController) -> None:
    window.top.show_status(None)
    a, b = load_preset("brass-halo"), load_preset("tunnel-drone")
    window.slots.load("a", a)
    window.slots.load("b", b)
    window.top.show_status(None)
    assert window.top.morph._names == (a.title, b.title)
    window.actions_["to-b"].trigger()
    assert controller.parameters["feedback"] == b.values()["feedback"]
    assert window.top.b.isChecked()
    slider = window.top.morph
    QTest.mouseClick(slider, LEFT, pos=QPoint(slider.width() // 2, slider.height() - 8))
    assert controller.parameters["morph"] == pytest.approx(0.5, abs=0.02)
    between = sorted((a.values()["feedback"], b.values()["feedback"]))
    assert between[0] <= controller.parameters["feedback"] <= between[1]
    window.slots.store("a")
    assert window.slots.names()[0] == "now"


def test_without_a_sound_device_it_says_so_and_works_on(
    window: MainWindow,
    controller: ParameterController,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def start(*_: object, **__: object) -> None:
        raise DeviceError("No sound output was found.")

    monkeypatch.setattr(controller.session, "start", start)
    window.audio_server.start()
    qtbot.waitUntil(window.notifications.isVisible)
    assert window.notifications.text.text().startswith("No sound output was found.")
    controller.change({"mix": 0.3})
    assert window.knobs.knobs["mix"].text == "0.30"


def test_a_unit_is_heard(
    window: MainWindow,
    controller: ParameterController,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    played: list[tuple[np.ndarray, int]] = []
    monkeypatch.setattr(
        "innerear.gui.main_window.play_sound",
        lambda sound, rate, device: played.append((sound, rate)),
    )
    window.network.view.unit_opened.emit("conv5", 12)
    assert window.network.inspector.button.text() == "Seeking …"
    qtbot.waitUntil(lambda: bool(played), timeout=60_000)
    qtbot.waitUntil(window.network.inspector.button.isEnabled)
    (sound, rate), pack = played[0], controller.pack
    assert rate == pack.sample_rate
    noise = np.random.default_rng(0).normal(0, sound.std(), pack.window).astype(np.float32)
    heard, before = (
        pack.hear(each)["conv5"][0, 12].mean() for each in (sound[: pack.window], noise)
    )
    assert heard > 2 * before


def test_a_unit_that_cannot_be_played_is_said(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DeviceError("The unit's sound cannot be played: no device.")

    monkeypatch.setattr("innerear.gui.main_window.find_unit_sound", lambda *_: (np.zeros(1), 1))
    monkeypatch.setattr("innerear.gui.main_window.play_sound", fail)
    window.network.inspector.button.click()
    qtbot.waitUntil(lambda: "no device" in window.status_line.message.text())
    assert window.network.inspector.button.isEnabled()


def test_devices_are_applied_without_a_restart(qtbot: QtBot) -> None:
    devices = [
        {"name": "Box", "host_api": "ALSA", "inputs": 2, "outputs": 0},
        {"name": "Speakers", "host_api": "ALSA", "inputs": 0, "outputs": 2},
    ]
    applied: list[WindowSettings] = []

    def apply(settings: WindowSettings, done, failed) -> None:
        applied.append(settings)
        failed("It is in use.")

    dialog = DeviceDialog(WindowSettings(), apply, find=lambda: devices)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.input.count() == 2)
    dialog.input.setCurrentIndex(dialog.input.findData("Box"))
    dialog.rate.setCurrentIndex(dialog.rate.findData(44_100))
    assert dialog.output.findData("Box") < 0
    dialog.apply_button.click()
    assert (applied[0].input_device, applied[0].sample_rate) == ("Box", 44_100)
    assert dialog.words.text() == "It is in use."
    assert dialog.apply_button.isEnabled()


def test_a_model_is_checked_and_another_used(
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
    qtbot.waitUntil(lambda: not manager.jobs.busy, timeout=60_000)
    assert (
        manager.message.text()
        == "samplecnn-digits is intact: its files, its graphs, and what they compute."
    )


def test_a_pack_is_added_and_removed(
    window: MainWindow, qtbot: QtBot, toy_pack: Path, require
) -> None:
    manager = window.dialogs.dialog("models")
    assert isinstance(manager, ModelManager)
    manager.start(do="add-folder", folder=str(toy_pack))
    qtbot.waitUntil(lambda: not manager.jobs.busy, timeout=60_000)
    assert manager.message.text() == "Added toy-tones."
    assert window.top.model.findData("toy-tones") >= 0
    manager.start(do="remove", name="toy-tones")
    qtbot.waitUntil(lambda: not manager.jobs.busy, timeout=60_000)
    assert window.top.model.findData("toy-tones") < 0


def test_what_cannot_be_taught_is_said(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
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
    qtbot.waitUntil(lambda: not manager.jobs.busy, timeout=60_000)
    assert "nowhere" in manager.message.text()


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


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("stage", [False, True])
def test_nothing_overlaps_or_is_cut_off(
    window: MainWindow, size: tuple[int, int], stage: bool
) -> None:
    window.set_stage(stage)
    window.controller.change({"freeze": True, "bypass": True})  # the longest words
    window.resize(*size)
    QApplication.processEvents()
    QApplication.processEvents()
    assert (window.width(), window.height()) == size, "it does not fit"
    for holder in (window.centralWidget(), window.top, window.knobs, window.network):
        shown = [
            child
            for child in holder.findChildren(
                QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
            )
            if child.isVisible()
        ]
        for child in shown:
            assert holder.rect().contains(child.geometry()), child
            assert child.width() >= child.minimumSizeHint().width(), child
        for at, one in enumerate(shown):
            for other in shown[at + 1 :]:
                assert not one.geometry().intersects(other.geometry()), (one, other)


def test_settings_are_kept(window: MainWindow) -> None:
    window.settings.output_device = "Box"
    window.set_stage(True)
    window.close()
    kept = load_settings()
    assert (kept.output_device, kept.stage) == ("Box", True)
    assert kept.geometry


def test_damaged_settings_are_the_defaults() -> None:
    save_settings(WindowSettings(stage=True, channels=2))
    assert load_settings() == WindowSettings(stage=True, channels=2)
    settings_file().write_text(json.dumps({"stage": "yes", "channels": 1, "other": 3}))
    assert load_settings() == WindowSettings(channels=1)
    settings_file().write_text("{")
    assert load_settings() == WindowSettings()


def test_an_error_of_the_program_becomes_a_report(
    window: MainWindow, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    window.crashes.install()
    try:
        problem = ZeroDivisionError("a bug")
        sys.excepthook(ZeroDivisionError, problem, None)
        qtbot.waitUntil(window.crashes.dialog.isVisible)
    finally:
        window.crashes.remove()
    window.crashes.dialog.copy.click()
    report = QApplication.clipboard().text()
    assert "ZeroDivisionError: a bug" in report
    assert "Innerear" in report
    assert "a bug" in capsys.readouterr().err
    assert window.isVisible()


def test_the_session_knows_nothing_of_qt() -> None:
    import subprocess

    code = (
        "import sys, innerear.gui.state.parameter_controller, innerear.gui.state.slots;"
        "import innerear.gui.network.aim, innerear.gui.network.layout;"
        "import innerear.gui.network.picture, innerear.gui.state.settings;"
        "assert not any(name.startswith(('PySide6', 'torch')) for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_views_give_way_on_stage_and_come_back_by_a_key(window: MainWindow) -> None:
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
    assert window.views.history.aimed == {"conv5"}
    controller.change({"target": "conv3/2"})
    assert window.views.history.aimed == {"conv3"}
