"""The audio server is started on a thread; a failure is reported; an input is asked for first."""

import threading
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from innerear.engine.errors import DeviceError
from innerear.engine.live.live_status import LiveStatus
from innerear.gui.jobs import audio_server_jobs
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController
from innerear.gui.state.settings import WindowSettings, load_settings

from ...waiting import wait_until

DEVICE = {
    "index": 0,
    "name": "card",
    "host_api": "toy",
    "is_default_input": True,
    "is_host_default_input": True,
}


@pytest.fixture
def started(controller: ParameterController, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the session was asked to open, instead of opening it."""
    asked: list[str] = []
    monkeypatch.setattr(controller.session, "start", lambda *_, **__: asked.append("input"))
    return asked


def devices(monkeypatch: pytest.MonkeyPatch, inputs: int) -> None:
    found = [{**DEVICE, "inputs": inputs, "outputs": 2}]
    monkeypatch.setattr(audio_server_jobs, "look_for_devices", lambda: found)


def press(window: MainWindow, label: str) -> None:
    notice = window.notifications.standing
    (button,) = (each for each in notice.buttons if each.text() == label)
    button.click()


def test_a_missing_sound_device_is_reported_and_the_window_works(
    window: MainWindow,
    controller: ParameterController,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def start(*_: object, **__: object) -> None:
        raise DeviceError("No sound output was found.")

    monkeypatch.setattr(controller.session, "start", start)
    window.settings.input_confirmed = True
    window.audio_server.start()
    wait_until(qtbot, window.notifications.isVisible)
    assert window.notifications.standing.text.text().startswith("No sound output was found.")
    controller.change({"mix": 0.3})
    assert window.knobs.knobs["mix"].text == "0.30"


def test_an_input_is_heard_only_after_a_warning_and_only_the_first_time(
    window: MainWindow, started: list[str], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices(monkeypatch, inputs=2)
    window.audio_server.start()
    wait_until(qtbot, window.notifications.isVisible)
    assert "headphones" in window.notifications.standing.text.text()
    assert started == []
    press(window, "Play the input")
    wait_until(qtbot, lambda: started == ["input"])
    wait_until(qtbot, window.notifications.isHidden)
    assert load_settings().input_confirmed
    window.audio_server.start()
    wait_until(qtbot, lambda: started == ["input", "input"])
    assert window.notifications.isHidden()


def test_without_an_input_nobody_is_told_of_headphones(
    window: MainWindow, started: list[str], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices(monkeypatch, inputs=0)
    window.audio_server.start()
    wait_until(qtbot, window.notifications.isVisible)
    assert "No sound input" in window.notifications.standing.text.text()
    labels = [button.text() for button in window.notifications.standing.buttons]
    assert labels == ["Play the demo sound", "Open a sound file …", "Devices …", "Try again"]
    assert started == []


def test_other_devices_are_opened_after_the_warning_too(
    window: MainWindow,
    controller: ParameterController,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Back from a file to the input, the first time."""
    opened: list[object] = []
    devices(monkeypatch, inputs=2)
    monkeypatch.setattr(type(controller), "playing", property(lambda self: True))
    monkeypatch.setattr(controller.session, "open_devices", lambda **wanted: opened.append(wanted))
    window.audio_server.leave_file()
    wait_until(qtbot, window.notifications.isVisible)
    assert opened == []
    press(window, "Play the input")
    wait_until(qtbot, lambda: len(opened) == 1)


def test_a_cancelled_dialog_takes_no_message_away(
    window: MainWindow, started: list[str], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from innerear.gui import main_window

    devices(monkeypatch, inputs=0)
    window.audio_server.start()
    wait_until(qtbot, window.notifications.isVisible)
    asked: list[bool] = []

    def cancel(*_: object) -> tuple[str, str]:
        asked.append(True)
        return "", ""

    monkeypatch.setattr(main_window.QFileDialog, "getOpenFileName", cancel)
    press(window, "Open a sound file …")
    assert asked == [True]
    assert window.notifications.standing.isVisible()
    window.audio_server.played.emit()
    assert window.notifications.isHidden()


def test_the_cue_output_is_kept_whatever_becomes_of_the_other_devices(
    window: MainWindow, started: list[str], qtbot: QtBot
) -> None:
    window.settings.input_confirmed = True
    wanted = WindowSettings(cue_device="Headphones")
    window.audio_server.apply(wanted, lambda: None, lambda line: None)
    assert window.settings.cue_device == "Headphones"
    wait_until(qtbot, lambda: started == ["input"])


def test_who_applies_devices_hears_what_became_of_it(
    window: MainWindow, started: list[str], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices(monkeypatch, inputs=2)
    done, refused = list[str](), list[str]()
    apply = partial(
        window.audio_server.apply, WindowSettings(), lambda: done.append("done"), refused.append
    )
    apply()
    assert refused == [audio_server_jobs.ASK_FIRST]
    wait_until(qtbot, window.notifications.isVisible)
    press(window, "Play the input")
    wait_until(qtbot, lambda: done == ["done"])
    window.audio_server.starting = True
    apply()
    assert refused[1:] == ["The sound is being started; try again in a moment."]


def test_bypass_is_on_for_as_long_as_a_recording_plays(
    window: MainWindow,
    controller: ParameterController,
    started: list[str],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    plays: list[Path] = []

    def open_file(path: Path, *_: object, **__: object) -> None:
        if path.name == "gone.wav":
            raise DeviceError("there is no such file")
        plays.append(path)

    monkeypatch.setattr(controller.session, "start_file", open_file)
    bypass = partial(controller.parameters.switch, "bypass")
    take, second, gone = (tmp_path / f"{name}.wav" for name in ("take", "second", "gone"))
    refused: list[Path] = []
    window.audio_server.file_refused.connect(refused.append)
    window.settings.input_confirmed = True
    for before in (False, True):
        controller.apply({"bypass": before})
        plays.clear()
        window.playback.play(gone)
        assert bypass()
        wait_until(qtbot, lambda: refused == [gone] and bypass() is before)  # noqa: B023
        window.playback.play(take)
        window.playback.play(second)
        for name in (gone, gone):  # what is refused leaves what plays
            window.audio_server.play_file(name)
            window.playback.play(name)
        wait_until(qtbot, lambda: plays == [take, second] and len(refused) == 5)
        assert bypass()
        window.audio_server.play_file(tmp_path / "song.wav")
        wait_until(qtbot, lambda: bypass() is before)  # noqa: B023
        window.playback.play(take)
        wait_until(qtbot, lambda: plays[3:] == [take])
        window.audio_server.leave_file()
        wait_until(qtbot, lambda: bypass() is before)  # noqa: B023
        refused.clear()


def test_what_is_asked_for_last_plays_last(
    window: MainWindow,
    controller: ParameterController,
    started: list[str],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    finish = threading.Event()
    opened: list[str] = started

    def open_file(path: Path, *_: object, **__: object) -> None:
        if path.stem == "long":
            finish.wait(10)
        opened.append(path.stem)

    monkeypatch.setattr(controller.session, "start_file", open_file)
    told: list[Path | None] = []
    window.audio_server.source_changed.connect(told.append)
    window.settings.input_confirmed = True
    long, short = tmp_path / "long.wav", tmp_path / "short.wav"
    window.audio_server.play_file(long)
    window.audio_server.play_file(short)
    window.audio_server.start()
    qtbot.wait(50)
    assert opened == []
    finish.set()
    wait_until(qtbot, lambda: len(told) == 3)
    assert opened == ["long", "short", "input"]
    assert told == [long, short, None]


def test_what_is_asked_for_takes_the_devices_that_were_opened_before_its_turn(
    window: MainWindow,
    controller: ParameterController,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(type(controller), "playing", property(lambda self: True))
    monkeypatch.setattr(controller.session, "status", LiveStatus)
    finish = threading.Event()
    opened: list[object] = []

    def open_devices(output_device: object, **_: object) -> None:
        finish.wait(10)
        opened.append(output_device)

    monkeypatch.setattr(controller.session, "open_devices", open_devices)
    monkeypatch.setattr(
        controller.session, "open_file", lambda path, output, rate: opened.append(output)
    )
    window.settings.input_confirmed = True
    box = WindowSettings(output_device="Box")
    window.audio_server.apply(box, lambda: None, lambda line: None)
    window.audio_server.leave_file()
    window.audio_server.play_file(tmp_path / "take.wav")
    finish.set()
    wait_until(qtbot, lambda: len(opened) == 3)
    assert opened == ["Box", "Box", "Box"]
    wait_until(qtbot, lambda: load_settings().output_device == "Box")


@pytest.mark.parametrize("inputs", [0, 2])
def test_a_search_for_an_input_that_ends_late_asks_for_nothing(
    window: MainWindow,
    controller: ParameterController,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    inputs: int,
) -> None:
    finish, found = threading.Event(), threading.Event()

    def look() -> list[dict[str, object]]:
        finish.wait(10)
        found.set()
        return [{**DEVICE, "inputs": inputs, "outputs": 2}]

    played: list[Path] = []
    monkeypatch.setattr(audio_server_jobs, "look_for_devices", look)
    monkeypatch.setattr(
        controller.session, "start_file", lambda path, *_, **__: played.append(path)
    )
    told: list[object] = []
    window.audio_server.source_changed.connect(told.append)
    window.audio_server.start()
    window.audio_server.play_file(tmp_path / "take.wav")
    wait_until(qtbot, lambda: told == played == [tmp_path / "take.wav"])
    finish.set()
    wait_until(qtbot, found.is_set)
    qtbot.wait(100)
    assert window.notifications.isHidden()


def test_a_file_that_cannot_be_played_answers_no_question(
    window: MainWindow,
    controller: ParameterController,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    finish = threading.Event()

    def look() -> list[dict[str, object]]:
        finish.wait(10)
        return [{**DEVICE, "inputs": 2, "outputs": 2}]

    def refuse(*_: object, **__: object) -> None:
        raise DeviceError("The file is damaged.")

    refused: list[Path] = []
    window.audio_server.file_refused.connect(refused.append)
    monkeypatch.setattr(audio_server_jobs, "look_for_devices", look)
    monkeypatch.setattr(controller.session, "start_file", refuse)
    window.audio_server.start()
    window.audio_server.play_file(tmp_path / "take.wav")
    wait_until(qtbot, lambda: refused == [tmp_path / "take.wav"])
    finish.set()
    wait_until(qtbot, window.notifications.isVisible)
    assert "headphones" in window.notifications.standing.text.text()


def test_a_file_that_opens_while_the_window_closes_does_not_play_on(
    window: MainWindow,
    controller: ParameterController,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    begun, finish = threading.Event(), threading.Event()
    happened: list[str] = []

    def open_file(*_: object, **__: object) -> None:
        begun.set()
        finish.wait(10)
        happened.append("started")

    monkeypatch.setattr(controller.session, "start_file", open_file)
    monkeypatch.setattr(controller.session, "close", lambda: happened.append("closed"))
    window.audio_server.play_file(tmp_path / "take.wav")
    window.audio_server.play_file(tmp_path / "next.wav")
    assert begun.wait(10)
    window.audio_server.leave(stop=False)
    controller.show_message = happened.append  # whoever it belonged to may be gone
    finish.set()
    wait_until(qtbot, lambda: len(happened) == 3)
    qtbot.wait(100)
    assert happened == ["closed", "started", "closed"]
