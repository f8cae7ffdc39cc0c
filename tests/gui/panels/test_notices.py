"""What is wrong with the sound is said for as long as it is wrong, large and red."""

import pytest
from pytestqt.qtbot import QtBot

from innerear.engine.live.live_status import LiveStatus
from innerear.gui.controls.notification_bar import NotificationBar
from innerear.gui.main_window import MainWindow

from ...waiting import wait_until


def labels(window: MainWindow) -> list[str]:
    return [button.text() for button in window.notifications.standing.buttons]


def test_a_lost_device_is_an_alarm_until_it_is_back(window: MainWindow) -> None:
    notice = window.notifications.standing
    window.notices.show_status(LiveStatus(lost_device="USB card"), recording=False)
    assert notice.isVisible()
    assert notice.property("alarm") is True
    assert notice.text.text().startswith("No sound: USB card has stopped. Connect it")
    assert labels(window) == ["Devices …"]
    before = notice.buttons
    window.notices.show_status(LiveStatus(lost_device="USB card"), recording=False)
    assert notice.buttons is before
    window.notices.show_status(LiveStatus(lost_device="USB card"), recording=True)
    assert "sound and recording go on" in notice.text.text()
    window.notices.show_status(LiveStatus(playing=True), recording=True)
    assert notice.isHidden()
    assert window.notifications.isHidden()


def test_an_audio_server_that_is_gone_can_be_started_by_a_button(
    window: MainWindow, qtbot: QtBot
) -> None:
    started: list[bool] = []
    window.controller.session.start_again = lambda: started.append(True)
    window.status_poller.lost.emit("It cannot be started.")
    assert window.notifications.standing.text.text() == "No sound: It cannot be started."
    window.notifications.standing.buttons[labels(window).index("Start the sound again")].click()
    wait_until(qtbot, lambda: started == [True])
    wait_until(qtbot, window.notifications.isHidden)


def test_a_recording_that_ends_says_why(window: MainWindow) -> None:
    window.recording.recorded.emit("/music/a.flac", 3.0, "The recording stopped: the disk is full")
    notice = window.notifications.passing
    assert notice.property("alarm") is True
    assert "the disk is full" in notice.text.text()
    assert "Recorded 3 s: /music/a.flac" in notice.text.text()
    notice.buttons[-1].click()
    assert notice.isHidden()


def test_what_has_happened_does_not_hide_what_is_wrong(qtbot: QtBot) -> None:
    bar = NotificationBar()
    qtbot.addWidget(bar)
    pressed: list[str] = []
    bar.stand("silent", "nothing plays", {"A": lambda: pressed.append("a")})
    bar.notify("recorded", {"B": lambda: pressed.append("b")})
    bar.standing.buttons[0].click()
    assert not bar.standing.isHidden()
    bar.passing.buttons[0].click()
    assert bar.passing.isHidden()
    assert not bar.standing.isHidden()
    bar.withdraw("lost")
    assert not bar.standing.isHidden()
    bar.withdraw("lost", "silent")
    assert bar.isHidden()
    assert pressed == ["a", "b"]


def test_the_demo_sound_is_offered_while_nothing_plays(window: MainWindow) -> None:
    panel = window.network
    panel.show_status(None, starting=True)
    assert panel.demo.isHidden()
    panel.show_status(None, starting=False)
    assert panel.demo.isVisible()
    panel.show_status(LiveStatus(), starting=False)
    assert panel.demo.isHidden()


def test_a_missing_model_is_added_by_a_button_and_not_by_a_command(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(window.dialogs, "open", opened.append)
    window.controller.attempt(lambda: window.controller.play_preset("birds-answer"))
    notice = window.notifications.passing
    assert notice.isVisible()
    assert "innerear models" not in notice.text.text()
    assert "innerear models" not in window.status_line.message.text()
    notice.buttons[0].click()
    assert opened == ["models"]
    assert notice.isHidden()
