"""The audio server is started on a thread; a failure is reported."""

import pytest
from pytestqt.qtbot import QtBot

from innerear.engine.errors import DeviceError
from innerear.gui.main_window import MainWindow
from innerear.gui.state.parameter_controller import ParameterController


def test_a_missing_sound_device_is_reported_and_the_window_works(
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
